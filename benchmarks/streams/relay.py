"""The media process alone: no site, no database; stages are told and tokens signed here."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin
from urllib.request import urlopen

import aiohttp

from benchmarks.served import cpu_s_of_tree
from benchmarks.streams.content import Content
from benchmarks.streams.peers import Publisher, Viewer
from tests.support.paths import ROOT
from tests.support.processes import Server, free_port
from training_app.clock import now
from training_app.media.protocol import CONTROL_SOCKET, PROGRAM, Act, Stage, State, Venue, stage_data
from training_app.signing import Keys
from training_app.streams.tokens import claims_for, signed

OCCASION: Final = "o1"
VENUE: Final = "v1"
SDP: Final = "application/sdp"
TRIES: Final = 40
EVENTS_AT_ONCE: Final = 1000
STAGE: Final = Stage(
    OCCASION, 1, State.ON_AIR, VENUE, (Venue(VENUE, ("l1",), consented=True, recorded=True),), keep_until=None
)


class Unanswered(Exception):
    """The media process refused what a measurement needs; the message is its answer."""


@dataclass
class Relay:
    """A running media process. url: its address."""

    url: str
    folder: Path
    server: Server
    keys: Keys
    refused: int = 0
    _version: int = field(default=1)

    def cpu_s(self) -> float:
        """Seconds of CPU that it has used."""
        return cpu_s_of_tree(self.server.pid)

    def log(self) -> list[str]:
        """The lines it has logged."""
        return self.server.log.read_text(encoding="utf-8", errors="replace").splitlines()

    async def set_stage(self, stage: Stage = STAGE) -> None:
        """It knows the stage, with a version of its own."""
        self._version += 1
        body = stage_data(replace(stage, version=self._version))
        async with self._control() as control:
            answer = await control.put(f"http://media/occasions/{stage.occasion}", json=body)
            await self._check(answer, 200)

    async def figures(self) -> dict[str, Any]:
        """What it measures of the occasion."""
        async with self._control() as control:
            answer = await control.get(f"http://media/occasions/{OCCASION}")
            found: dict[str, Any] = json.loads(await answer.text())
            return found

    async def take_events(self) -> None:
        """What happened is fetched and given up, as the site does it."""
        async with self._control() as control:
            while True:
                answer = await control.get(f"http://media/events?limit={EVENTS_AT_ONCE}")
                found = json.loads(await self._check(answer, 200))
                if not found["events"]:
                    return
                taken = {"spool": found["spool"], "until": found["events"][-1]["number"]}
                await self._check(await control.post("http://media/events/taken", json=taken), 200)

    def token(self, stream: str, act: Act, sub: str) -> str:
        """What the site would sign for `sub`."""
        return signed(claims_for(sub, f"{OCCASION}/{stream}", act, now()), self.keys, now())

    async def publish(self, http: aiohttp.ClientSession, what: Content, stream: str = VENUE) -> Publisher:
        """Somebody who publishes the stream of a venue."""
        publisher = Publisher(what)
        token = self.token(stream, Act.PUBLISH, "l1")
        await publisher.begin(await self._post(http, f"/whip/{OCCASION}/{stream}", token, await publisher.offer()))
        return publisher

    async def watch(self, http: aiohttp.ClientSession, viewer: Viewer, number: int, stream: str = PROGRAM) -> None:
        """The viewer is connected. number: of the person."""
        token = self.token(stream, Act.VIEW, f"p{number}")
        await viewer.accept(await self._post(http, f"/whep/{OCCASION}/{stream}", token, await viewer.offer()))
        await viewer.until_connected()

    async def enter(self, http: aiohttp.ClientSession, stream: str = PROGRAM) -> dict[str, str]:
        """Addresses of HLS, bound to the cookie that the session has from now on."""
        headers = {"Authorization": f"Bearer {self.token(stream, Act.VIEW, 'p1')}"}
        answer = await http.post(f"{self.url}/enter", headers=headers)
        found: dict[str, str] = json.loads(await self._check(answer, 200))
        return {name: urljoin(self.url, address) for name, address in found.items()}

    async def _post(self, http: aiohttp.ClientSession, path: str, token: str, offer: str) -> str:
        """The answer. Who is asked to come again does so."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": SDP}
        for _ in range(TRIES):
            answer = await http.post(self.url + path, data=offer, headers=headers)
            if answer.status not in {409, 503}:
                break
            self.refused += 1
            await asyncio.sleep(0.25)
        return await self._check(answer, 201)

    async def _check(self, answer: aiohttp.ClientResponse, status: int) -> str:
        text = await answer.text()
        if answer.status != status:
            raise Unanswered(f"{answer.method} {answer.url}: {answer.status} {text[:300]}")
        return text

    def _control(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self.folder / CONTROL_SOCKET)))


@contextmanager
def relay(folder: Path, prefix: tuple[str, ...] = (), **settings: str) -> Iterator[Relay]:
    """A media process that answers. prefix: of its command, such as `taskset -c 0`. settings: environment."""
    folder.mkdir(mode=0o700, exist_ok=True)
    keys, moment = Keys(folder / "keys"), now()
    signed(claims_for("p1", f"{OCCASION}/{PROGRAM}", Act.VIEW, moment), keys, moment)  # the pair exists from now on
    port = free_port()
    environ = {
        **{name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TZ") if name in os.environ},
        "DATA_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "HOST": "127.0.0.1",
        "MEDIA_PORT": str(port),
        "RECORDING_RESERVE_GB": "1",
        **settings,
    }
    command = [*prefix, sys.executable, "-m", "training_app.media"]
    server = Server(command, folder / "media.log", environ=environ)
    try:
        server.wait_until(lambda: _answers(port), timeout_s=20)
        yield Relay(f"http://127.0.0.1:{port}", folder, server, keys)
    finally:
        server.stop()


def _answers(port: int) -> bool:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
        return bool(answer.status == HTTPStatus.OK)
    return False

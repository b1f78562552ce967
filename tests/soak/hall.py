"""A hall under stress: publishers, viewers and readers of HLS who come and go at a media process of their own."""

import asyncio
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final

import aiohttp

from benchmarks.streams.content import Content
from benchmarks.streams.peers import Publisher, Viewer
from benchmarks.streams.relay import OCCASION, STAGE, Relay
from training_app.media.protocol import Stage, State, Venue

SYNTHETIC, CAMERA = "v1", "v2"
HALL: Final = replace(
    STAGE,
    program=CAMERA,
    venues=tuple(Venue(name, ("l1",), consented=True, recorded=True) for name in (SYNTHETIC, CAMERA)),
    synthetic=(SYNTHETIC,),
)
PATIENCE_S: Final = 40.0
"""Longer than it takes to find out that somebody has vanished."""
GOES_ON: Final = 40
"""So many more packets show that a stream goes on."""
PART = re.compile(r'#EXT-X-PART:.*URI="([^"]+)"')


class Stuck(AssertionError):
    """What must happen did not; the message says what."""


@dataclass(slots=True)
class Resources:
    """What the process holds at one moment. kib: of memory that is its own."""

    kib: int
    files: int
    threads: int


@dataclass
class Hall:
    """Everybody in it. probe: watches the program all the time, and must never be without it for long."""

    relay: Relay
    http: aiohttp.ClientSession
    what: Content
    random: Random
    seats: int
    probe: Viewer = field(default_factory=lambda: Viewer(is_probe=True))
    viewers: dict[int, Viewer] = field(default_factory=dict)
    publisher: Publisher | None = None
    stage: Stage = HALL
    came: int = 0
    read: int = 0

    async def open(self) -> None:
        """On the air, with a camera, the test picture and the probe."""
        await self.relay.set_stage(self.stage)
        self.publisher = await self.relay.publish(self.http, self.what, CAMERA)
        await self.relay.watch(self.http, self.probe, 1)

    async def turn(self) -> None:
        """Everything that people do, in an order of chance; afterwards the program goes on."""
        acts = [
            self.come,
            self.go,
            self.vanish,
            self.come_again,
            self.publish_again,
            self.switch,
            self.hold,
            self.look_back,
        ]
        acts += [self.talk_nonsense]
        self.random.shuffle(acts)
        for act in acts:
            await act()
        await self.come()
        await self.until_it_goes_on()
        await self.relay.take_events()

    async def come(self) -> None:
        """Until every seat is taken."""
        free = [number for number in range(2, self.seats + 2) if number not in self.viewers]
        await asyncio.gather(*(self._sit_down(number) for number in free))

    async def come_again(self) -> None:
        """With the page opened anew, before the old one was closed."""
        for number in self._some():
            old = self.viewers[number]
            await self._sit_down(number)
            await old.leave()

    async def go(self) -> None:
        """Some leave, as a page that is closed."""
        await asyncio.gather(*(self.viewers.pop(number).leave() for number in self._some()))

    async def vanish(self) -> None:
        """Some are gone without a word."""
        for number in self._some():
            await self.viewers.pop(number).vanish()

    async def publish_again(self) -> None:
        """The camera is lost and comes back, or another takes over from it."""
        before = self.publisher
        if before is not None and self.random.random() < 0.5:
            await before.leave()
        self.publisher = await self.relay.publish(self.http, self.what, CAMERA)
        if before is not None:
            await before.leave()

    async def switch(self) -> None:
        """The program shows the other venue."""
        other = SYNTHETIC if self.stage.program == CAMERA else CAMERA
        await self._set(replace(self.stage, program=other))

    async def hold(self) -> None:
        """The picture is held, and goes on."""
        await self._set(replace(self.stage, state=State.HELD))
        await self._set(replace(self.stage, state=State.ON_AIR))

    async def look_back(self) -> None:
        """Somebody reads the newest parts by HLS, and the list of the recording."""
        places = await self.relay.enter(self.http)
        for name in ("hls", "recording"):
            async with self.http.get(places[name]) as answer:
                listed = await answer.text()
            for part in PART.findall(listed)[-2:]:
                async with self.http.get(places[name].rpartition("/")[0] + f"/{part}") as answer:
                    self.read += len(await answer.read())

    async def talk_nonsense(self) -> None:
        """What no client sends."""
        for body in (b"", b"v=0\r\n" + self.random.randbytes(400), b"v=0\r\nm=video 9 X 96\r\n" * 50):
            for path in ("whip", "whep"):
                token = f"{self.random.randbytes(30).hex()}.media-2026-{'0' * 12}.{'A' * 86}"
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
                address = f"{self.relay.url}/{path}/{OCCASION}/{CAMERA}"
                async with self.http.post(address, data=body, headers=headers) as answer:
                    await answer.read()
                    if answer.status >= 500:
                        raise Stuck(f"nonsense was answered {answer.status}")

    async def until_it_goes_on(self) -> None:
        """The probe gets more of the program. Raises Stuck."""
        before = self._received()
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self._received() < before + GOES_ON:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise Stuck(f"the probe got {self._received() - before} packets and no more") from None

    async def close(self) -> None:
        """Everybody leaves, and the occasion ends."""
        await asyncio.gather(*(viewer.leave() for viewer in [*self.viewers.values(), self.probe]))
        self.viewers.clear()
        if self.publisher:
            await self.publisher.leave()
        await self._set(replace(self.stage, state=State.ENDED))

    async def _sit_down(self, number: int) -> None:
        viewer = Viewer()
        stream = self.random.choice(("program", SYNTHETIC, CAMERA))
        await self.relay.watch(self.http, viewer, number, stream)
        self.viewers[number] = viewer
        self.came += 1

    def _some(self) -> list[int]:
        return self.random.sample(sorted(self.viewers), len(self.viewers) // 4)

    async def _set(self, stage: Stage) -> None:
        self.stage = stage
        await self.relay.set_stage(stage)

    def _received(self) -> int:
        return sum(count.packets for count in self.probe.counts.values())


def resources(pid: int) -> Resources:
    """What the process holds now."""
    folder = Path(f"/proc/{pid}")
    fields = dict(line.split(":", 1) for line in (folder / "status").read_text(encoding="ascii").splitlines())
    kib = int(fields["RssAnon"].split()[0])
    return Resources(kib, len(list((folder / "fd").iterdir())), int(fields["Threads"]))

"""Debian's Janus beside us: a streaming mountpoint, fed with the same packets, with one event loop for all viewers."""

import asyncio
import json
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from benchmarks.served import cpu_s_of_tree
from benchmarks.streams.content import Content, Player
from benchmarks.streams.peers import Viewer
from tests.support.processes import Server, free_port
from training_app.media.flow import Track

FEED: Final = 1
VIDEO_TYPE, AUDIO_TYPE = 96, 111
PLUGINS: Final = (
    "audiobridge",
    "echotest",
    "nosip",
    "recordplay",
    "sip",
    "textroom",
    "videocall",
    "videoroom",
    "voicemail",
)
TRANSPORTS: Final = ("mqtt", "nanomsg", "pfunix", "rabbitmq", "websockets")

GENERAL: Final = """
general: {{ event_loops = 1  debug_level = 3  log_to_stdout = true  session_timeout = 0  configs_folder = "{folder}" }}
nat: {{ nice_debug = false }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
HTTP: Final = """
general: {{ json = "compact"  base_path = "/janus"  http = true  port = {port}  ip = "127.0.0.1"  https = false }}
"""
STREAMING: Final = """
feed: {{
    type = "rtp"  id = {feed}  audio = true  video = true
    audioport = {audio}  audiopt = {audio_type}  audiocodec = "opus"
    videoport = {video}  videopt = {video_type}  videocodec = "h264"
    videofmtp = "profile-level-id=42e01f;packetization-mode=1"
}}
"""


class NoJanus(Exception):
    """There is no Janus to compare with; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Janus:
    """A running Janus. ports: where picture and sound are fed."""

    url: str
    server: Server
    ports: tuple[int, int]

    def cpu_s(self) -> float:
        """Seconds of CPU that it has used."""
        return cpu_s_of_tree(self.server.pid)

    @asynccontextmanager
    async def fed(self, what: Content) -> AsyncIterator[Player]:
        """It gets the content of this player."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as feed:
            ports = dict(zip((Track.VIDEO, Track.AUDIO), self.ports, strict=True))

            async def send(track: Track, data: bytes) -> None:
                feed.sendto(data, ("127.0.0.1", ports[track]))

            player = Player(what, send, (VIDEO_TYPE, AUDIO_TYPE))
            playing = asyncio.create_task(player.play())
            yield player
            playing.cancel()

    async def watch(self, http: aiohttp.ClientSession, viewer: Viewer, _number: int) -> None:
        """The viewer is connected."""
        session = await self._ask(http, "", {"janus": "create"})
        path = f"/{session['data']['id']}"
        handle = await self._ask(http, path, {"janus": "attach", "plugin": "janus.plugin.streaming"})
        own = f"{path}/{handle['data']['id']}"
        await self._ask(http, own, {"janus": "message", "body": {"request": "watch", "id": FEED}})
        offer = await self._event(http, path)
        answer = await viewer.answer_to(offer["jsep"]["sdp"])
        jsep = {"type": "answer", "sdp": answer}
        await self._ask(http, own, {"janus": "message", "body": {"request": "start"}, "jsep": jsep})
        await viewer.until_connected()

    async def _ask(self, http: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
        asked = {"transaction": secrets.token_hex(8), **body}
        async with http.post(f"{self.url}{path}", json=asked) as answer:
            found: dict[str, Any] = json.loads(await answer.text())
        if found["janus"] not in {"success", "ack"}:
            raise NoJanus(f"Janus answered {found}")
        return found

    async def _event(self, http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
        while True:
            async with http.get(f"{self.url}{path}?maxev=1") as answer:
                found: dict[str, Any] = json.loads(await answer.text())
            if "jsep" in found:
                return found
            if found.get("plugindata", {}).get("data", {}).get("error"):
                raise NoJanus(f"Janus answered {found}")


@contextmanager
def janus(folder: Path, prefix: tuple[str, ...] = ()) -> Iterator[Janus]:
    """A Janus that answers. Raises NoJanus when it is not installed and cannot be."""
    command = shutil.which("janus") or _install()
    folder.mkdir(exist_ok=True)
    port, video, audio = free_port(), *_udp_ports()
    plugins = ",".join(f"libjanus_{name}.so" for name in PLUGINS)
    transports = ",".join(f"libjanus_{name}.so" for name in TRANSPORTS)
    (folder / "janus.jcfg").write_text(GENERAL.format(folder=folder, plugins=plugins, transports=transports))
    (folder / "janus.transport.http.jcfg").write_text(HTTP.format(port=port))
    (folder / "janus.plugin.streaming.jcfg").write_text(
        STREAMING.format(feed=FEED, video=video, audio=audio, video_type=VIDEO_TYPE, audio_type=AUDIO_TYPE)
    )
    server = Server([*prefix, command, "-F", str(folder)], folder / "janus.log", environ=dict(os.environ))
    try:
        server.wait_until(lambda: _listens(port), timeout_s=20)
        yield Janus(f"http://127.0.0.1:{port}/janus", server, (video, audio))
    finally:
        server.stop()


def _udp_ports() -> tuple[int, int]:
    """Two ports for UDP that nobody uses."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports[0], ports[1]


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def _install() -> str:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoJanus("Janus is missing. As root: apt-get install --no-install-recommends janus")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("update",), ("install", "-y", "--no-install-recommends", "janus")):
        done = subprocess.run(["apt-get", "-qq", *command], env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoJanus(f"Janus cannot be installed: {done.stderr.strip()[-300:]}")
    subprocess.run(["systemctl", "disable", "--now", "janus"], capture_output=True, check=False)
    return shutil.which("janus") or "janus"

"""Real WebRTC clients of the studio: aiortc on both sides, over HTTP and UDP of this machine."""

import asyncio
import fractions
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import av
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription, rtcrtpreceiver

from tests.media.streaming import Told
from training_app.media.protocol import Act, Claims, Stage, State, Venue
from training_app.media.studio import Studio
from training_app.media.tokens import BadToken

FPS = 20
STAGE = Stage(
    "o1",
    1,
    State.ON_AIR,
    "v1",
    (Venue("v1", ("l1",), consented=True, recorded=True), Venue("v2", ("l2",), consented=True, recorded=True)),
)


@lru_cache
def clip(width: int, height: int) -> list[bytes]:
    """Ten pictures of H.264, the first a keyframe."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = fractions.Fraction(FPS), fractions.Fraction(1, FPS)
    encoder.bit_rate = 300_000
    encoder.profile = "Baseline"
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
    packets = []
    for number in range(10):
        frame = av.VideoFrame(width, height, "gray").reformat(format="yuv420p")
        frame.planes[0].update(bytes((number * 25 + one * 7) % 256 for one in range(frame.planes[0].buffer_size)))
        frame.pts = number
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


class Camera(MediaStreamTrack):
    """Sends a clip over and over."""

    kind = "video"

    def __init__(self, width: int = 160, height: int = 128) -> None:
        super().__init__()
        self._clip = clip(width, height)
        self._number = 0
        self._began = time.monotonic()

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._number / FPS - time.monotonic()))
        packet = av.Packet(self._clip[self._number % len(self._clip)])
        packet.pts, packet.time_base = self._number, fractions.Fraction(1, FPS)
        self._number += 1
        return packet


class Microphone(MediaStreamTrack):
    """Sends packets of Opus that say stereo."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._began = time.monotonic()

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._number / 50 - time.monotonic()))
        packet = av.Packet(b"\xfc" + bytes(50))
        packet.pts, packet.time_base = self._number * 960, fractions.Fraction(1, 48_000)
        self._number += 1
        return packet


@dataclass
class Wire:
    """What a viewer received."""

    connection: RTCPeerConnection
    location: str = ""
    etag: str = ""
    token: str = ""
    sizes: list[tuple[int, int]] = field(default_factory=list)
    sounds: int = 0

    async def has(self, is_true: Callable[[], bool]) -> None:
        """Waits until something holds."""
        await until(is_true)

    async def pictures(self, more: int) -> None:
        """Waits for so many more pictures."""
        wanted = len(self.sizes) + more
        await until(lambda: len(self.sizes) >= wanted)


async def until(is_true: Callable[[], bool], within_s: float = 15.0) -> None:
    """Waits until something holds, and fails when it does not come to pass."""
    async with asyncio.timeout(within_s):
        while not is_true():
            await asyncio.sleep(0.01)


class House:
    """A studio with its HTTP, and those who come."""

    def __init__(self, http: TestClient[Any, Any], studio: Studio, told: Told) -> None:
        self.http = http
        self.studio = studio
        self.told = told
        self._connections: list[RTCPeerConnection] = []

    def connection(self) -> RTCPeerConnection:
        made = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connections.append(made)
        return made

    async def post(self, name: str, path: str, token: str, sdp: str) -> ClientResponse:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        return await self.http.post(f"/{name}/{path}", data=sdp, headers=headers)

    async def publish(self, path: str = "o1/v1", sub: str = "l1", camera: MediaStreamTrack | None = None) -> Wire:
        """A client that publishes."""
        connection = self.connection()
        connection.addTrack(camera or Camera())
        connection.addTrack(Microphone())
        return await self._connect("whip", path, f"publish {sub} {path}", Wire(connection))

    async def watch(self, path: str = "o1/v1", sub: str = "p1", act: str = "view", sound: str = "") -> Wire:
        """A client that watches, and decodes what it sees."""
        connection = self.connection()
        wire = Wire(connection)
        for kind in ("video", "audio"):
            connection.addTransceiver(kind, "recvonly")
        connection.on("track", lambda track: asyncio.ensure_future(_drain(track, wire)))
        return await self._connect("whep", path, f"{act} {sub} {path} {sound}".strip(), wire)

    async def _connect(self, name: str, path: str, token: str, wire: Wire) -> Wire:
        await wire.connection.setLocalDescription(await wire.connection.createOffer())
        response = await self.post(name, path, token, wire.connection.localDescription.sdp)
        assert response.status == 201, await response.text()
        wire.location, wire.etag, wire.token = response.headers["Location"], response.headers["ETag"], token
        await wire.connection.setRemoteDescription(RTCSessionDescription(await response.text(), "answer"))
        return wire

    def set_stage(self, **changes: Any) -> None:
        """The stage with these changes."""
        self.studio.set_stage(replace(STAGE, **changes))

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self._connections))


async def _drain(track: Any, wire: Wire) -> None:
    while True:
        try:
            frame = await track.recv()
        except Exception:  # noqa: BLE001 - whatever ends it
            return
        if track.kind == "audio":
            wire.sounds += 1
        elif isinstance(frame, av.VideoFrame):
            wire.sizes.append((frame.width, frame.height))
        else:
            wire.sizes.append((0, 0))


def verify(token: str) -> Claims:
    """Tokens of tests say in words what they allow: act, sub, path, and a path for the sound."""
    parts = token.split(" ")
    if len(parts) < 3:
        raise BadToken("This is no token.")
    act, sub, path, *sound = parts
    return Claims(sub, path, Act(act), 2_000_000_000, f"jti-{sub}-{path}", "".join(sound))


@asynccontextmanager
async def house(way: Any = None) -> AsyncIterator[House]:
    told = Told()
    receivers: Any = rtcrtpreceiver
    decoder = receivers.get_decoder
    studio = Studio(told, verify)
    app = web.Application()
    studio.add_routes(app)
    if way is not None:
        studio.use(way)
    studio.set_stage(STAGE)
    async with TestClient(TestServer(app)) as http:
        inside = House(http, studio, told)
        try:
            yield inside
        finally:
            await studio.close()
            await inside.close()
            receivers.get_decoder = decoder


def in_house(scenario: Callable[[House], Awaitable[None]], way: Any = None) -> None:
    """Plays a scenario, and leaves nothing running."""

    async def play() -> None:
        async with house(way) as inside:
            await scenario(inside)

    asyncio.run(play())

"""Peers of measurements, on aiortc: viewers for whom the kernel drops the media, probes that count it, publishers."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, cast

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.clock import current_ntp_time
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecCapability, RTCRtpReceiveParameters
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket

from benchmarks.streams.content import Content, Player
from benchmarks.streams.kernel import drop_rtp
from training_app.media.flow import Track

CONNECTED_WITHIN_S: Final = 20.0
REPORT_EVERY_S: Final = 1.0
_SENDER_COUNTERS: Final = "_RTCRtpSender__"

for noisy in ("aioice", "aiortc"):
    logging.getLogger(noisy).setLevel(logging.ERROR)


class NotConnected(Exception):
    """A peer that did not come through; the message says how far it got."""


def _peer() -> tuple[RTCPeerConnection, asyncio.Event]:
    """One without helpers from the internet, and what is set as soon as it is connected or failed."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    settled = asyncio.Event()

    def look() -> None:
        if peer.connectionState in {"connected", "failed"}:
            settled.set()

    peer.on("connectionstatechange", look)
    return peer, settled


async def _until_connected(peer: RTCPeerConnection, settled: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(settled.wait(), CONNECTED_WITHIN_S)
    if peer.connectionState != "connected":
        raise NotConnected(f"a peer is {peer.connectionState}, its transport {peer.iceConnectionState}")


def _transport_of(peer: RTCPeerConnection) -> RTCDtlsTransport:
    transport: RTCDtlsTransport = peer.getTransceivers()[0].receiver.transport
    return transport


@dataclass(slots=True)
class Count:
    """What a viewer got of one stream. begun: number of the first packet; the numbers go on where they wrapped."""

    first: int = 0
    last: int = -1
    packets: int = 0

    def add(self, number: int) -> None:
        """One more packet came."""
        if self.last < 0:
            self.first = self.last = number
        else:
            self.last = max(self.last, self.last + ((number - self.last + 0x8000) % 0x10000) - 0x8000)
        self.packets += 1

    @property
    def lost(self) -> int:
        """Numbers between the first and the last that did not come."""
        return self.last - self.first + 1 - self.packets if self.packets else 0


@dataclass
class Viewer:
    """Somebody who watches. is_probe: gets the media and counts it; for others the kernel drops it."""

    is_probe: bool = False
    counts: dict[int, Count] = field(default_factory=dict)
    picture_at: float | None = None
    """When the first keyframe was whole, on time.perf_counter."""

    def __post_init__(self) -> None:
        self.peer, self._settled = _peer()
        self._reporting: asyncio.Task[None] | None = None
        self._keyframe: int | None = None

    async def offer(self) -> str:
        """Its offer of two streams to receive, the same each time."""
        if self.peer.localDescription:
            return self.peer.localDescription.sdp
        for kind in ("audio", "video"):
            self._disarm(self.peer.addTransceiver(kind, direction="recvonly"))
        await self.peer.setLocalDescription(await self.peer.createOffer())
        self._listen()
        return self.peer.localDescription.sdp

    async def answer_to(self, offer: str) -> str:
        """Its answer to the offer of a server."""
        await self.peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for transceiver in self.peer.getTransceivers():
            self._disarm(transceiver)
        description = await self.peer.createAnswer()
        await self.peer.setLocalDescription(description)
        self._listen()
        return self.peer.localDescription.sdp

    async def accept(self, answer: str) -> None:
        """It goes on with the answer of the server."""
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def until_connected(self) -> None:
        """Raises NotConnected."""
        await _until_connected(self.peer, self._settled)
        self._reporting = asyncio.create_task(self._report())

    async def vanish(self) -> None:
        """It is gone without a word, as a computer that lost its power."""
        for protocol in _transport_of(self.peer).transport._connection._protocols:
            protocol.transport.abort()
            protocol.transport = cast("asyncio.DatagramTransport", _Mute())
        await self.leave()

    async def leave(self) -> None:
        """It watches no more."""
        if self._reporting:
            self._reporting.cancel()
        await self.peer.close()

    def restart(self) -> None:
        """It counts from now on."""
        self.counts.clear()

    def _disarm(self, transceiver: RTCRtpTransceiver) -> None:
        """No thread that decodes stands ready for what is never decoded."""

        async def receive(parameters: RTCRtpReceiveParameters) -> None:
            """Nothing to do."""

        transceiver.receiver.receive = receive  # type: ignore[method-assign]

    def _listen(self) -> None:
        transport = _transport_of(self.peer)
        if self.is_probe:
            transport._handle_rtp_data = self._count  # type: ignore[method-assign]
            return
        for protocol in transport.transport._connection._protocols:
            drop_rtp(protocol.transport.get_extra_info("socket"))

    async def _count(self, data: bytes, arrival_time_ms: int) -> None:  # noqa: ARG002  aiortc names it
        ssrc = int.from_bytes(data[8:12], "big")
        self.counts.setdefault(ssrc, Count()).add(int.from_bytes(data[2:4], "big"))
        if self.picture_at is None:
            self._look_for_keyframe(data)

    def _look_for_keyframe(self, data: bytes) -> None:
        """The first keyframe is whole when the marker of its timestamp came."""
        payload = data[12 + 4 * (data[0] & 15) :]
        if data[0] & 0x10:
            payload = payload[4 + 4 * int.from_bytes(payload[2:4], "big") :]
        kind, stamp = payload[0] & 31, int.from_bytes(data[4:8], "big")
        if kind in {5, 7, 24} or (kind == 28 and payload[1] & 31 == 5):
            self._keyframe = stamp
        if stamp == self._keyframe and data[1] & 0x80:
            self.picture_at = time.perf_counter()

    async def _report(self) -> None:
        """Receiver reports, as every viewer sends them."""
        transport, ssrc = _transport_of(self.peer), secrets.randbits(32)
        await asyncio.sleep(secrets.randbelow(1000) / 1000)
        while True:
            reports = [RtcpReceiverInfo(one, 0, 0, max(0, count.last), 0, 0, 0) for one, count in self.counts.items()]
            with suppress(ConnectionError):
                await transport._send_rtp(bytes(RtcpRrPacket(ssrc, reports)))
            await asyncio.sleep(REPORT_EVERY_S)


class _Mute:
    """A transport that leads nowhere."""

    def sendto(self, _data: bytes, _address: object) -> None:
        """Nothing is sent."""

    def close(self) -> None:
        """It is."""


class _Silent(MediaStreamTrack):
    """A track that never has anything: what is sent goes past the sender."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    async def recv(self) -> Any:
        """Never returns."""
        await asyncio.get_running_loop().create_future()


class Publisher:
    """Somebody who publishes content, and makes a keyframe when asked for one."""

    def __init__(self, what: Content) -> None:
        self._content = what
        self.peer, self._settled = _peer()
        self._playing: asyncio.Task[None] | None = None
        self.player: Player | None = None
        self.keyframes_asked = 0

    async def offer(self) -> str:
        """Its offer of two streams to send."""
        for kind in ("audio", "video"):
            transceiver = self.peer.addTransceiver(_Silent(kind), direction="sendonly")
            transceiver.setCodecPreferences([one for one in RTCRtpSender.getCapabilities(kind).codecs if _is_sent(one)])
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return self.peer.localDescription.sdp

    async def begin(self, answer: str) -> None:
        """It publishes from now on. Raises NotConnected."""
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await _until_connected(self.peer, self._settled)
        audio, video = self.peer.getTransceivers()
        senders = {Track.AUDIO: audio.sender, Track.VIDEO: video.sender}
        transport = _transport_of(self.peer)

        async def send(_track: Track, data: bytes) -> None:
            with suppress(ConnectionError):
                await transport._send_rtp(data)

        types = video._codecs[0].payloadType or 0, audio._codecs[0].payloadType or 0
        player = self.player = Player(self._content, send, types, (video.sender._ssrc, audio.sender._ssrc))
        player.tell = _reports_of(senders)
        video.sender._send_keyframe = lambda: self._make_keyframe(player)  # type: ignore[method-assign]
        self._playing = asyncio.create_task(player.play())

    async def leave(self) -> None:
        """It publishes no more."""
        if self._playing:
            self._playing.cancel()
        await self.peer.close()

    def _make_keyframe(self, player: Player) -> None:
        self.keyframes_asked += 1
        player.skip_to_keyframe()


def _is_sent(codec: RTCRtpCodecCapability) -> bool:
    return codec.mimeType == "audio/opus" or codec.parameters.get("profile-level-id") == "42e01f"


def _reports_of(senders: dict[Track, RTCRtpSender]) -> Callable[[Track, int], None]:
    """Lets the sender reports of aiortc tell what is sent past its senders."""

    def tell(track: Track, timestamp: int) -> None:
        setattr(senders[track], f"{_SENDER_COUNTERS}ntp_timestamp", current_ntp_time())
        setattr(senders[track], f"{_SENDER_COUNTERS}rtp_timestamp", timestamp)

    return tell

"""The way without private names of aiortc: it takes packets out of frames and puts them into frames again.

It costs about twice as much for each viewer and knows no keyframes on demand; it is taken when patchpoints.missing()
names something, so that a newer aiortc is slow here and not silent.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from typing import Any, Final

import av
from aiortc import MediaStreamTrack, rtcrtpreceiver
from aiortc.codecs import get_encoder
from aiortc.codecs.base import Decoder
from aiortc.codecs.h264 import h264_depayload
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from training_app.media import rtp
from training_app.media.fanout import Fanout
from training_app.media.flow import Packet, Track
from training_app.media.paths import VenuePath
from training_app.media.peers import Peer, in_background

log = logging.getLogger(__name__)

MOST_FRAMES: Final = 90
"""Frames that wait for a viewer; when there are more, all are dropped up to the next keyframe."""
_KINDS: Final = {Track.VIDEO: "video", Track.AUDIO: "audio"}
_CODECS: Final = {
    Track.VIDEO: RTCRtpCodecParameters("video/H264", 90_000),
    Track.AUDIO: RTCRtpCodecParameters("audio/opus", 48_000, 2),
}


class _Undecoded(Decoder):
    """Gives frames as they came."""

    def __init__(self, clock: int) -> None:
        self._base = Fraction(1, clock)

    def decode(self, encoded_frame: Any) -> list[Any]:
        """One packet."""
        packet = av.Packet(encoded_frame.data)
        packet.pts, packet.time_base = encoded_frame.timestamp, self._base
        return [packet]


def decode_nothing() -> None:
    """From now on aiortc's receivers give packets, not frames: all of the process."""
    rtcrtpreceiver.get_decoder = lambda codec: _Undecoded(codec.clockRate)  # type: ignore[attr-defined]


class PlainPeer(Peer):
    """One client, by public names only."""

    _has_connected = False

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands, or stood."""
        return self._has_connected

    def receiving(self) -> dict[Track, MediaStreamTrack]:
        """What comes from the client."""
        return {track: one.receiver.track for track, one in self.transceivers.items()}

    def _lightly(self) -> AbstractContextManager[None]:
        return nullcontext()

    def _prepare(self, *, receives: bool) -> None:
        del receives
        self._connection.on("connectionstatechange", self._see)

    def _take_role(self) -> None:
        """As aiortc likes."""

    def _see(self) -> None:
        if self._connection.connectionState == "connected" and not self._has_connected:
            self._has_connected = True
            self.on_ready()


class PlainPublisher:
    """A flow.Source like ingest.Publisher."""

    level_extension = 0

    def __init__(self, peer: PlainPeer, path: VenuePath, sub: str, on_end: Callable[[str], None]) -> None:
        self.peer = peer
        self.path = path
        self.sub = sub
        self._on_end = on_end
        self._is_over = False
        self._readers: list[asyncio.Task[None]] = []
        peer.on_ready = self._start
        peer.on_lost = self.close

    async def answer(self) -> str:
        """The answer to its offer. Raises BadOffer."""
        return await self.peer.answer()

    def ask_keyframe(self) -> None:
        """Aiortc asks by itself when it misses something, and only then."""

    def tick(self, now: float) -> float:  # noqa: ARG002 - as the other way
        """A second has passed; what was lost is not known here."""
        return 0.0

    def close(self, reason: str) -> None:
        """It is sent away, or has left."""
        if self._is_over:
            return
        self._is_over = True
        for reader in self._readers:
            reader.cancel()
        self.path.leave(self, reason)
        self._on_end(reason)
        in_background(self.peer.close())

    def _start(self) -> None:
        self.path.take_over(self, self.sub)
        for track, coming in self.peer.receiving().items():
            self._readers.append(asyncio.get_running_loop().create_task(self._read(track, coming)))

    async def _read(self, track: Track, coming: MediaStreamTrack) -> None:
        encoder, sequence = get_encoder(_CODECS[track]), 0
        try:
            while True:
                packet: Any = await coming.recv()
                payloads, timestamp = encoder.pack(packet)
                for payload in payloads:
                    sequence = sequence + 1 & 0xFFFF
                    one = rtp.Rtp(
                        rtp.PAYLOAD_TYPES[track],
                        payload is payloads[-1],
                        sequence,
                        timestamp & 0xFFFFFFFF,
                        int(track),
                        payload,
                    )
                    self.path.receive(self, track, rtp.written(one), time.time())
        except MediaStreamError:
            self.close("lost")


class _Frames(MediaStreamTrack):
    """A flow.Sink whose packets aiortc sends, a frame at a time."""

    def __init__(self, track: Track) -> None:
        self.kind = _KINDS[track]
        super().__init__()
        self._track = track
        self._payloads: list[bytes] = []
        self._timestamp: int | None = None
        self._at = 0
        self._waits_for_keyframe = track is Track.VIDEO
        self._frames: asyncio.Queue[Any] = asyncio.Queue(MOST_FRAMES)

    async def recv(self) -> Any:
        """The next frame."""
        return await self._frames.get()

    def take(self, packet: Packet) -> None:
        """One more packet; a frame is whole with its last."""
        if packet.track is not self._track:
            return
        if packet.starts_keyframe:
            self._waits_for_keyframe = False
        if self._waits_for_keyframe:
            return
        self._payloads.append(rtp.read(packet.data).payload)
        if packet.marker or packet.track is Track.AUDIO:
            self._finish(packet.timestamp)

    def set_clock(self, track: Track, timestamp: int, at: float) -> None:
        """Aiortc tells times by itself."""

    def cut(self) -> None:
        """What is not whole is left out."""
        self._payloads = []
        self._waits_for_keyframe = self._track is Track.VIDEO

    def _finish(self, timestamp: int) -> None:
        payloads, self._payloads = self._payloads, []
        try:
            data = b"".join(map(h264_depayload, payloads)) if self._track is Track.VIDEO else payloads[0]
        except ValueError:
            return
        step = 0 if self._timestamp is None else (timestamp - self._timestamp) & 0xFFFFFFFF
        self._timestamp, self._at = timestamp, self._at + step
        frame = av.Packet(data)
        frame.pts, frame.time_base = self._at, Fraction(1, int(self._track))
        if self._frames.full():
            self.cut()
            while not self._frames.empty():
                self._frames.get_nowait()
        else:
            self._frames.put_nowait(frame)


class PlainViewer:
    """A client that watches, like viewers.Viewer."""

    def __init__(self, peer: PlainPeer, fanouts: dict[Track, Fanout], on_end: Callable[[str], None]) -> None:
        self.peer = peer
        self.watched_s = 0.0
        self.on_ready: Callable[[], None] = lambda: None
        self._outlets = {track: one.outlet for track, one in fanouts.items() if track in peer.transceivers}
        self._frames = {track: _Frames(track) for track in self._outlets}
        self._on_end = on_end
        self._is_over = False
        self._seen = -1
        self._ticked_at: float | None = None
        peer.on_ready = self._start
        peer.on_lost = self.close
        for track, frames in self._frames.items():
            peer.transceivers[track].sender.replaceTrack(frames)

    @property
    def is_seated(self) -> bool:
        """Whether its connection stands."""
        return self.peer.is_connected and not self._is_over

    async def answer(self) -> str:
        """The answer to its offer. Raises BadOffer."""
        return await self.peer.answer()

    def close(self, reason: str) -> None:
        """It watches no more."""
        if self._is_over:
            return
        self._is_over = True
        for track, frames in self._frames.items():
            self._outlets[track].remove(frames)
        self._on_end(reason)
        in_background(self.peer.close())

    def tick(self, now: float) -> None:
        """A second has passed: what it saw is counted."""
        main = Track.VIDEO if Track.VIDEO in self._outlets else Track.AUDIO
        seen = self._outlets[main].sent[main].frames
        if self.is_seated and self._ticked_at is not None and seen != self._seen:
            self.watched_s += now - self._ticked_at
        self._seen, self._ticked_at = seen, now

    def _start(self) -> None:
        self.on_ready()
        if not self._is_over:
            for track, frames in self._frames.items():
                self._outlets[track].add(frames)
                self._outlets[track].ask_keyframe()

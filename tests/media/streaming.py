"""Streams for tests without a network: packets of a pretended encoder, sources that note what they are asked."""

from dataclasses import dataclass, field
from typing import Any

from training_app.media.flow import Packet, Track
from training_app.media.paths import Stream, VenuePath
from training_app.media.protocol import Kind
from training_app.media.rtp import Rtp, written

SPS = bytes.fromhex("6742c01fda0280f6c044000003000400000300f03c60c920")
"""Constrained Baseline, 640x480, as libx264 writes it."""
KEYFRAME = b"\x78" + len(SPS).to_bytes(2, "big") + SPS + b"\0\5" + bytes.fromhex("68ce3c80aa")
IDR = bytes.fromhex("6588843f")
P_SLICE = bytes.fromhex("41e0ff00")
B_SLICE = bytes.fromhex("01a8ff00")
STEREO, MONO = b"\xfc" + bytes(40), b"\xf8" + bytes(40)


@dataclass(eq=False)
class Encoder:
    """A flow.Source whose numbers begin anywhere."""

    sequence: int = 7_000
    timestamp: int = 4_294_960_000
    asked: int = 0
    closed: list[str] = field(default_factory=list)
    ssrc: int = 5

    def ask_keyframe(self) -> None:
        self.asked += 1

    def close(self, reason: str) -> None:
        self.closed.append(reason)

    def frame(self, *payloads: bytes) -> list[bytes]:
        """The packets of the next picture."""
        self.timestamp = self.timestamp + 3_000 & 0xFFFFFFFF
        return [self._packet(102, one, is_last=one is payloads[-1]) for one in payloads]

    def sound(self, payload: bytes = STEREO) -> bytes:
        return self._packet(111, payload, is_last=False)

    def _packet(self, payload_type: int, payload: bytes, *, is_last: bool) -> bytes:
        self.sequence = self.sequence + 1 & 0xFFFF
        return written(Rtp(payload_type, is_last, self.sequence, self.timestamp, self.ssrc + payload_type, payload))

    def send(self, path: VenuePath, *payloads: bytes, at: float = 1000.0) -> None:
        """One picture is received by the path."""
        for data in self.frame(*payloads):
            path.receive(self, Track.VIDEO, data, at)


@dataclass(eq=False)
class Kept:
    """A flow.Sink that keeps what it takes; a cut is None."""

    taken: list[Packet | None] = field(default_factory=list)
    clocks: list[tuple[Track, int, float]] = field(default_factory=list)

    def take(self, packet: Packet) -> None:
        self.taken.append(packet)

    def set_clock(self, track: Track, timestamp: int, at: float) -> None:
        self.clocks.append((track, timestamp, at))

    def cut(self) -> None:
        self.taken.append(None)

    @property
    def payloads(self) -> list[bytes | None]:
        return [None if one is None else one.data[12:] for one in self.taken]

    @property
    def packets(self) -> list[Packet]:
        return [one for one in self.taken if one is not None]


@dataclass
class Told:
    """Keeps what is emitted."""

    events: list[tuple[Kind, str, str, Any]] = field(default_factory=list)

    def __call__(self, kind: Kind, path: str, sub: str, details: Any) -> None:
        self.events.append((kind, path, sub, dict(details)))

    @property
    def kinds(self) -> list[Kind]:
        return [one[0] for one in self.events]


def attached(stream: Stream, *, before_gate: bool = False) -> Kept:
    kept = Kept()
    stream.attach(kept, before_gate=before_gate)
    return kept

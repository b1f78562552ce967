"""How a stream flows through the media process: who publishes, what a path does, who takes.

A *source* hands RTP packets to a path. The path numbers them anew, so that its own sequence numbers, timestamps and
SSRC go on over every publisher, and gives them to its *sinks*: the fan-out to viewers, the segmenter, the program.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Track(IntEnum):
    """Picture or sound of a path, with its clock in Hz."""

    VIDEO = 90_000
    AUDIO = 48_000


@dataclass(frozen=True, slots=True)
class Packet:
    """An RTP packet of a path, with the path's own numbers. data: whole, as it goes to viewers.

    timestamp: of `track`'s clock, 32 bits. arrived: seconds UTC. starts_keyframe: from here a decoder can begin.
    """

    track: Track
    data: bytes
    sequence: int
    timestamp: int
    marker: bool
    arrived: float
    starts_keyframe: bool = False


class Sink(Protocol):
    """Takes what a path carries, on the event loop, and never waits. Packets may be missing, late or out of order."""

    def take(self, packet: Packet) -> None:
        """One more packet. What it raises is logged and does not stop the path."""

    def set_clock(self, track: Track, timestamp: int, at: float) -> None:
        """The publisher said: this timestamp was at that moment (seconds UTC of its own clock)."""

    def cut(self) -> None:
        """The stream stops here: held, ended or its publisher gone. What comes later is a new beginning."""


class Source(Protocol):
    """Somebody who publishes on a path."""

    def ask_keyframe(self) -> None:
        """A keyframe is wanted soon. Whoever cannot make one ignores it."""

    def close(self, reason: str) -> None:
        """It is sent away, as another took its place or nobody may publish any more."""


class Path(Protocol):
    """One stream, as sources and sinks see it. name: `o12/v3`."""

    @property
    def name(self) -> str:
        """Its name."""

    def take_over(self, source: Source, sub: str) -> None:
        """From now on `source` publishes; an earlier one is closed."""

    def receive(self, source: Source, track: Track, data: bytes, arrived: float) -> None:
        """A decrypted RTP packet of `source`, with the source's own numbers. Ignored when it does not publish here."""

    def receive_clock(self, source: Source, track: Track, timestamp: int, at: float) -> None:
        """A sender report of `source`: this timestamp (of its own numbers) was at that moment, seconds UTC."""

    def leave(self, source: Source, reason: str) -> None:
        """`source` publishes no more."""

    def attach(self, sink: Sink, *, before_gate: bool = False) -> None:
        """`sink` takes from now on what goes out; with `before_gate` also what is not on the air (hosts)."""

    def detach(self, sink: Sink) -> None:
        """`sink` takes nothing any more."""

    def ask_keyframe(self) -> None:
        """Passed on to the source, not more often than it can bear."""

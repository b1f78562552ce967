"""What a stream is cut into: segments that begin with a keyframe where they can, and their parts."""

from dataclasses import dataclass, field
from typing import Final, Protocol

PART_S: Final = 0.5
"""A part is this long at most, unless a single picture lasts longer."""


@dataclass(frozen=True, slots=True)
class Part:
    """A fragment. is_independent: it begins with a keyframe."""

    data: bytes
    seconds: float
    is_independent: bool


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a segment begins. init: what stands before its fragments. at: its first picture, seconds UTC.

    is_new: it does not go on from the one before. is_kept: it may be recorded.
    """

    init: bytes
    at: float
    is_new: bool
    is_kept: bool


class Segments(Protocol):
    """Takes segments as they grow."""

    def begin(self, beginning: Beginning) -> None:
        """A segment begins; the one before has ended."""

    def add(self, part: Part) -> None:
        """It has one more part."""

    def end(self) -> None:
        """It has all its parts."""


@dataclass(slots=True)
class Segment:
    """A segment as it is served. number, init: those of its files. The rest as in `Beginning`."""

    number: int
    init: int
    at: float
    is_new: bool
    is_kept: bool
    parts: list[Part] = field(default_factory=list)
    is_open: bool = True

    @property
    def seconds(self) -> float:
        """How long it is, so far."""
        return sum(part.seconds for part in self.parts)

    @property
    def data(self) -> bytes:
        """Its file, so far."""
        return b"".join(part.data for part in self.parts)

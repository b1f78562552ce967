"""What stands in a file of fragments, also when whoever wrote it was killed in the middle of one."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from training_app.media.boxes import VIDEO
from training_app.media.flow import Track
from training_app.media.protocol import Unreadable


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole fragments at the front of a file. size: bytes. seconds: how long their pictures last."""

    size: int
    seconds: float


def whole_part(content: bytes) -> Whole:
    """How much of the content is whole fragments, as `boxes.fragment` wrote them; what is torn comes after."""
    size = ticks = pending = 0
    try:
        for kind, start, end in _boxes(content, 0, len(content)):
            if kind == b"moof":
                pending = _duration_of(content, start, end)
            elif kind == b"mdat":
                size, ticks, pending = end, ticks + pending, 0
    except (Unreadable, struct.error):
        pass  # the torn end
    return Whole(size, ticks / Track.VIDEO)


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of what it holds, end of each box."""
    while start < end:
        length, kind = struct.unpack_from(">L4s", content, start)
        if length < 8 or start + length > end:
            raise Unreadable("a box is cut off")
        yield kind, start + 8, start + length
        start += length


def _duration_of(content: bytes, start: int, end: int) -> int:
    """How long the pictures of a fragment last, of 90 kHz."""
    for kind, inside, until in _boxes(content, start, end):
        if kind != b"traf":
            continue
        is_video = False
        for inner, at, _ in _boxes(content, inside, until):
            if inner == b"tfhd":
                is_video = struct.unpack_from(">L", content, at + 4)[0] == VIDEO
            elif inner == b"trun" and is_video:
                (count,) = struct.unpack_from(">L", content, at + 4)
                return sum(struct.unpack_from(">L", content, at + 12 + 16 * number)[0] for number in range(count))
    return 0

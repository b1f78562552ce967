"""The last seconds of a stream, in memory: what players on the air ask for, and those who wait for more."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from training_app.media import playlist
from training_app.media.segments import Beginning, Part, Segment

LENGTH_S: Final = 30.0
"""Players that fell behind less find all they lack."""
_PARTS_KEPT: Final = playlist.WITH_PARTS + 2
"""Segments whose parts can still be fetched: one more than is listed, for who read the playlist a moment ago."""


class Window:
    """A stream on the air. first: the number of its next segment. first_init: of the next init segment.

    breaks: how often something new began before, as players tell stretches apart by their count.
    """

    def __init__(self, first: int = 0, first_init: int = 0, breaks: int = 0) -> None:
        self.segments: deque[Segment] = deque()
        self.upcoming = first
        self.is_over = False
        self.published_s = 0.0
        """How much was ever put here, in seconds."""
        self._next_init = first_init
        self._inits: dict[int, bytes] = {}
        self._breaks_before = breaks
        self._waiting: set[asyncio.Future[None]] = set()
        self._text: bytes | None = None

    def begin(self, beginning: Beginning) -> Segment:
        """A segment begins."""
        number = next((one for one, init in self._inits.items() if init == beginning.init), None)
        if number is None:
            number, self._next_init = self._next_init, self._next_init + 1
            self._inits[number] = beginning.init
        segment = Segment(self.upcoming, number, beginning.at, beginning.is_new, beginning.is_kept)
        self.upcoming += 1
        self.segments.append(segment)
        self._drop_old()
        return segment

    def add(self, part: Part) -> None:
        """The open segment has one more part."""
        self.segments[-1].parts.append(part)
        self.published_s += part.seconds
        self._changed()

    def end(self) -> None:
        """It is complete."""
        self.segments[-1].is_open = False
        self._changed()

    def finish(self) -> None:
        """Nothing comes any more."""
        self.is_over = True
        self._changed()

    def text(self) -> bytes:
        """The playlist as it is now."""
        if self._text is None:
            segments = [segment for segment in self.segments if segment.parts]
            upcoming = self.upcoming - (len(self.segments) - len(segments))
            self._text = playlist.live(
                segments, upcoming=upcoming, breaks_before=self._breaks_before, is_over=self.is_over
            ).encode()
        return self._text

    def has(self, number: int, place: int | None) -> bool:
        """Whether the playlist lists this part, or a later one; without place: the whole segment."""
        if self.is_over or not self.segments or number > self.segments[-1].number:
            return self.is_over
        asked, last = self.segment(number), self.segments[-1]
        if asked is None:
            return True
        if place is None or place < len(asked.parts):
            return place is not None or not asked.is_open
        return number < last.number and (last.parts != [] or number < last.number - 1)

    def is_far(self, number: int) -> bool:
        """Whether nobody who read the playlist would ask for this segment yet."""
        return number > self.upcoming + 1

    def part(self, number: int, place: int) -> bytes | None:
        """A part that is there."""
        segment = self.segment(number)
        return segment.parts[place].data if segment and place < len(segment.parts) else None

    def segment(self, number: int) -> Segment | None:
        """A segment that is there."""
        place = number - self.segments[0].number if self.segments else -1
        return self.segments[place] if 0 <= place < len(self.segments) else None

    def init(self, number: int) -> bytes | None:
        """An init segment that was needed here."""
        return self._inits.get(number)

    async def wait(self, is_there: Callable[[], bool], timeout_s: float) -> bool:
        """Whether it became true in time; looked at with each change."""
        until = asyncio.get_running_loop().time() + timeout_s
        while not is_there():
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait_for(future, left)
            except TimeoutError:
                return is_there()
            finally:
                self._waiting.discard(future)
        return True

    def _changed(self) -> None:
        self._text = None
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def _drop_old(self) -> None:
        newest = self.segments[-1].at
        while len(self.segments) > _PARTS_KEPT and newest - self.segments[0].at > LENGTH_S:
            gone = self.segments.popleft()
            self._breaks_before += self.segments[0].is_new
            still = {segment.init for segment in self.segments}
            if gone.init not in still:
                del self._inits[gone.init]

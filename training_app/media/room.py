"""Room on the disk: recordings leave a reserve, so that answers of examinations can always be written."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

HOURLY: Final = round(1_700_000 / 8 * 3600)
"""Bytes of an hour of one stream, 720p with sound, as publishers are asked to send."""
_AGAIN: Final = 1 << 30
"""More than the reserve must be free before recording goes on."""
_EVERY_S: Final = 1.0
_AFTER_FAULT_S: Final = 60.0


class Room:
    """The disk of `folder`. changed: called with whether there is enough, when that has changed."""

    def __init__(
        self,
        folder: Path,
        reserve: int,
        changed: Callable[[bool], None],
        *,
        free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self.reserve = reserve
        self._changed = changed
        self._free = free
        self._clock = clock
        self._is_enough = True
        self._look_at = 0.0

    def is_enough(self) -> bool:
        """Whether anything may be recorded now."""
        now = self._clock()
        if now >= self._look_at:
            self._look_at = now + _EVERY_S
            try:
                free = self.free()
            except OSError:
                free = 0
            self._set(free > self.reserve + (0 if self._is_enough else min(_AGAIN, self.reserve)))
        return self._is_enough

    def fail(self) -> None:
        """Something could not be written: nothing is tried for a while."""
        self._look_at = self._clock() + _AFTER_FAULT_S
        self._set(False)

    def free(self) -> int:
        """Bytes that are free."""
        return self._free(self._folder)

    def hours(self) -> float:
        """How many hours of one stream fit before the reserve."""
        return max(0, self.free() - self.reserve) / HOURLY

    def _set(self, is_enough: bool) -> None:
        if is_enough != self._is_enough:
            self._is_enough = is_enough
            self._changed(is_enough)

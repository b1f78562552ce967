"""Events wait here until the site has them: numbered, on the disk before anybody is told, each delivered at least once.

A segment is a file named by the number of its first event, with a line of JSON for each. A new one begins at each start
and after so many events; one whose events were all taken is deleted. A line that a kill tore is no event.
"""

import asyncio
import json
import logging
import os
import re
import secrets
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from training_app import clock
from training_app.media.keeping import keep
from training_app.media.protocol import Event, Kind, Unreadable, event_from, event_line

log = logging.getLogger("training_app.media")

SEGMENT: Final = re.compile(r"(?P<first>[0-9]{12})\.jsonl")
NAME: Final = "name"
LONGEST_SEGMENT: Final = 5000


class Spool:
    """The events of one DATA_DIR. folder: made when it is not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self.name = _name_of(folder)
        self._waiting: deque[Event] = deque()
        self._unwritten: list[Event] = []
        self._next = 1
        self._recall()
        self._begin_segment()
        self._work = asyncio.Event()
        self._turn = asyncio.Lock()
        self._is_closing = False

    def emit(self, kind: Kind, path: str, sub: str = "", details: Mapping[str, Any] | None = None) -> None:
        """It happened now. It is told to others once it is on the disk."""
        self._unwritten.append(Event(self.name, self._next, clock.now(), kind, path, sub, dict(details or {})))
        self._next += 1
        self._work.set()

    def waiting(self, most: int) -> Sequence[Event]:
        """The oldest events that nobody took, in their order."""
        return [event for event, _ in zip(self._waiting, range(most), strict=False)]

    @property
    def length(self) -> int:
        """How many wait."""
        return len(self._waiting) + len(self._unwritten)

    def take(self, spool: str, until: int) -> int:
        """How many were given up: those of this spool up to that number."""
        taken = 0
        while spool == self.name and self._waiting and self._waiting[0].number <= until:
            self._waiting.popleft()
            taken += 1
        for path, following in self._segments():
            if following is not None and following <= until + 1 and spool == self.name:
                path.unlink(missing_ok=True)
        return taken

    async def flush(self) -> None:
        """All that was emitted so far is on the disk, or the disk is full."""
        await self._write_some()

    async def run(self) -> None:
        """Writes what is emitted, all that came meanwhile at once, until it is closed."""
        while not (self._is_closing and not self._unwritten):
            await self._work.wait()
            self._work.clear()
            await self._write_some()

    async def _write_some(self) -> None:
        async with self._turn:
            await self._write_all_there_is()

    async def _write_all_there_is(self) -> None:
        batch = list(self._unwritten)
        if not batch:
            return
        try:
            await asyncio.to_thread(self._write, batch)
        except OSError:
            # a full disk: they stay in memory and go out from there
            log.exception("events cannot be kept on the disk")
        self._waiting.extend(batch)
        del self._unwritten[: len(batch)]
        if not self._unwritten and self._next - self._first >= LONGEST_SEGMENT:
            self._begin_segment()

    def _write(self, batch: Sequence[Event]) -> None:
        with self._segment.open("ab") as file:
            file.write("".join(f"{event_line(event)}\n" for event in batch).encode())
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """`run` ends when all is written."""
        self._is_closing = True
        self._work.set()

    def _begin_segment(self) -> None:
        self._first = self._next
        self._segment = self._folder / f"{self._first:012}.jsonl"
        # what stands there under this name is a line that a kill tore
        self._segment.write_bytes(b"")

    def _segments(self) -> list[tuple[Path, int | None]]:
        """Files in their order, each with the first number of the following one."""
        paths = sorted(path for path in self._folder.iterdir() if SEGMENT.fullmatch(path.name))
        firsts = [int(path.stem) for path in paths]
        return list(zip(paths, [*firsts[1:], None], strict=False))

    def _recall(self) -> None:
        """What an earlier process left, and the number after the last."""
        for path, _ in self._segments():
            self._next = max(self._next, int(path.stem))
            for line in path.read_bytes().splitlines():
                with suppress(ValueError, Unreadable, AttributeError):
                    event = event_from(json.loads(line))
                    self._waiting.append(event)
                    self._next = max(self._next, event.number + 1)


def _name_of(folder: Path) -> str:
    """What tells this spool from every other there ever was, made once."""
    path = folder / NAME
    with suppress(FileNotFoundError):
        found = path.read_text(encoding="ascii").strip()
        if found:
            return found
    name = secrets.token_hex(8)
    keep(path, f"{name}\n".encode())
    return name

"""A recording on disk: a file for each segment, growing by whole parts, the init segments, and the index.

Writing happens in one thread beside the event loop, in order. What was written when the process was killed is read
again up to the last whole part.
"""

import contextlib
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from training_app.media import index
from training_app.media.index import Index
from training_app.media.reading import whole_part
from training_app.media.segments import Part, Segment

log = logging.getLogger(__name__)

_MOST_WAITING: Final = 64 << 20
"""Bytes that may wait for the disk; more, and the disk is too slow to record."""
_TOLD_AT_ONCE: Final = 1000
"""Segments that are not kept need a line of the index only so often."""
_LOOKED_AT: Final = 32
"""Last segments whose files are looked at when a recording is opened: what a power cut may have cost."""


class Writing:
    """Writes for all recordings, one thing after the other. call: brings a call back to the event loop."""

    def __init__(self, call: Callable[[Callable[[], None]], object]) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="recording")
        self._call = call
        self.waiting = 0
        """Bytes that are not written yet."""
        self._is_closed = False

    def do(self, write: Callable[[], Any], size: int, done: Callable[[Any, OSError | None], None]) -> None:
        """`write` is called in the thread, then `done` in the event loop with what it returned or its fault."""
        if self._is_closed:
            return
        if self.waiting + size > _MOST_WAITING:
            done(None, OSError("the disk is too slow"))
            return
        self.waiting += size

        def back(found: Any, fault: OSError | None) -> None:
            self.waiting -= size
            done(found, fault)

        def run() -> None:
            found, fault = None, None
            try:
                found = write()
            except OSError as error:
                fault = error
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._call(lambda: back(found, fault))

        self._pool.submit(run)

    def close(self) -> None:
        """All that waits is written first; nothing is taken any more."""
        self._is_closed = True
        self._pool.shutdown(wait=True)


class Shelf:
    """The recording of one path in its folder. fault: called once when something cannot be written."""

    def __init__(self, folder: Path, path: str, writing: Writing, fault: Callable[[OSError], None]) -> None:
        self.folder = folder
        self.index = opened(folder)
        self.is_empty = not self.index.rows
        """Whether nothing was ever begun to be recorded, or it was deleted."""
        self._path = path
        self._writing = writing
        self._fault = fault
        self._digest = hashlib.sha256()
        self._size = 0
        self._inits: set[int] = set()
        self._told = (-1, False)
        self._told_until = 0
        self._failed: set[int] = set()

    def begin(self, segment: Segment, init: bytes, epoch: float) -> None:
        """The segment begins; of one that is not to be kept only that it was there is written down."""
        until = segment.number if segment.is_kept else segment.number + _TOLD_AT_ONCE
        told = (segment.init, segment.is_kept)
        if not segment.is_kept and not segment.is_new and told == self._told and segment.number <= self._told_until:
            return
        self._told, self._told_until = told, until
        lines = [index.begins(segment, until)]
        if self.index.epoch is None:
            lines.insert(0, index.recording(self._path, epoch))
            self.index.epoch = epoch
        name = f"init{segment.init}.mp4" if segment.is_kept and segment.init not in self._inits else ""
        self.is_empty &= not segment.is_kept
        if name:
            self._inits.add(segment.init)
        self._digest, self._size = hashlib.sha256(), 0

        def write() -> None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            if name:
                _replace(self.folder / name, init)
            _add_lines(self.folder, lines)

        self._do(segment, write, len(init), lines)

    def add(self, segment: Segment, part: Part) -> None:
        """The segment's file grows by this part."""
        if not self._is_kept(segment):
            return
        self._digest.update(part.data)
        self._size += len(part.data)
        path = self.folder / f"seg{segment.number}.m4s"

        def write() -> None:
            with path.open("ab") as file:
                file.write(part.data)

        self._do(segment, write, len(part.data), [])

    def end(self, segment: Segment) -> None:
        """The segment's file is complete, and the recording has one more."""
        if not self._is_kept(segment) or not self._size:
            return
        lines = [index.ends(segment.number, segment.seconds, self._size, self._digest.hexdigest())]
        self._do(segment, lambda: _add_lines(self.folder, lines), 0, lines)

    def finish(self, reason: str, done: Callable[[str], None]) -> None:
        """The recording is over for now; `done` gets the SHA-256 of its index, which holds those of all segments."""
        line = {"over": reason}

        def write() -> str:
            _add_lines(self.folder, [line])
            return hashlib.sha256((self.folder / index.NAME).read_bytes()).hexdigest()

        def written(found: Any, fault: OSError | None) -> None:
            self.index.tell(line)
            done(found if fault is None else "")

        self._writing.do(write, 0, written)

    def delete(self, done: Callable[[], None]) -> None:
        """Nothing is left of it."""
        self.index = Index()
        self.is_empty = True
        self._inits.clear()
        self._writing.do(lambda: _clear(self.folder), 0, lambda *_: done())

    def _is_kept(self, segment: Segment) -> bool:
        return segment.is_kept and segment.number not in self._failed

    def _do(self, segment: Segment, write: Callable[[], None], size: int, lines: list[dict[str, Any]]) -> None:
        told = self.index

        def done(_: Any, fault: OSError | None) -> None:
            if fault is None:
                for line in lines:
                    told.tell(line)
            elif segment.number not in self._failed:
                self._failed.add(segment.number)
                self._inits.discard(segment.init)
                self._writing.do(lambda: _drop(self.folder, segment.number), 0, lambda *_: None)
                self._fault(fault)

        self._writing.do(write, size, done)


def is_complete(folder: Path) -> bool:
    """Whether nothing lacks of the recording in the folder but to be watched; also when there is none."""
    try:
        with (folder / index.NAME).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 200))
            return b'\n{"over": ' in file.read()
    except FileNotFoundError:
        return True


def opened(folder: Path) -> Index:
    """What stands in the folder; after a kill or a power cut up to the last whole part."""
    path = folder / index.NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Index()
    if content and not content.endswith(b"\n"):
        _add(path, b"\n")
    found = Index(content.decode("utf-8", "replace").splitlines())
    if found.begun is not None:
        line = _repaired(folder, int(found.begun["begins"]))
        if line is not None:
            _add_lines(folder, [line])
            found.tell(line)
    found.rows[-_LOOKED_AT:] = [row for row in found.rows[-_LOOKED_AT:] if _is_there(folder, row.number, row.size)]
    return found


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()  # of the occasion, once nothing of it is left


def _drop(folder: Path, number: int) -> None:
    (folder / f"seg{number}.m4s").unlink(missing_ok=True)


def _is_there(folder: Path, number: int, size: int) -> bool:
    try:
        return (folder / f"seg{number}.m4s").stat().st_size == size
    except FileNotFoundError:
        return False


def _repaired(folder: Path, number: int) -> Mapping[str, Any] | None:
    """The line that ends the segment after what is torn of its file was cut off; None when nothing is whole."""
    path = folder / f"seg{number}.m4s"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    whole = whole_part(content)
    if not whole.size:
        path.unlink()
        return None
    os.truncate(path, whole.size)
    return index.ends(number, whole.seconds, whole.size, hashlib.sha256(content[: whole.size]).hexdigest())


def _add_lines(folder: Path, lines: list[Any]) -> None:
    _add(folder / index.NAME, b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def _add(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(f".{path.name}")
    new.write_bytes(content)
    new.replace(path)

"""One path as players see it: its window on the air, its recording, and whether anything is recorded now."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training_app.media import playlist
from training_app.media.flow import Path as Stream
from training_app.media.paths import Emit
from training_app.media.protocol import Kind
from training_app.media.room import Room
from training_app.media.segmenter import Segmenter
from training_app.media.segments import Beginning, Part, Segment
from training_app.media.shelf import Shelf, Writing
from training_app.media.window import Window

log = logging.getLogger(__name__)

_EARLIEST: Final = 1_767_225_600
"""The beginning of 2026, seconds UTC."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all channels share."""

    folder: Path
    room: Room
    writing: Writing
    emit: Emit


class Channel:
    """A path's segments. may_record: asked whether what arrives now may be kept at all."""

    def __init__(self, name: str, around: Surroundings, may_record: Callable[[str, Stream], bool]) -> None:
        self.name = name
        self._around = around
        self._may_record = may_record
        self.shelf = Shelf(around.folder / name, name, around.writing, self._fail)
        self.used_at = 0.0
        """When somebody asked for it last, of a steady clock."""
        known = self.shelf.index
        first = _first()
        self.window = Window(known.next_number or first, known.next_init or first, known.breaks)
        self.path: Stream | None = None
        self.is_recording = False
        self._segmenter: Segmenter | None = None
        self._open: Segment | None = None
        self._playlist: tuple[object, bytes] = (None, b"")

    def attach(self, path: Stream) -> None:
        """What `path` carries on the air is cut into segments from now on."""
        if path is self.path:
            return
        self.detach()
        self.path = path
        self._segmenter = Segmenter(self, path.ask_keyframe, lambda: self._keeps(path), self.shelf.index.epoch)
        path.attach(self._segmenter)

    def detach(self) -> None:
        """Nothing comes from its path any more."""
        if self.path is not None and self._segmenter is not None:
            self.path.detach(self._segmenter)
            self._segmenter.cut()
        self.path = self._segmenter = None

    def look_again(self) -> None:
        """What may be recorded has changed."""
        if self._segmenter is None or self.path is None or self._open is None:
            return
        if self._open.is_kept != self._keeps(self.path):
            self._segmenter.split()

    def begin(self, beginning: Beginning) -> None:
        """A segment begins."""
        segment = self._open = self.window.begin(beginning)
        init = self.window.init(segment.init)
        assert init is not None and self._segmenter is not None and self._segmenter.epoch is not None
        self.window.is_over = False
        if segment.is_kept and not self.is_recording:
            self.is_recording = True
            self._around.emit(Kind.RECORDING_STARTED, self.name, "", {})
        self.shelf.begin(segment, init, self._segmenter.epoch)

    def add(self, part: Part) -> None:
        """It has one more part."""
        assert self._open is not None
        self.window.add(part)
        self.shelf.add(self._open, part)

    def end(self) -> None:
        """It has all its parts."""
        assert self._open is not None
        self.window.end()
        self.shelf.end(self._open)
        self._open = None

    def finish(self) -> None:
        """The occasion is over: nothing comes any more, and the recording is complete."""
        if self._segmenter is not None:
            self._segmenter.cut()
        self.window.finish()
        self.stop("ended")

    def stop(self, reason: str) -> None:
        """Nothing is recorded any more; told once, with what there is."""
        was_on, self.is_recording = self.is_recording, False
        if not was_on and (reason != "ended" or self.shelf.index.is_over or self.shelf.is_empty):
            return

        def done(digest: str) -> None:
            found = self.shelf.index
            details = {"seconds": round(found.seconds, 3), "bytes": found.size, "sha256": digest, "reason": reason}
            self._around.emit(Kind.RECORDING_ENDED, self.name, "", details)

        self.shelf.finish(reason, done)

    def delete(self) -> bool:
        """Whether there was a recording; it is gone, and what comes now begins another."""
        had = not self.shelf.is_empty
        self.is_recording = False
        if self._segmenter is not None:
            self._segmenter.split()
        if had:
            gone = Kind.RECORDING_DELETED
            self.shelf.delete(lambda: self._around.emit(gone, self.name, "", {}))
        return had

    def recording(self, *, is_over: bool) -> bytes:
        """The playlist of all that was recorded."""
        key = (self.shelf.index, len(self.shelf.index.rows), is_over)
        if self._playlist[0] != key:
            self._playlist = (key, playlist.recording(self.shelf.index.rows, is_over=is_over).encode())
        return self._playlist[1]

    def figures(self) -> dict[str, Any]:
        """What hosts are told of the recording."""
        found = self.shelf.index
        return {"seconds": round(found.seconds, 1), "bytes": found.size, "is_on": self.is_recording}

    def _keeps(self, path: Stream) -> bool:
        return self._may_record(self.name, path) and self._around.room.is_enough()

    def _fail(self, fault: OSError) -> None:
        log.error("The recording of %s cannot be written: %s. The live stream goes on.", self.name, fault.strerror)
        self._around.room.fail()
        self.look_again()


def _first() -> int:
    """A number for the first file of a recording that none before it had, not even one that was deleted.

    Browsers and proxies keep files for long.
    """
    return max(0, int(time.time()) - _EARLIEST)

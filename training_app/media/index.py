"""What a recording holds, told by the lines of its index: one JSON object each, only ever added.

`{"recording": "o12/v3", "epoch": …}` first; `{"begins": 7, "init": 0, "at": …, "new": false, "kept": true}` when a
segment begins, `{"ends": 7, "seconds": …, "bytes": …, "sha256": …}` when its file is complete; `{"over": "ended"}`
at the end. Of segments that are not kept only the first has a line, with `"until"`: the last number that may be used.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from training_app.media.playlist import Row
from training_app.media.segments import Segment

NAME: Final = "index.jsonl"


class Index:
    """The lines of an index, as a whole. Lines that cannot be read, as at a torn end, are passed over."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self.rows: list[Row] = []
        self.epoch: float | None = None
        self.next_number = 0
        self.next_init = 0
        self.breaks = 0
        """How often something new began, recorded or not."""
        self.is_over = False
        """Whether nothing was recorded since the recording was said to be over."""
        self.begun: Mapping[str, Any] | None = None
        """The line of a segment to be kept that has begun and not ended."""
        self._is_broken = False
        for line in lines:
            try:
                self.tell(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue

    @property
    def seconds(self) -> float:
        """How long it is."""
        return sum(row.seconds for row in self.rows)

    @property
    def size(self) -> int:
        """Bytes of its segments."""
        return sum(row.size for row in self.rows)

    def tell(self, line: Mapping[str, Any]) -> None:
        """One more line. Raises KeyError, TypeError or ValueError when it is none."""
        if "begins" in line:
            self._begin(line)
        elif "ends" in line and self.begun is not None and self.begun["begins"] == line["ends"]:
            begun, self.begun = self.begun, None
            is_new = bool(begun["new"]) or self._is_broken
            size, seconds = int(line["bytes"]), float(line["seconds"])
            self.rows.append(Row(int(line["ends"]), int(begun["init"]), float(begun["at"]), seconds, size, is_new))
            self._is_broken = False
        elif "over" in line:
            self.is_over = True
        elif "recording" in line:
            self.epoch = float(line["epoch"])

    def _begin(self, line: Mapping[str, Any]) -> None:
        number = int(line["begins"])
        self._is_broken |= self.begun is not None or not line["kept"]
        self.begun = line if line["kept"] else None
        self.next_number = max(self.next_number, int(line.get("until", number)) + 1)
        self.next_init = max(self.next_init, int(line["init"]) + 1)
        self.breaks += bool(line["new"])
        self.is_over &= not line["kept"]


def recording(path: str, epoch: float) -> dict[str, Any]:
    """The first line."""
    return {"recording": path, "epoch": epoch}


def begins(segment: Segment, until: int) -> dict[str, Any]:
    """The line when a segment begins, and others up to number `until` may."""
    line = {
        "begins": segment.number,
        "init": segment.init,
        "at": segment.at,
        "new": segment.is_new,
        "kept": segment.is_kept,
    }
    return line if until == segment.number else {**line, "until": until}


def ends(number: int, seconds: float, size: int, sha256: str) -> dict[str, Any]:
    """The line when its file is complete."""
    return {"ends": number, "seconds": round(seconds, 6), "bytes": size, "sha256": sha256}

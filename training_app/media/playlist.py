"""Playlists of HLS as text. Source: RFC 8216bis (low latency), 4.4 and 6.2.5."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from training_app.media.segments import PART_S, Segment

TARGET_S: Final = 4
"""No segment is longer, rounded."""
PART_HOLD_BACK_S: Final = 3 * PART_S
WITH_PARTS: Final = 3
"""So many of the last segments are listed with their parts."""
_TIME_EVERY: Final = 30
"""Segments of a recording between two that tell the time of day."""


@dataclass(frozen=True, slots=True)
class Row:
    """A segment of a recording. at: seconds UTC. is_new: it does not go on from the one before."""

    number: int
    init: int
    at: float
    seconds: float
    size: int
    is_new: bool


def live(segments: Sequence[Segment], *, upcoming: int, breaks_before: int, is_over: bool) -> str:
    """The playlist of what is on the air: the last segments, the last of them perhaps still growing.

    upcoming: the number of the segment that begins next, when none is growing. breaks_before: discontinuities that are
    listed no more.
    """
    first = segments[0].number if segments else upcoming
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:9",
        f"#EXT-X-TARGETDURATION:{TARGET_S}",
        f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={PART_HOLD_BACK_S}",
        f"#EXT-X-PART-INF:PART-TARGET={PART_S}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{breaks_before}",
    ]
    with_parts = {segment.number for segment in segments[-WITH_PARTS:]}
    init = None
    for segment in segments:
        lines += _beginning(segment, is_first=init is None, is_other=segment.init != init, tells_time=True)
        init = segment.init
        if segment.number in with_parts and not is_over:
            lines += _parts(segment)
        if not segment.is_open:
            lines += [f"#EXTINF:{segment.seconds:.5f},", f"seg{segment.number}.m4s"]
    lines.append("#EXT-X-ENDLIST" if is_over else _hint(segments, upcoming))
    return "\n".join(lines) + "\n"


def recording(rows: Iterable[Row], *, is_over: bool) -> str:
    """The playlist of all that was recorded, from the beginning. is_over: nothing is added any more."""
    lines: list[str] = []
    init, longest, since_time = None, float(TARGET_S), 0
    for row in rows:
        tells_time = row.is_new or since_time >= _TIME_EVERY or init is None
        lines += _beginning(row, is_first=init is None, is_other=row.init != init, tells_time=tells_time)
        lines += [f"#EXTINF:{row.seconds:.5f},", f"seg{row.number}.m4s"]
        init, longest = row.init, max(longest, row.seconds)
        since_time = 0 if tells_time else since_time + 1
    head = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{round(longest)}",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if is_over else 'EVENT'}",
        "#EXT-X-MEDIA-SEQUENCE:0",
    ]
    return "\n".join([*head, *lines, *(["#EXT-X-ENDLIST"] if is_over else [])]) + "\n"


def _beginning(segment: Segment | Row, *, is_first: bool, is_other: bool, tells_time: bool) -> list[str]:
    lines = ["#EXT-X-DISCONTINUITY"] if segment.is_new and not is_first else []
    if is_other:
        lines.append(f'#EXT-X-MAP:URI="init{segment.init}.mp4"')
    if tells_time:
        moment = datetime.fromtimestamp(segment.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{moment}")
    return lines


def _parts(segment: Segment) -> list[str]:
    return [
        f'#EXT-X-PART:DURATION={part.seconds:.5f},URI="part{segment.number}.{place}.m4s"'
        + (",INDEPENDENT=YES" if part.is_independent else "")
        for place, part in enumerate(segment.parts)
    ]


def _hint(segments: Sequence[Segment], upcoming: int) -> str:
    number, place = upcoming, 0
    if segments and segments[-1].is_open:
        number, place = segments[-1].number, len(segments[-1].parts)
    return f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part{number}.{place}.m4s"'

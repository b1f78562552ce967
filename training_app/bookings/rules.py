"""Spans of time, opening hours, names of resources. Pure decisions."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

LIVE_STATES: Final = ("held", "confirmed")
MOST_ROWS: Final = 20
MOST_PLACES: Final = 30
TYPED_HOURS: Final = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|~|to|至|到)\s*(\d{1,2}):(\d{2})")
DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-") | dict.fromkeys(map(ord, "、，；;"), ",")


@dataclass(frozen=True, slots=True)
class Span:
    """Time from `start`, included, to `end`, not included; both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse an empty or turned span."""
        if self.start.tzinfo is None or self.end.tzinfo is None or self.start >= self.end:
            raise ValueError("a span begins before it ends, in aware time")

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a moment; back to back they do not."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of one weekday (0 Monday), in minutes of the day."""

    weekday: int
    from_minute: int
    to_minute: int


class HoursFault(ValueError):
    """Hours that cannot be taken. kind: "form", "order" or "overlap"; piece: what was typed there."""

    def __init__(self, kind: str, piece: str) -> None:
        super().__init__(f"{kind}: {piece}")
        self.kind = kind
        self.piece = piece


def hours_as_typed(text: str, weekday: int) -> tuple[Hours, ...]:
    """The hours of a weekday that `text` writes, such as "8:30-12:00, 13:30-17:30", in order; none when it is empty.

    Full-width signs, long dashes and 24:00 as the end of the day are taken. Raises HoursFault by the first wrong piece.
    """
    plain = unicodedata.normalize("NFKC", text.translate(DASHES)).translate(DASHES)
    pieces = [part.strip() for part in plain.split(",") if part.strip()]
    found = [_hours_of_piece(piece, weekday) for piece in pieces]
    found.sort(key=lambda hours: (hours.from_minute, hours.to_minute))
    for earlier, later in pairwise(found):
        if later.from_minute < earlier.to_minute:
            raise HoursFault("overlap", f"{hours_in_digits((earlier,))}, {hours_in_digits((later,))}")
    return tuple(found)


def _hours_of_piece(piece: str, weekday: int) -> Hours:
    parts = TYPED_HOURS.fullmatch(piece)
    if parts is None:
        raise HoursFault("form", piece)
    from_hour, from_rest, to_hour, to_rest = (int(part) for part in parts.groups())
    first, last = from_hour * 60 + from_rest, to_hour * 60 + to_rest
    if from_rest > 59 or to_rest > 59 or last > 24 * 60:
        raise HoursFault("form", piece)
    if first >= last:
        raise HoursFault("order", piece)
    return Hours(weekday, first, last)


def hours_in_digits(hours: Iterable[Hours]) -> str:
    """The hours as they are typed: `08:30-12:00, 13:30-17:30`."""
    return ", ".join(f"{in_digits(one.from_minute)}-{in_digits(one.to_minute)}" for one in hours)


def in_digits(minute: int) -> str:
    """A minute of the day as `08:30`; its end as `24:00`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def days_alike(hours: Iterable[Hours]) -> list[tuple[int, int, tuple[Hours, ...]]]:
    """The open weekdays in runs of the same hours: first and last day of the run, and the hours of its first day."""
    by_day: dict[int, list[Hours]] = {}
    for one in sorted(hours, key=lambda one: (one.weekday, one.from_minute)):
        by_day.setdefault(one.weekday, []).append(one)
    runs: list[tuple[int, int, tuple[Hours, ...]]] = []
    for day, own in by_day.items():
        if runs and runs[-1][1] == day - 1 and hours_in_digits(runs[-1][2]) == hours_in_digits(own):
            runs[-1] = (runs[-1][0], day, runs[-1][2])
        else:
            runs.append((day, day, tuple(own)))
    return runs


def seat_label(row: int, place: int) -> str:
    """The label of a seat by its row and place, both from 1: `A-01`."""
    return f"{chr(ord('A') + row - 1)}-{place:02}"


def within_hours(span: Span, hours: Iterable[Hours]) -> bool:
    """Whether the span, given in local time, lies inside hours that touch each other, day by day."""
    own = sorted(hours, key=lambda one: (one.weekday, one.from_minute))
    return all(_day_within(piece, own) for piece in _by_days(span))


def _by_days(span: Span) -> Iterator[Span]:
    start = span.start
    while start < span.end:
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        yield Span(start, min(midnight, span.end))
        start = midnight


def _day_within(span: Span, hours: Iterable[Hours]) -> bool:
    reached = span.start.hour * 60 + span.start.minute
    midnight = span.start.replace(hour=0, minute=0, second=0, microsecond=0)
    last = -(-(span.end - midnight) // timedelta(minutes=1))  # a minute that has begun counts whole
    for open_hours in hours:
        if open_hours.weekday == span.start.weekday() and open_hours.from_minute <= reached < open_hours.to_minute:
            reached = open_hours.to_minute
    return reached >= last


def resource(kind: str, number: int) -> str:
    """The name under which a thing is claimed: `person:7`, `seat:12`, `room:3`, `kit:1`."""
    if kind not in {"person", "seat", "room", "kit"}:
        raise ValueError(f"{kind} cannot be claimed")
    return f"{kind}:{number}"


def in_order(resources: Iterable[str]) -> list[str]:
    """Each resource once, in the one order in which claims are inserted: any other order deadlocks."""
    return sorted(set(resources))

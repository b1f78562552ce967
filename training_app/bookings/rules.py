"""Spans of time, opening hours, names of resources. Pure decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HOLD_LASTS: Final = timedelta(minutes=10)
LIVE_STATES: Final = ("held", "confirmed")


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


def within_hours(span: Span, hours: Iterable[Hours]) -> bool:
    """Whether the span, given in local time, lies on one day inside hours that touch each other there."""
    if span.start.date() != (span.end - timedelta(microseconds=1)).date():
        return False
    first = span.start.hour * 60 + span.start.minute
    last = first + int((span.end - span.start).total_seconds() // 60)
    reached = first
    for open_hours in sorted((h for h in hours if h.weekday == span.start.weekday()), key=lambda h: h.from_minute):
        if open_hours.from_minute <= reached < open_hours.to_minute:
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

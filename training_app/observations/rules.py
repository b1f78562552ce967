"""Observations: lawful changes of state, times, how long a recording is kept and what fits. Pure decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

CHANGES: Final[Mapping[str, frozenset[str]]] = {
    "planned": frozenset({"open", "cancelled"}),
    "open": frozenset({"on_air", "ended", "cancelled"}),
    "on_air": frozenset({"held", "ended"}),
    "held": frozenset({"on_air", "ended"}),
    "ended": frozenset(),
    "cancelled": frozenset(),
}
"""state → states that may follow."""

ACTS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "open": (frozenset({"planned"}), "open"),
    "air": (frozenset({"open"}), "on_air"),
    "hold": (frozenset({"on_air"}), "held"),
    "resume": (frozenset({"held"}), "on_air"),
    "end": (frozenset({"open", "on_air", "held"}), "ended"),
}
"""What the host does: from which states, to which."""

LIVE: Final = frozenset({"open", "on_air", "held"})
"""States in which venues may send."""
SHOWN: Final = frozenset({"on_air", "held"})
"""States in which viewers are let in; what is held reaches nobody all the same."""
STANDING: Final = frozenset({"planned", "open", "on_air", "held"})
"""States in which people, rooms and the host are booked."""

MOST_VENUES: Final = {"validation": 3, "briefing": 1}
LONGEST: Final = timedelta(days=31)
FARTHEST: Final = timedelta(days=5 * 365)
OPENS_BEFORE: Final = timedelta(days=1)
FORGOTTEN_AFTER: Final = timedelta(hours=12)
"""Nobody leaves cameras open for ever: so long after its planned end an observation is ended by itself."""
MOST_KEPT: Final = timedelta(days=3650)

VIDEO_KBPS: Final = 2500
SOUND_KBPS: Final = 64
"""What a venue sends at most when its encoder is set as the page says; a recording is as large as what was sent."""


@dataclass(frozen=True, slots=True)
class Times:
    """When an observation is, as planned; both aware."""

    starts_at: datetime
    ends_at: datetime


def times_fault(times: Times, now: datetime) -> str | None:
    """Why the times cannot be: "order", "past", "long" or "far"; None when they can."""
    if times.starts_at >= times.ends_at:
        return "order"
    if times.ends_at <= now:
        return "past"
    if times.ends_at - times.starts_at > LONGEST:
        return "long"
    return "far" if times.starts_at > now + FARTHEST else None


def may_become(before: str, after: str) -> bool:
    """Whether `after` may follow `before`."""
    return after in CHANGES.get(before, frozenset())


def may_open(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether venues can be let in now: from a day before the start, to rehearse, until the planned end."""
    return starts_at - OPENS_BEFORE <= now < ends_at


def is_forgotten(state: str, ends_at: datetime, now: datetime, *, by_itself: bool) -> bool:
    """Whether it should have ended long ago; one that runs by itself ends at its time."""
    return state in LIVE and now >= ends_at + (timedelta() if by_itself else FORGOTTEN_AFTER)


def kept_until(ended_on: date, keep_days: int, consents: Iterable[date]) -> date:
    """The last day of a recording: `keep_days` after the end, and never longer than any of the consents allows."""
    return min([ended_on + timedelta(days=keep_days), *consents])


def bytes_an_hour(streams: int) -> int:
    """How large an hour of recording is at most. streams: the venues and the program."""
    return streams * (VIDEO_KBPS + SOUND_KBPS) * 125 * 3600


def hours_that_fit(free_bytes: int, reserve_bytes: int, streams: int) -> int:
    """How many whole hours can be recorded before the reserve is touched."""
    return max(0, free_bytes - reserve_bytes) // bytes_an_hour(streams)


def shown_s(changes: Iterable[tuple[str, datetime]], now: datetime) -> int:
    """For how many seconds it was on the air. changes: (state, since when) in order; `now` ends the last one."""
    total, since = timedelta(), None
    for state, at in changes:
        if since is not None:
            total += at - since
        since = at if state == "on_air" else None
    return int((total + (now - since if since is not None else timedelta())).total_seconds())


@dataclass(frozen=True, slots=True)
class Watching:
    """How somebody stands to an observation. invited: a place, or of the audience where nobody needs one.

    staff: may look in within the own reach. accepted: the notice of confidentiality.
    """

    invited: bool
    staff: bool
    accepted: bool


def why_not(state: str, who: Watching, *, has_recording: bool) -> str | None:
    """Why the person cannot watch now: "uninvited", "early", "notice", "over" or "cancelled"; None when allowed."""
    if not (who.invited or who.staff):
        return "uninvited"
    if state == "cancelled":
        return "cancelled"
    if state == "ended" and not has_recording:
        return "over"
    if not who.accepted:
        return "notice"
    return "early" if state in {"planned", "open"} else None

"""Arriving at a sitting: who comes in when, what was typed at the door, when the first page comes. Pure decisions."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

EARLIEST_OPENING: Final = timedelta(minutes=60)
"""How long before the beginning an invigilator may open a sitting at the earliest."""

OPENS_BEFORE: Final = timedelta(minutes=30)
"""How long before the beginning the clock opens a sitting that nobody opened."""

SPREAD_S: Final = 10
"""Over how many seconds the first pages of one sitting are spread."""

START_AHEAD: Final = timedelta(seconds=20)
"""How far ahead "start now" lies, so that every waiting page has heard of it."""

CODE_LASTS: Final = timedelta(minutes=20)
CODE_LENGTH: Final = 8
"""Letters and digits of an entry code: 40 bits, for one place, for minutes, with few tries."""

MOST_WRONG_SEATS: Final = 20
"""So many wrong seats of one place are stored; more tell the room nothing new."""

BEGUN: Final = frozenset({"running", "paused"})
NOT_BEGUN: Final = frozenset({"created", "waiting"})
ADMITTING: Final = frozenset({"open", "running"})
TICKET: Final = re.compile(r"([A-Z]{0,3})(\d{6})(\d{3})(\d{4})")


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody with a ticket, as the door sees it: states of place, sitting and attempt; the times of the sitting."""

    place: str
    sitting: str
    attempt: str | None
    starts_at: datetime
    latest_start_at: datetime


def why_not_admitted(coming: Coming, now: datetime, *, same_day: bool) -> str | None:
    """The reason by which the person is turned away, None when he or she comes in.

    Reasons: "place_void", "expelled", "finished", "cancelled", "over", "late", "other_day", "early", "unprepared".
    same_day: whether the sitting is on the day of `now` at the bases. Who began comes back in as long as it runs.
    """
    if coming.attempt in BEGUN and coming.sitting == "running" and coming.place in {"expected", "sat"}:
        return None
    lost = _why_place_is_lost(coming)
    if lost is not None:
        return lost
    if now > coming.latest_start_at:
        return "late"
    if coming.sitting in ADMITTING:
        return None
    if now < coming.starts_at - OPENS_BEFORE:
        return "early" if same_day else "other_day"
    return None if coming.sitting == "prepared" else "unprepared"


def _why_place_is_lost(coming: Coming) -> str | None:
    if coming.sitting in {"cancelled", "void"}:
        return "cancelled"
    if coming.place == "expelled":
        return "expelled"
    if coming.attempt is not None and coming.attempt not in NOT_BEGUN | BEGUN and coming.attempt != "voided":
        return "finished"
    if coming.sitting in {"closed", "released"}:
        return "over"
    return "place_void" if coming.place != "expected" or coming.attempt == "voided" else None


def may_open(state: str, starts_at: datetime, now: datetime) -> bool:
    """Whether an invigilator may open the sitting now."""
    return state == "prepared" and now >= starts_at - EARLIEST_OPENING


def is_due_to_open(state: str, starts_at: datetime, now: datetime) -> bool:
    """Whether the clock opens the sitting now."""
    return state == "prepared" and now >= starts_at - OPENS_BEFORE


def effective_start(starts_at: datetime, announced: datetime | None) -> datetime:
    """When papers may begin: as announced, else as the ticket says."""
    return announced or starts_at


def first_page_delay_ms(attempt_id: int, spread_s: int = SPREAD_S) -> int:
    """How long after the common start the page of this attempt goes on: 0 to `spread_s` seconds.

    Multiples of the golden ratio lie evenly for any run of ids; nobody loses time, each clock begins with its own page.
    """
    return attempt_id * 6_180_339_887 % 10_000_000_000 * spread_s * 1000 // 10_000_000_000


def ticket_as_typed(text: str) -> str:
    """The ticket number as it is printed: full-width signs, spaces, missing dashes and small letters are mended.

    What cannot be one is given back upper case, without spaces, at most 20 characters.
    """
    plain = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text[:80]).upper())
    parts = TICKET.fullmatch(plain)
    if parts is None:
        return plain[:20]
    base, day, sitting, place = parts.groups()
    return f"{base}{day}-{sitting}-{place}"


def same_seat(typed: str, label: str) -> bool:
    """Whether what was typed names the seat: `a7`, `A 07` and `Ａ－０７` are A-07."""
    return seat_parts(typed) == seat_parts(label) != ()


def seat_parts(text: str) -> tuple[str | int, ...]:
    """The letters and the numbers of a seat's label, in order, without leading zeros."""
    plain = unicodedata.normalize("NFKC", text[:40]).upper()
    found = re.findall(r"[^\W\d_]+|[0-9]+", plain)
    return tuple(int(piece) if piece.isdigit() else piece for piece in found)

"""What becomes of each answer of a delivery: stored, refused, or put on the late pile. Pure decisions.

An answer counts when it arrives in time and was given in time. What cannot count is never thrown away: it goes to the
pile, where a person decides. Only what is no answer to this paper at all is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from question_bank.errors import RefusedResponse, UnknownOption
from question_bank.items import Item
from question_bank.scoring import parse_response
from question_bank.texts import Text
from training_app.exams.paper.standing import HANDED_IN, TRANSPORT_GRACE, standing_of_running
from training_app.saves import Entry

DELAYED: Final = timedelta(seconds=20)
"""An answer that is older than this when it arrives may have been given in a pause that is over."""

UNKNOWN_ITEM: Final = Text("本题不在您的试卷上，作答未保存。", "This item is not on your paper; nothing was stored.")
BAD_NUMBER: Final = Text(
    "该作答的序号无效，作答未保存。请重新选择或填写。", "The answer has no proper number; choose again."
)
NOT_BEGUN: Final = Text("考试尚未开始，作答未保存。", "The test has not begun; nothing was stored.")


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer that the database holds."""

    server_seq: int
    payload: object


@dataclass(frozen=True, slots=True)
class Given:
    """An answer in its stored shape, with the moment at which it was given."""

    item: int
    seq: int
    payload: object
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An answer that is none to this paper. why: unknown_item, unknown_option, malformed or bad_number."""

    item: int
    seq: int
    why: str
    said: Text


@dataclass(frozen=True, slots=True)
class Piled:
    """An answer for the late pile. why: late, conflict, paused or handed_in."""

    given: Given
    why: str


@dataclass(frozen=True, slots=True)
class Situation:
    """An attempt at the moment a delivery arrives.

    stored: what the database holds, by item and number. holds: whether the sender is the page that holds the paper.
    pauses: those that are over, as (from, to).
    """

    state: str
    started_at: datetime | None
    deadline_at: datetime | None
    paused_at: datetime | None
    items: Mapping[int, Item]
    stored: Mapping[tuple[int, int], Stored]
    holds: bool
    pauses: Sequence[tuple[datetime, datetime]] = ()


@dataclass(slots=True)
class Verdicts:
    """What becomes of the answers of one delivery, in their order. again: stored before, by a resend."""

    new: list[Given] = field(default_factory=list)
    again: list[tuple[int, int]] = field(default_factory=list)
    refused: list[RefusedEntry] = field(default_factory=list)
    piled: list[Piled] = field(default_factory=list)


def decide(
    situation: Situation, entries: Sequence[Entry], beacon_time: Callable[[Entry], datetime | None], now: datetime
) -> Verdicts:
    """The verdict on every entry. beacon_time: the moment before which an entry was surely not given, if known."""
    verdicts = Verdicts()
    seen: dict[tuple[int, int], object] = {}
    for entry in entries:
        read = _read(situation, entry)
        if isinstance(read, RefusedEntry):
            verdicts.refused.append(read)
            continue
        number = (entry.item, entry.seq)
        known = situation.stored.get(number)
        if known is not None and known.payload == read.payload:
            verdicts.again.append(number)
        elif number in seen and seen[number] == read.payload:
            continue  # twice in one delivery: the first one speaks for both
        else:
            captured_at = _captured(situation, entry, beacon_time(entry), now)
            given = Given(entry.item, entry.seq, read.payload, captured_at)
            why = "conflict" if known is not None or number in seen else _why_not(situation, captured_at, now)
            if why is None:
                verdicts.new.append(given)
            else:
                verdicts.piled.append(Piled(given, why))
            seen.setdefault(number, read.payload)
    return verdicts


@dataclass(frozen=True, slots=True)
class _Payload:
    payload: object


def _read(situation: Situation, entry: Entry) -> _Payload | RefusedEntry:
    item = situation.items.get(entry.item)
    if item is None:
        return RefusedEntry(entry.item, entry.seq, "unknown_item", UNKNOWN_ITEM)
    if not entry.is_numbered:
        return RefusedEntry(entry.item, entry.seq, "bad_number", BAD_NUMBER)
    if situation.state in ("created", "waiting"):
        return RefusedEntry(entry.item, entry.seq, "malformed", NOT_BEGUN)
    try:
        return _Payload(parse_response(item, entry.payload))
    except UnknownOption as fault:
        return RefusedEntry(entry.item, entry.seq, "unknown_option", fault.said)
    except RefusedResponse as fault:
        return RefusedEntry(entry.item, entry.seq, "malformed", fault.said)


def _captured(situation: Situation, entry: Entry, not_before: datetime | None, now: datetime) -> datetime:
    """When the answer was given: as the page says, but not before its beacon or the start, nor after its arrival."""
    earliest = max((moment for moment in (not_before, situation.started_at) if moment is not None), default=now)
    return min(max(entry.at or now, earliest), now)


def _why_not(situation: Situation, captured_at: datetime, now: datetime) -> str | None:
    """Why an answer given at `captured_at` goes to the pile; None when it counts."""
    if not situation.holds:
        return "conflict"
    if situation.deadline_at is None or situation.state in HANDED_IN or situation.state == "voided":
        return _after_the_end(situation.deadline_at, now)
    if situation.state == "paused":
        assert situation.paused_at is not None
        return "paused" if captured_at > situation.paused_at else None
    if standing_of_running(situation.deadline_at, now) == "over" or captured_at > situation.deadline_at:
        return "late"
    return "paused" if any(start < captured_at < end for start, end in situation.pauses) else None


def _after_the_end(deadline_at: datetime | None, now: datetime) -> str:
    return "late" if deadline_at is not None and now > deadline_at + TRANSPORT_GRACE else "handed_in"

"""Score checks 成绩复核 and objections: until when, about what, decided by whom. Pure decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a candidate asks: a check of the score, or about an item, or about how the exam was held."""

    SCORE = "score"
    ITEM = "item"
    PROCEDURE = "procedure"


class Decision(StrEnum):
    """How an objection ends when a person decides it."""

    UPHELD = "upheld"
    REJECTED = "rejected"


ENDED_UNRELEASED: Final = frozenset({"submitted", "marking", "marked", "voided"})
"""States of an attempt that is over and has no released result."""

MATTERS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.SCORE: frozenset({"candidate", "invigilator", "standard"}),
    Kind.ITEM: frozenset({"candidate", "invigilator", "item", "unread"}),
    Kind.PROCEDURE: frozenset({"candidate", "invigilator", "standard", "day"}),
}
"""kind → the parts in the matter that keep a person from deciding it."""

ORDER: Final = ("candidate", "invigilator", "day", "standard", "item", "unread")
"""Which part is named first when a person had several."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Who had which part in what is objected to, by the ids of the persons.

    invigilators: of that sitting, former ones too. day: who added time, decided on late answers, paused, moved, ended
    or expelled on the day. standard: who entered or confirmed a cut score of the form. item: who wrote, loaded or
    reviewed the item.
    """

    candidate: int
    invigilators: frozenset[int] = frozenset()
    day: frozenset[int] = frozenset()
    standard: frozenset[int] = frozenset()
    item: frozenset[int] = frozenset()


def why_not(kind: Kind, person: int, parts: Parts, *, may_read: bool = True) -> str | None:
    """The part that keeps `person` from deciding, one of ORDER; None when he or she may decide.

    may_read: whether the person may see the item that is objected to.
    """
    had = {
        "candidate": person == parts.candidate,
        "invigilator": person in parts.invigilators,
        "day": person in parts.day,
        "standard": person in parts.standard,
        "item": person in parts.item,
        "unread": not may_read,
    }
    return next((part for part in ORDER if had[part] and part in MATTERS[kind]), None)


def window_end(begins: datetime, days: int, zone: tzinfo) -> datetime:
    """The end of the last of `days` whole days after the day of `begins`, midnight in `zone`."""
    last = begins.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(last, time(), zone)


def kinds_open(state: str, ends: datetime | None, now: datetime) -> tuple[Kind, ...]:
    """What may be asked about an attempt in `state` of which the time to ask ends at `ends`.

    ends: None while results are not released, when only the procedure can be known.
    """
    if ends is not None and now >= ends:
        return ()
    if state == "released" and ends is not None:
        return tuple(Kind)
    return (Kind.PROCEDURE,) if state in ENDED_UNRELEASED else ()


def may_ask_again(decided_at: datetime | None, released_at: datetime | None) -> bool:
    """Whether a matter that was decided may be raised anew: only after results were released again."""
    return decided_at is None or (released_at is not None and released_at > decided_at)

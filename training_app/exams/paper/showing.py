"""The paper as a page gets it: the whole form in both languages, without keys; what the page's script begins with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.items import Case, Certainty, Item, Level
from question_bank.texts import Text
from training_app.bookings.models import Room, Seat
from training_app.exams.attempts import PaperItem, given_of, paper_of
from training_app.exams.day_models import Presence
from training_app.exams.models import Attempt, Form
from training_app.exams.papers import blueprint_version
from training_app.exams.sitting_models import RosterPlace, Sitting

NOTHING: Final = Text("", "")


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case with the positions of its items."""

    case: Case
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PaperShown:
    """What a page shows of an attempt. base: its id. seat, room: None outside of a sitting.

    places: items without key, rationale, reasons, codes and sources.
    """

    attempt: Attempt
    title: Text
    base: str | None
    person: str
    seat: str | None
    room: Text | None
    places: tuple[PaperItem, ...]
    cases: tuple[CaseShown, ...]


def without_key(item: Item) -> Item:
    """The item with nothing but what a candidate may read: words, parts to choose from, unit, how to answer."""
    numeric = item.numeric
    return replace(
        item,
        id="",
        codes=(),
        instruments=(),
        effective_from=None,
        effective_to=None,
        as_of=None,
        certainty=Certainty.UNVERIFIED,
        level=Level.RECALL,
        difficulty=0,
        public=False,
        rationale=NOTHING,
        source=NOTHING,
        options=tuple(replace(one, key=False, reason=NOTHING, error=None) for one in item.options),
        numeric=replace(numeric, value=Decimal(0), tolerance=Decimal(0), errors=()) if numeric else None,
        elements=tuple(replace(one, sort="", reason=NOTHING) for one in item.elements),
        premises=tuple(replace(one, response="", reason=NOTHING) for one in item.premises),
        borrowed=(),
        enemies=(),
        twins=(),
        comparison=False,
        working=(),
        waivers=(),
    )


def paper_shown(session: Session, attempt: Attempt, person: str) -> PaperShown:
    """The attempt as a page shows it. person: the name to stand at its head."""
    places = tuple(_shown(place) for place in paper_of(session, attempt))
    seat, room = _seat_of(session, attempt)
    return PaperShown(
        attempt=attempt,
        title=title_of(session, attempt),
        base=attempt.base_id,
        person=person,
        seat=seat,
        room=room,
        places=places,
        cases=_cases(places),
    )


def _shown(place: PaperItem) -> PaperItem:
    case = replace(place.case, items=()) if place.case else None
    return replace(place, item=without_key(place.item), case=case)


def _cases(places: Sequence[PaperItem]) -> tuple[CaseShown, ...]:
    found: dict[str, CaseShown] = {}
    for place in places:
        if place.case is not None:
            before = found.get(place.case.id, CaseShown(place.case, ()))
            found[place.case.id] = replace(before, positions=(*before.positions, place.position))
    return tuple(found.values())


def title_of(session: Session, attempt: Attempt) -> Text:
    """What the attempt is called: by its sitting, else by its blueprint."""
    if attempt.sitting_id is not None:
        sitting = session.get_one(Sitting, attempt.sitting_id)
        return Text(sitting.title_zh, sitting.title_en)
    form = session.get_one(Form, attempt.form_id)
    return blueprint_version(session, form.blueprint_version_id).title


def _seat_of(session: Session, attempt: Attempt) -> tuple[str | None, Text | None]:
    if attempt.sitting_id is None:
        return None, None
    row = session.execute(
        select(Seat.label, Room.name_zh, Room.name_en)
        .join(RosterPlace, RosterPlace.seat_id == Seat.id)
        .join(Room, Room.id == Seat.room_id)
        .where(RosterPlace.attempt_id == attempt.id)
    ).first()
    return (row.label, Text(row.name_zh, row.name_en)) if row else (None, None)


def data_of(session: Session, shown: PaperShown) -> dict[str, object]:
    """What the page's script begins with, as far as the database tells: items, answers, marks, times, head."""
    attempt = shown.attempt
    given = given_of(session, attempt)
    presence = session.get(Presence, attempt.id)
    return {
        "attempt": attempt.id,
        "kind": attempt.kind,
        "items": [_item_data(place) for place in shown.places],
        "answers": {str(item): {"seq": one.client_seq, "payload": one.response} for item, one in given.items()},
        "marks": presence.marks if presence else {"flagged": [], "seen": []},
        "holder": attempt.device,
        "started_at": _iso(attempt.started_at),
        "deadline_at": _iso(attempt.deadline_at),
        "answered": sum(bool(one.response) for one in given.values()),
        "last_stored_at": _iso(max((one.received_at for one in given.values()), default=None)),
        "head": {"server_seq": attempt.head_seq, "hash": attempt.head_hash},
        "minutes_before_hand_in": None,
    }


def _item_data(place: PaperItem) -> dict[str, object]:
    return {
        "item": place.version_id,
        "position": place.position,
        "kind": place.item.kind.value,
        "points": place.points,
        "case": place.case.id if place.case else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

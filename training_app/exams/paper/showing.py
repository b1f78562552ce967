"""The paper as a page gets it: the whole form in both languages, without keys; what the page's script begins with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.orm import Session

from question_bank.texts import Text
from training_app.bookings.models import Room, Seat
from training_app.db import Asks, Database, home_of
from training_app.exams.day_models import Presence
from training_app.exams.models import Attempt, Form, ResponseEvent
from training_app.exams.paper.access import own_by_claim
from training_app.exams.paper.printed import Printed, print_form, printed_before
from training_app.exams.paper.standing import standing_of_running
from training_app.exams.papers import blueprint_version
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.claims import Claim
from training_app.people.models import Person
from training_app.people.reach import LARGEST_ID

_ATTEMPT, _EVENT = cast("Table", Attempt.__table__).c, cast("Table", ResponseEvent.__table__).c
_PRESENCE, _FORM = cast("Table", Presence.__table__).c, cast("Table", Form.__table__).c
_PERSON, _SITTING = cast("Table", Person.__table__).c, cast("Table", Sitting.__table__).c
_PLACE, _SEAT, _ROOM = (cast("Table", model.__table__).c for model in (RosterPlace, Seat, Room))

_ANY = (
    select(
        _ATTEMPT.id,
        _ATTEMPT.kind,
        _ATTEMPT.base_id,
        _ATTEMPT.form_id,
        _ATTEMPT.state,
        _ATTEMPT.started_at,
        _ATTEMPT.deadline_at,
        _ATTEMPT.device,
        _ATTEMPT.head_seq,
        _ATTEMPT.head_hash,
        _FORM.content_hash,
        _PERSON.name_zh,
        _PERSON.name_en,
        _PERSON.language,
        _SITTING.title_zh,
        _SITTING.title_en,
        _SEAT.label.label("seat"),
        _ROOM.name_zh.label("room_zh"),
        _ROOM.name_en.label("room_en"),
        _PRESENCE.marks,
    )
    .join(Form.__table__, _FORM.id == _ATTEMPT.form_id)
    .join(Person.__table__, _PERSON.id == _ATTEMPT.person_id)
    .outerjoin(Sitting.__table__, _SITTING.id == _ATTEMPT.sitting_id)
    .outerjoin(RosterPlace.__table__, _PLACE.attempt_id == _ATTEMPT.id)
    .outerjoin(Seat.__table__, _SEAT.id == _PLACE.seat_id)
    .outerjoin(Room.__table__, _ROOM.id == _SEAT.room_id)
    .outerjoin(Presence.__table__, _PRESENCE.attempt_id == _ATTEMPT.id)
    .where(_ATTEMPT.id == bindparam("attempt"))
)
_OWN = _ANY.where(own_by_claim())
_GIVEN = (
    select(_EVENT.item_version_id, _EVENT.client_seq, _EVENT.payload, _EVENT.received_at)
    .where(_EVENT.attempt_id == bindparam("attempt"))
    .order_by(_EVENT.item_version_id, _EVENT.client_seq)
)


@dataclass(frozen=True, slots=True)
class PaperShown:
    """What a page shows of an attempt. base: its id. seat, room: None outside of a sitting.

    name_zh, name_en: of the person. data: what the page's script begins with, as far as the database tells.
    """

    attempt_id: int
    kind: str
    state: str
    deadline_at: datetime | None
    title: Text
    base: str | None
    name_zh: str
    name_en: str
    language: str
    seat: str | None
    room: Text | None
    printed: Printed
    data: dict[str, object]

    def standing(self, now: datetime) -> str:
        """As `standing.standing` tells of an attempt."""
        return standing_of_running(self.deadline_at, now) if self.state == "running" else self.state


def paper_shown(session: Session, attempt_id: int) -> PaperShown:
    """The attempt as a page shows it."""
    row = session.execute(_ANY, {"attempt": attempt_id}).one()
    printed = printed_before(home_of(session), row.form_id, row.content_hash)
    return _shown(session, row, printed or print_form(session, row.form_id, row.content_hash))


def paper_shown_quickly(database: Database, claim: Claim, attempt_id: int, now: datetime) -> PaperShown | None:
    """The same of the own paper that runs in time; None for anything else, and before its form was printed here."""
    if not 0 < attempt_id <= LARGEST_ID:
        return None
    with database.look() as connection:
        row = connection.execute(_OWN, {"attempt": attempt_id, **claim.values()}).one_or_none()
        if row is None or row.state != "running" or standing_of_running(row.deadline_at, now) != "running":
            return None
        printed = printed_before(home_of(connection), row.form_id, row.content_hash)
        return _shown(connection, row, printed) if printed else None


def _shown(asked: Asks, row: Row[*tuple[Any, ...]], printed: Printed) -> PaperShown:
    return PaperShown(
        attempt_id=row.id,
        kind=row.kind,
        state=row.state,
        deadline_at=row.deadline_at,
        title=Text(row.title_zh, row.title_en) if row.title_zh else printed.title,
        base=row.base_id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        language=row.language,
        seat=row.seat,
        room=Text(row.room_zh, row.room_en) if row.room_zh else None,
        printed=printed,
        data=_data_of(asked, row, printed),
    )


def _data_of(asked: Asks, row: Row[*tuple[Any, ...]], printed: Printed) -> dict[str, object]:
    """Items, answers, marks, times, head."""
    given = {one.item_version_id: one for one in asked.execute(_GIVEN, {"attempt": row.id})}
    return {
        "attempt": row.id,
        "kind": row.kind,
        "items": printed.items,
        "answers": {str(item): {"seq": one.client_seq, "payload": one.payload} for item, one in given.items()},
        "marks": row.marks or {"flagged": [], "seen": []},
        "holder": row.device,
        "started_at": _iso(row.started_at),
        "deadline_at": _iso(row.deadline_at),
        "answered": sum(bool(one.payload) for one in given.values()),
        "last_stored_at": _iso(max((one.received_at for one in given.values()), default=None)),
        "head": {"server_seq": row.head_seq, "hash": row.head_hash},
        "minutes_before_hand_in": None,
    }


def title_of(session: Session, attempt: Attempt) -> Text:
    """What the attempt is called: by its sitting, else by its blueprint."""
    if attempt.sitting_id is not None:
        sitting = session.get_one(Sitting, attempt.sitting_id)
        return Text(sitting.title_zh, sitting.title_en)
    form = session.get_one(Form, attempt.form_id)
    return blueprint_version(session, form.blueprint_version_id).title


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

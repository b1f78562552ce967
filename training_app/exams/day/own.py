"""The own place as its page shows it: what decides about it, and the details that the candidate confirms."""

from dataclasses import dataclass, fields
from typing import Any, Final, cast

from sqlalchemy import Row, Table

from question_bank.texts import Text
from training_app.bookings.models import Room, Seat
from training_app.db import Asks
from training_app.exams.day.quick import NUMBERED, Seen, own_place_by_claim
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.claims import Claim
from training_app.people.models import Person
from training_app.people.reach import LARGEST_ID

_ROOM, _PERSON = cast("Table", Room.__table__), cast("Table", Person.__table__)
_PLACE, _SITTING = cast("Table", RosterPlace.__table__).c, cast("Table", Sitting.__table__).c
_SEAT = cast("Table", Seat.__table__).c
_DECIDES: Final = len(fields(Seen))

_ANY = (
    NUMBERED.add_columns(
        _SITTING.base_id,
        _SITTING.title_zh,
        _SITTING.title_en,
        _ROOM.c.name_zh.label("room_zh"),
        _ROOM.c.name_en.label("room_en"),
        _PLACE.ticket_number,
        _PLACE.photo.is_not(None).label("has_photo"),
        _PERSON.c.name_zh,
        _PERSON.c.name_en,
        _PERSON.c.staff_number,
        _PERSON.c.language,
    )
    .join(_PERSON, _PERSON.c.id == _PLACE.person_id)
    .outerjoin(_ROOM, _ROOM.c.id == _SEAT.room_id)
)
_OWN = _ANY.where(own_place_by_claim())


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """A place with what its page shows. base: its id. room: None without a seat. language: the person's own."""

    seen: Seen
    base: str
    title: Text
    room: Text | None
    ticket: str
    has_photo: bool
    name_zh: str
    name_en: str
    staff_number: str | None
    language: str


def own_place_shown(asked: Asks, place_id: int, claim: Claim | None = None) -> OwnPlace | None:
    """The place as its page shows it; None when there is none.

    claim: of who asks; then also None when it is not the own one, or the claim holds no more.
    """
    if not 0 < place_id <= LARGEST_ID:
        return None
    values = claim.values() if claim else {}
    row = asked.execute(_OWN if claim else _ANY, {"place": place_id, **values}).one_or_none()
    return _shown(row) if row else None


def _shown(row: Row[*tuple[Any, ...]]) -> OwnPlace:
    return OwnPlace(
        seen=Seen(*row[:_DECIDES]),
        base=row.base_id,
        title=Text(row.title_zh, row.title_en),
        room=Text(row.room_zh, row.room_en) if row.room_zh else None,
        ticket=row.ticket_number,
        has_photo=row.has_photo,
        name_zh=row.name_zh,
        name_en=row.name_en,
        staff_number=row.staff_number,
        language=row.language,
    )

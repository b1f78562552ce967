"""Invigilators of a sitting: who watches which room. A duty is a booking of the person."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.services import release
from training_app.errors import NotFound
from training_app.exams.setup.claims import book_person
from training_app.exams.setup.sittings import require_changeable
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import InvigilatorDuty, Sitting
from training_app.people.models import Person, RoleGrant
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Role


def invigilators_at(session: Session, base: str) -> Sequence[Person]:
    """Everybody who holds the role of an invigilator at the base, or at all bases, and can sign in."""
    holders = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.INVIGILATOR,
        RoleGrant.ended_at.is_(None),
        or_(RoleGrant.base_id == base, RoleGrant.base_id.is_(None)),
    )
    statement = select(Person).where(Person.id.in_(holders), Person.blocked_at.is_(None)).order_by(Person.name_en)
    return session.scalars(statement).unique().all()


def open_duties(session: Session, sitting: Sitting) -> Sequence[InvigilatorDuty]:
    """The duties that stand, by room."""
    return session.scalars(
        select(InvigilatorDuty)
        .where(InvigilatorDuty.sitting_id == sitting.id, InvigilatorDuty.ended_at.is_(None))
        .order_by(InvigilatorDuty.room_id, InvigilatorDuty.id)
    ).all()


def assign(session: Session, sitting: Sitting, person_id: int, room_id: int, *, by: By) -> InvigilatorDuty:
    """The person watches the room. Conflict when he or she is somewhere else at that time."""
    require_changeable(sitting)
    person = next((one for one in invigilators_at(session, sitting.base_id) if one.id == person_id), None)
    room = next((row.room for row in sitting.rooms if row.room_id == room_id), None)
    if person is None or room is None:
        raise NotFound(_l("Choose an invigilator of this base and a room of this sitting."))
    booking = book_person(session, sitting, "duty", (person.id, None), by=by)
    duty = InvigilatorDuty(sitting_id=sitting.id, room_id=room.id, person_id=person.id, booking_id=booking)
    session.add(duty)
    session.flush()
    details = {"person": person.name_zh, "room": room.name_zh}
    write_down(session, sitting, Act("duty.assigned", "sitting", *by.stamp(sitting), details), by)
    return duty


def end_duty(session: Session, sitting: Sitting, duty_id: int, *, by: By) -> None:
    """The person does not watch the room any more, and is free."""
    require_changeable(sitting)
    duty = session.get(InvigilatorDuty, duty_id) if duty_id <= LARGEST_ID else None
    if duty is None or duty.sitting_id != sitting.id or duty.ended_at is not None:
        raise NotFound(_l("This duty has ended already."))
    details = {"person": duty.person.name_zh}
    duty.ended_at = by.now
    session.flush()
    release(session, duty.booking_id)
    write_down(session, sitting, Act("duty.ended", "sitting", *by.stamp(sitting), details), by)

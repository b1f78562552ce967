"""Sittings of a demonstration: at each base one that is prepared and one that is planned."""

from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from training_app.bank.models import BlueprintVersion
from training_app.bookings.models import Room
from training_app.clock import SHANGHAI, shanghai_day
from training_app.exams.rules import Times
from training_app.exams.setup.duties import assign, invigilators_at
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.roster import add_place, grant_time, placeable
from training_app.exams.setup.seating import allocate_all
from training_app.exams.setup.sittings import Plan, plan
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.people.models import Person, RoleGrant, TrainingBase
from training_app.people.rules import Role
from training_app.people.signed import holder_of

PLACED: Final = 3
PREPARED_IN: Final = timedelta(days=8)
PLANNED_IN: Final = timedelta(days=22)
BEGINNING: Final = time(9, 0)
LENGTH: Final = timedelta(minutes=90)
MORE: Final = (30, "经批准延长作答时间（演示）")
"""Minutes of personal time of one candidate of each prepared sitting, and why."""


def sittings_of_the_demonstration(session: Session, criteria: Criteria, now: datetime) -> None:
    """Two coming sittings a base, with trainees, seats and, where it is prepared, invigilators, form and attempts."""
    blueprint = certification_blueprint(session)
    if blueprint is None:
        return
    for base in session.scalars(select(TrainingBase).order_by(TrainingBase.position)).all():
        by = By(holder_of(administrator(session, base.id)), None, now)
        soon = _planned(session, base, (blueprint, PREPARED_IN), by)
        for number, person in enumerate(invigilators_at(session, base.id)):
            assign(session, soon, person.id, soon.rooms[number % len(soon.rooms)].room_id, by=by)
        session.refresh(soon)
        grant_time(session, soon, soon.places[-1], MORE[0], reason=MORE[1], by=by)
        prepare(session, soon, criteria, by)
        _planned(session, base, (blueprint, PLANNED_IN), by)


def certification_blueprint(session: Session) -> int | None:
    """The first blueprint of a certification examination that is current; None when the bank has none."""
    return session.scalars(
        select(BlueprintVersion.id)
        .where(BlueprintVersion.purpose == "certification", BlueprintVersion.superseded_at.is_(None))
        .order_by(BlueprintVersion.id)
    ).first()


def administrator(session: Session, base: str) -> Person:
    """The first base administrator of the base."""
    granted = select(RoleGrant.person_id).where(RoleGrant.role == Role.BASE_ADMIN, RoleGrant.base_id == base)
    return session.scalars(select(Person).where(Person.id.in_(granted)).order_by(Person.id)).unique().all()[0]


def _planned(session: Session, base: TrainingBase, what: tuple[int, timedelta], by: By) -> Sitting:
    blueprint, ahead = what
    day = working_day(shanghai_day(by.now) + ahead)
    begins = datetime.combine(day, BEGINNING, SHANGHAI)
    latest = begins + timedelta(minutes=15)
    times = Times(begins, latest, latest + LENGTH + timedelta(minutes=45), LENGTH)
    rooms = session.scalars(select(Room.id).where(Room.base_id == base.id, Room.kind == "exam").order_by(Room.id))
    titles = (
        f"{base.name_zh}{day.month}月{day.day}日认证考试",
        f"Certification examination, {base.name_en}, {day.day} {day:%B %Y}",
    )
    sitting = plan(session, base.id, Plan(*titles, blueprint, times, tuple(rooms)), by)
    trainees = select(Person).where(placeable(by.holder, base.id)).order_by(Person.id).limit(PLACED)
    for person in session.scalars(trainees).unique().all():
        add_place(session, sitting, person, by)
    allocate_all(session, sitting, f"demonstration/{base.id}", by)
    return sitting


def working_day(day: date) -> date:
    """The day itself, or the Monday after it when it is a Saturday or Sunday."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)

"""A sitting of a demonstration that is open at once, day and night: whoever tries the site can sit an exam."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from training_app.bookings.models import Room
from training_app.bookings.rooms import add, set_hours
from training_app.bookings.rules import Hours
from training_app.bookings.seating import Layout, lay_out
from training_app.exams.day.opening import open_if_due
from training_app.exams.rules import Times
from training_app.exams.setup.demonstration import LENGTH, administrator, certification_blueprint
from training_app.exams.setup.duties import assign, invigilators_at
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.roster import add_place, placeable
from training_app.exams.setup.seating import allocate_all
from training_app.exams.setup.sittings import Plan, plan
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.people.models import Person, TrainingBase
from training_app.people.signed import holder_of

PLANNED_BEFORE: Final = timedelta(hours=2)
BEGAN_BEFORE: Final = timedelta(minutes=5)
LATEST: Final = timedelta(hours=40)
"""From the demonstration on: to the evening of the next day, whenever it was made."""

ROOM: Final = {"kind": "exam", "name_zh": "自助机位室（演示）", "name_en": "Walk-in room (demonstration)", "note": ""}
ROUND_THE_CLOCK: Final = tuple(Hours(day, 0, 24 * 60) for day in range(7))
TITLES: Final = ("随到随考（演示）", "Walk-in examination (demonstration)")


def open_sittings_of_the_demonstration(session: Session, criteria: Criteria, now: datetime) -> None:
    """At each base one that has just begun, in a room of its own that never closes, with every trainee of the base."""
    blueprint = certification_blueprint(session)
    if blueprint is None:
        return
    for base in session.scalars(select(TrainingBase).order_by(TrainingBase.position)).all():
        _open_one(session, base, (blueprint, criteria), now)


def _open_one(session: Session, base: TrainingBase, drawn_by: tuple[int, Criteria], now: datetime) -> None:
    blueprint, criteria = drawn_by
    by = By(holder_of(administrator(session, base.id)), None, now - PLANNED_BEFORE)
    minute = now.replace(second=0, microsecond=0)
    begins = minute - BEGAN_BEFORE
    latest = minute + LATEST
    times = Times(begins, latest, latest + LENGTH + timedelta(minutes=45), LENGTH)
    room = _room(session, base.id, by.now)
    sitting = plan(session, base.id, Plan(*TITLES, blueprint, times, (room.id,)), by)
    for person in session.scalars(select(Person).where(placeable(by.holder, base.id)).order_by(Person.id)).unique():
        add_place(session, sitting, person, by)
    allocate_all(session, sitting, f"walk-in/{base.id}", by)
    session.refresh(sitting)
    # one of the two watches: the other one stays free for sittings that whoever tries the site plans
    assign(session, sitting, invigilators_at(session, base.id)[0].id, room.id, by=by)
    prepare(session, sitting, criteria, by)
    _open(session, sitting, begins)


def _open(session: Session, sitting: Sitting, begins: datetime) -> None:
    session.refresh(sitting)
    opened = open_if_due(session, sitting, begins)
    assert opened, "a prepared sitting opens when it is time"


def _room(session: Session, base: str, now: datetime) -> Room:
    room = Room(base_id=base)
    add(session, room, ROOM)
    set_hours(session, room, ROUND_THE_CLOCK, room.version)
    session.refresh(room)
    lay_out(session, room, Layout(2, 4), seen_version=room.version, now=now)
    session.refresh(room)
    return room

"""A day of an exam lived through at its own times by the services of the day: for the demonstration and for tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.scoring import Response, is_empty
from training_app.exams.attempts import PaperItem, paper_of
from training_app.exams.console.ending import end_sitting
from training_app.exams.day.door import arrival_for, confirm_seat
from training_app.exams.day.opening import open_if_due
from training_app.exams.day.rules import OPENS_BEFORE
from training_app.exams.day.starting import start
from training_app.exams.models import Attempt
from training_app.exams.paper.finishing import hand_in
from training_app.exams.paper.receiving import Arrival, receive
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person
from training_app.people.rules import Holder
from training_app.people.signed import holder_of
from training_app.saves import Delivery, Entry

PACE: Final = timedelta(seconds=24)
"""Time between two answers: short enough that the page never falls silent."""

TIME_IS_UP: Final = "考试时间到"
"""The reason that stands in the history of the sitting."""

Answering = Callable[[PaperItem], Response]
"""What somebody answers to an item; empty for leaving it open."""


@dataclass(frozen=True, slots=True)
class Day:
    """A sitting to be lived through. answering: by person id; who is missing there does not come.

    ends_at: when the invigilator closes it.
    """

    sitting_id: int
    answering: Mapping[int, Answering]
    invigilator: Holder
    ends_at: datetime


def live_through(session: Session, day: Day) -> None:
    """The prepared sitting is opened, sat by those who come, and closed; who does not come is absent."""
    sitting = session.get_one(Sitting, day.sitting_id)
    open_if_due(session, sitting, _begins(sitting) - OPENS_BEFORE)
    places = session.scalars(
        select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.state == "expected")
    ).all()
    coming = [place for place in places if place.person_id in day.answering]
    for place in coming:
        _come_in(session, sitting, place)
    for number, place in enumerate(coming):
        _sit(session, sitting, place, (day.answering[place.person_id], timedelta(seconds=number)))
    end_sitting(session, sitting, TIME_IS_UP, also_working=0, by=By(day.invigilator, None, day.ends_at.astimezone(UTC)))


def _begins(sitting: Sitting) -> datetime:
    # what was planned in this session has the zone in which it was entered; the chains are over UTC
    return sitting.starts_at.astimezone(UTC)


def _holder(session: Session, place: RosterPlace) -> Holder:
    return holder_of(session.get_one(Person, place.person_id))


def _come_in(session: Session, sitting: Sitting, place: RosterPlace) -> None:
    assert place.seat is not None, "a prepared sitting has seats"
    by = By(_holder(session, place), None, _begins(sitting) - timedelta(minutes=12))
    confirm_seat(session, arrival_for(session, place), place.seat.label, by)


def _sit(session: Session, sitting: Sitting, place: RosterPlace, what: tuple[Answering, timedelta]) -> None:
    answering, later = what
    holder, now = _holder(session, place), _begins(sitting) + later
    attempt: Attempt = start(session, holder, place.id, now)
    device = f"room-{attempt.id}/1"
    receive(session, holder, attempt.id, Delivery(device=device), arrival=_at(now))
    for item in paper_of(session, attempt):
        now += PACE
        response = answering(item)
        entries = () if is_empty(response) else (Entry(item.version_id, 1, response, now),)
        delivery = Delivery(device=device, entries=entries, position=item.position)
        receive(session, holder, attempt.id, delivery, arrival=_at(now))
    hand_in(session, holder, attempt.id, Delivery(device=device), arrival=_at(now + PACE / 2))
    session.expire_all()


def _at(now: datetime) -> Arrival:
    return Arrival(now, lambda _beacon: None)

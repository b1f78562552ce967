"""What happened at one seat, and in the whole sitting, newest first: acts, states, connection, facts, added time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from training_app.audit.words import act_name
from training_app.exams.console.board import Tile
from training_app.exams.console.words import CHANGES, FACTS, span
from training_app.exams.day_models import DeadlineEvent, Gap, PaperFact
from training_app.exams.models import AttemptEvent
from training_app.exams.sitting_models import Sitting, SittingEvent
from training_app.people.models import Person
from training_app.web.words import name_of

MOST_LINES: Final = 40
SET_UP: Final = (
    "sitting.planned",
    "sitting.changed",
    "sitting.postponed",
    "sitting.prepared",
    "sitting.unprepared",
    "place.added",
    "place.seat_changed",
    "place.time_changed",
    "seats.allocated",
    "duty.assigned",
    "duty.ended",
)
"""Acts before the day, which are no news in the room."""
GRAVE: Final = frozenset({"elsewhere", "took_over", "wrong_seat"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history. said: what a person wrote. grave: whether it is set in red. place_id: at which seat."""

    at: datetime
    text: str
    who: str = ""
    said: str = ""
    grave: bool = False
    place_id: int | None = None


def history_of_seat(session: Session, tile: Tile) -> list[Line]:
    """The lines of one place, newest first."""
    mine = select(SittingEvent, Person).where(SittingEvent.place_id == tile.place_id)
    lines = list(_acts(session, mine))
    if tile.attempt_id is not None:
        told = {line.at for line in lines}
        lines += [line for line in _changes(session, tile.attempt_id) if line.at not in told]
        lines += [*_gaps(session, tile.attempt_id), *_facts(session, tile.attempt_id)]
        lines += _added(session, tile.attempt_id)
    lost = (trouble for trouble in tile.troubles if trouble.kind == "lost")
    lines += [Line(trouble.since, _("Connection lost"), grave=True) for trouble in lost]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:MOST_LINES]


def history_of_sitting(session: Session, sitting: Sitting, most: int = 20) -> list[Line]:
    """The last acts in the sitting, newest first."""
    statement = select(SittingEvent, Person).where(SittingEvent.sitting_id == sitting.id)
    return list(_acts(session, statement.order_by(SittingEvent.id.desc()).limit(most)))


def _acts(session: Session, statement: Select[SittingEvent, Person]) -> Iterator[Line]:
    joined = statement.outerjoin(Person, Person.id == SittingEvent.by).where(SittingEvent.act.not_in(SET_UP))
    for row in session.execute(joined).unique():
        event, person = row.SittingEvent, row.Person
        who = name_of(person) if person else ""
        yield Line(event.at, act_name(event.act), who, event.reason or "", place_id=event.place_id)


def _changes(session: Session, attempt_id: int) -> Iterator[Line]:
    rows: Sequence[AttemptEvent] = session.scalars(
        select(AttemptEvent).where(AttemptEvent.attempt_id == attempt_id).order_by(AttemptEvent.id)
    ).all()
    for event in rows:
        if event.to_state in CHANGES and event.from_state != event.to_state:
            text = _("Goes on") if event.from_state == "paused" else str(CHANGES[event.to_state])
            yield Line(event.at, text)


def _gaps(session: Session, attempt_id: int) -> Iterator[Line]:
    for gap in session.scalars(select(Gap).where(Gap.attempt_id == attempt_id)).all():
        lasted = span((gap.to_at - gap.from_at).total_seconds())
        yield Line(gap.from_at, _("Connection interrupted for %(time)s, came back by itself", time=lasted))


def _facts(session: Session, attempt_id: int) -> Iterator[Line]:
    for fact in session.scalars(select(PaperFact).where(PaperFact.attempt_id == attempt_id)).all():
        text = str(FACTS[fact.kind])
        if fact.seconds:
            text = _("%(what)s, %(time)s", what=text, time=span(fact.seconds))
        typed = fact.details.get("typed")
        if typed:
            text = _("%(what)s: %(typed)s", what=text, typed=typed)
        yield Line(fact.at, text, grave=fact.kind in GRAVE)


def _added(session: Session, attempt_id: int) -> Iterator[Line]:
    for event in session.scalars(select(DeadlineEvent).where(DeadlineEvent.attempt_id == attempt_id)).all():
        yield Line(event.at, _("%(time)s added to the end", time=span(event.seconds)))

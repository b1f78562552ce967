"""A rehearsal removed: everything it made, in parts that keep nobody waiting. The triggers let nothing else go."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.exams.day_models import DeadlineEvent, Gap, LateEvent, PaperFact, Presence, Receipt
from training_app.exams.models import Attempt, AttemptEvent, Form, FormItem, ResponseEvent
from training_app.exams.rehearsal.models import Rehearsal
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent, SittingForm
from training_app.jobs.models import Job
from training_app.people.models import Person, RoleGrant

AT_ONCE: Final = 200
"""Candidates that one transaction removes."""
KEPT_FOR: Final = timedelta(hours=24)
OF_ATTEMPT: Final[tuple[Any, ...]] = (
    ResponseEvent,
    AttemptEvent,
    LateEvent,
    PaperFact,
    Gap,
    DeadlineEvent,
    Presence,
    Receipt,
)
"""Tables with rows of an attempt, each before those that it points to."""


def drop_some(session: Session, marked: Sitting, now: datetime, *, by: int | None = None) -> int:
    """How many candidates went; with the last ones the sitting goes too. 0 when nothing is left."""
    if not marked.rehearsal:
        raise ValueError("only a rehearsal is ever removed")
    rows = session.execute(
        select(RosterPlace.id, RosterPlace.person_id, RosterPlace.attempt_id)
        .where(RosterPlace.sitting_id == marked.id)
        .order_by(RosterPlace.id)
        .limit(AT_ONCE)
    ).all()
    attempts = [row.attempt_id for row in rows]
    for table in OF_ATTEMPT:
        session.execute(_gone(table, table.attempt_id.in_(attempts)))
    session.execute(_gone(SittingEvent, SittingEvent.place_id.in_([row.id for row in rows])))
    session.execute(_gone(RosterPlace, RosterPlace.id.in_([row.id for row in rows])))
    session.execute(_gone(Attempt, Attempt.id.in_(attempts)))
    _drop_people(session, [row.person_id for row in rows if row.person_id != marked.made_by])
    if len(rows) < AT_ONCE:
        _drop_sitting(session, marked, now, by)
    return max(1, len(rows))


def _gone(table: Any, condition: Any) -> Any:
    return delete(table).where(condition).execution_options(synchronize_session=False)


def _drop_people(session: Session, people: Sequence[int]) -> None:
    session.execute(_gone(RoleGrant, RoleGrant.person_id.in_(people)))
    session.execute(_gone(Person, and_(Person.id.in_(people), Person.rehearsal)))


def _drop_sitting(session: Session, marked: Sitting, now: datetime, by: int | None) -> None:
    number, base, maker = marked.id, marked.base_id, marked.made_by
    forms = list(session.scalars(select(SittingForm.form_id).where(SittingForm.sitting_id == number)))
    session.execute(_gone(SittingEvent, SittingEvent.sitting_id == number))
    session.execute(_gone(SittingForm, SittingForm.sitting_id == number))
    session.execute(_gone(FormItem, FormItem.form_id.in_(forms)))
    session.execute(_gone(Form, Form.id.in_(forms)))
    session.execute(
        update(Rehearsal).where(Rehearsal.marked_id == number).values(marked_id=None),
        execution_options={"synchronize_session": False},
    )
    session.execute(_gone(Sitting, Sitting.id == number))
    _drop_people(session, [maker])
    session.expire_all()
    record(session, Act("rehearsal.dropped", "sitting", number, by, base), now)


def rehearsals_there(session: Session) -> list[int]:
    """Ids of the marked sittings, oldest first."""
    return list(session.scalars(select(Sitting.id).where(Sitting.rehearsal).order_by(Sitting.id)))


def drop_ended(session: Session, now: datetime) -> int:
    """How many candidates went of the oldest rehearsal that is over: a day old, or left behind by its job."""
    left = (
        select(Rehearsal.marked_id)
        .outerjoin(Job, Job.id == Rehearsal.job_id)
        .where(Rehearsal.marked_id.is_not(None), or_(Job.id.is_(None), Job.state.not_in(("waiting", "running"))))
    )
    ended = or_(Sitting.made_at <= now - KEPT_FOR, Sitting.id.in_(left))
    marked = session.scalars(select(Sitting).where(Sitting.rehearsal, ended).order_by(Sitting.id)).first()
    return drop_some(session, marked, now) if marked is not None else 0

"""The start of a paper: once, however often it is asked for, and never before the common start or after the latest."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.errors import Conflict
from training_app.exams.day.door import Arrival, arrival_of
from training_app.exams.day.rules import BEGUN
from training_app.exams.models import Attempt
from training_app.exams.paper.clockwork import begin
from training_app.exams.sitting_acts import write_down_by_clock
from training_app.exams.sitting_models import Sitting
from training_app.people.rules import Holder
from training_app.web.words import clock


def start(session: Session, holder: Holder, place_id: int, now: datetime) -> Attempt:
    """The person's attempt, running: begun now, or when it began before.

    The sitting is locked before the attempt, as acts of the room do it. The clock of each begins with its own start.
    """
    arrival = arrival_of(session, holder, place_id)
    arrival.require_admitted(now)
    attempt = arrival.attempt
    assert attempt is not None, "who is admitted has an attempt"
    if attempt.state in BEGUN:
        return attempt
    if arrival.place.entered_at is None or attempt.state != "waiting":
        raise Conflict(_l("Confirm your details and your seat first."))
    if now < arrival.start:
        raise Conflict(_l("The examination begins at %(time)s.", time=clock(arrival.start)))
    _let_sitting_run(session, arrival, now)
    _hold_sitting(session, arrival)
    arrival.require_admitted(now)
    session.refresh(attempt, with_for_update=True)
    sitting, place = arrival.sitting, arrival.place
    begin(session, attempt, length_s=sitting.length_s, personal_s=place.personal_time_s, now=now)
    if attempt.state not in BEGUN:
        raise Conflict(_l("Your paper has changed meanwhile. Load the page again."))
    return attempt


def _let_sitting_run(session: Session, arrival: Arrival, now: datetime) -> None:
    """The first start makes the sitting run; it takes the row for itself before anybody shares it."""
    if arrival.sitting.state != "open":
        return
    changed = session.execute(
        update(Sitting)
        .where(Sitting.id == arrival.sitting.id, Sitting.state == "open")
        .values(state="running", version=Sitting.version + 1)
        .returning(Sitting.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    session.expire(arrival.sitting)
    if changed is not None:
        act = Act("sitting.begun", "sitting", arrival.sitting.id, base_id=arrival.sitting.base_id)
        write_down_by_clock(session, arrival.sitting, act, now)


def _hold_sitting(session: Session, arrival: Arrival) -> None:
    """Nobody ends the sitting between this look at it and the start; starts do not wait for each other."""
    session.execute(select(Sitting.id).where(Sitting.id == arrival.sitting.id).with_for_update(read=True)).scalar_one()
    session.refresh(arrival.sitting)

"""Attempts brought up to date when they are read: time up closes, what is handed in is scored. No timer is needed."""

from datetime import datetime

from sqlalchemy import select

from training_app.exams.models import Attempt
from training_app.exams.paper.handing_in import close_if_over
from training_app.exams.paper.standing import is_over
from training_app.exams.results import score_attempt
from training_app.people.signed import me
from training_app.web.requests import now, read_session, write_session


def settle(attempt: Attempt, moment: datetime) -> Attempt:
    """The attempt as it must be at this moment, read anew when it was closed or scored here.

    Closing and scoring are two transactions: a crash between them leaves an attempt that the next reading scores. What
    was sat in a sitting is scored by its own runs.
    """
    attempt_id, kind, closed = attempt.id, attempt.kind, False
    if is_over(attempt, moment):
        with write_session() as session:
            closed = close_if_over(session, session.get_one(Attempt, attempt_id), moment)
    scores = kind != "sitting" and (closed or attempt.state == "submitted")
    if scores:
        with write_session() as session:
            score_attempt(session, attempt_id, moment)
    return read_session().get_one(Attempt, attempt_id, populate_existing=True)


def settle_own() -> None:
    """Every attempt of the person who is signed in is as it must be at this moment."""
    unsettled = select(Attempt).where(Attempt.person_id == me().id, Attempt.state.in_(("running", "submitted")))
    for attempt in read_session().scalars(unsettled).all():
        settle(attempt, now())

"""Attempts brought up to date when they are read: time up closes, what is handed in is scored. No timer is needed."""

from sqlalchemy import select

from training_app.exams.answers import close
from training_app.exams.attempts import ENTRY, attempt_of, is_over
from training_app.exams.models import Attempt
from training_app.exams.results import score_attempt
from training_app.people.signed import me
from training_app.web.requests import now, read_session, write_session


def takes_answers(attempt: Attempt) -> bool:
    """Whether the attempt takes answers; one whose time is up is closed, a closed one is scored.

    Closing and scoring are two transactions: a crash between them leaves an attempt that the next reading scores.
    """
    if attempt.state == "running" and not is_over(attempt, now()):
        return True
    if attempt.state == "running":
        with write_session() as session:
            close(session, attempt_of(session, me().holder, attempt.id), reason="time_up", now=now())
    if attempt.state in ("running", "submitted"):
        with write_session() as session:
            score_attempt(session, attempt.id, now())
    return False


def settle_own() -> None:
    """Every entry test of the person who is signed in is as it must be at this moment."""
    unsettled = select(Attempt).where(
        Attempt.person_id == me().id, Attempt.kind == ENTRY, Attempt.state.in_(("running", "submitted"))
    )
    for attempt in read_session().scalars(unsettled).all():
        takes_answers(attempt)

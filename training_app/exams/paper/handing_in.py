"""Handing in: the attempt takes no answers any more and gets its receipt. Scoring is apart, and follows later."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.errors import Conflict
from training_app.exams.day_models import Receipt
from training_app.exams.models import Attempt
from training_app.exams.paper.clockwork import NOT_RUNNING, note
from training_app.exams.paper.receipts import make_receipt, receipt_of
from training_app.exams.paper.standing import HANDED_IN, TRANSPORT_GRACE, is_over

TIME_UP = "time_up"
BY_CANDIDATE = "handed_in"


def submit(session: Session, attempt: Attempt, *, reason: str, by: int | None, now: datetime) -> Receipt | None:
    """The receipt of the attempt, which is handed in from now on; doing it twice changes nothing.

    None only for an attempt from before there were receipts. Raises Conflict when it neither runs nor is paused.
    """
    session.refresh(attempt, with_for_update=True)
    if attempt.state in HANDED_IN:
        return receipt_of(session, attempt.id)
    if attempt.state not in ("running", "paused"):
        raise Conflict(NOT_RUNNING)
    before = attempt.state
    assert attempt.deadline_at is not None
    values = {"state": "submitted", "paused_at": None, "submitted_at": min(now, attempt.deadline_at)}
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == before)
        .values(**values, version=Attempt.version + 1),
        execution_options={"synchronize_session": False},
    )
    note(session, attempt.id, (before, "submitted", reason), by=by, at=now)
    session.refresh(attempt)
    return make_receipt(session, attempt)


def close_if_over(session: Session, attempt: Attempt, now: datetime) -> bool:
    """Whether the attempt was handed in here because its time and the grace are up."""
    if not is_over(attempt, now):
        return False
    session.refresh(attempt, with_for_update=True)
    if not is_over(attempt, now):
        return False
    submit(session, attempt, reason=TIME_UP, by=None, now=now)
    return True


def close_overdue(session: Session, now: datetime, *, most: int = 200) -> int:
    """How many attempts were handed in because their time and the grace are up; at most `most` at a time."""
    overdue = session.scalars(
        select(Attempt)
        .where(Attempt.state == "running", Attempt.deadline_at < now - TRANSPORT_GRACE)
        .order_by(Attempt.id)
        .limit(most)
    ).all()
    return sum(close_if_over(session, attempt, now) for attempt in overdue)

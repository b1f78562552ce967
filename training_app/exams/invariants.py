"""What must always hold of attempts, for `training-app check`."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from training_app.exams.day_models import DeadlineEvent, LateEvent, Presence, Receipt
from training_app.exams.models import Attempt, AttemptEvent, ResponseEvent, Result, ScoreLine
from training_app.exams.paper.receipts import recompute
from training_app.exams.paper.standing import HANDED_IN
from training_app.registry import Finding


def exam_findings(session: Session) -> Iterator[Finding]:
    """Broken answer chains, clocks that no event explains, receipts and late answers that do not fit, false sums."""
    for attempt in session.scalars(select(Attempt).order_by(Attempt.id)):
        yield from _chain_findings(session, attempt)
    yield from _clock_findings(session)
    yield from _state_findings(session)
    yield from _holder_findings(session)
    yield from _late_findings(session)
    yield from _score_findings(session)


def _chain_findings(session: Session, attempt: Attempt) -> Iterator[Finding]:
    report = recompute(session, attempt)
    for fault in report.faults:
        place = (
            f"attempt {attempt.id}" if fault.server_seq is None else f"attempt {attempt.id} event {fault.server_seq}"
        )
        yield Finding("exams", place, fault.message)
    place = f"attempt {attempt.id}"
    if report.matches is False:
        yield Finding("exams", place, "its receipt names a head that its answers do not give")
    if report.genuine is False:
        yield Finding("exams", place, "its receipt is not as it was signed, or its key is gone")


def _clock_findings(session: Session) -> Iterator[Finding]:
    added = func.coalesce(func.sum(DeadlineEvent.seconds), 0).label("added")
    rows = session.execute(
        select(Attempt.id, Attempt.started_at, Attempt.deadline_at, Attempt.length_s, added)
        .outerjoin(DeadlineEvent, DeadlineEvent.attempt_id == Attempt.id)
        .where(Attempt.length_s.is_not(None))
        .group_by(Attempt.id, Attempt.started_at, Attempt.deadline_at, Attempt.length_s)
        .order_by(Attempt.id)
    )
    for row in rows:
        length = timedelta(seconds=row.length_s + row.added)
        if row.started_at is None or row.deadline_at != row.started_at + length:
            yield Finding("exams", f"attempt {row.id}", "its deadline is not its start, its length and what was added")


def _state_findings(session: Session) -> Iterator[Finding]:
    last = (
        select(AttemptEvent.attempt_id, func.max(AttemptEvent.id).label("event_id"))
        .group_by(AttemptEvent.attempt_id)
        .subquery()
    )
    rows = session.execute(
        select(Attempt.id, Attempt.state, AttemptEvent.to_state)
        .join(last, last.c.attempt_id == Attempt.id)
        .join(AttemptEvent, AttemptEvent.id == last.c.event_id)
        .where(Attempt.state != AttemptEvent.to_state)
        .order_by(Attempt.id)
    )
    for row in rows:
        yield Finding("exams", f"attempt {row.id}", "its state is not that of its last change")
    unfinished = select(Attempt.id).where(Attempt.state.in_(sorted(HANDED_IN)), Attempt.submitted_at.is_(None))
    for attempt_id in session.scalars(unfinished):
        yield Finding("exams", f"attempt {attempt_id}", "is handed in without the time of it")
    early = (
        select(Receipt.attempt_id).join(Attempt).where(Attempt.state.in_(("created", "waiting", "running", "paused")))
    )
    for attempt_id in session.scalars(early):
        yield Finding("exams", f"attempt {attempt_id}", "has a receipt and is not handed in")


def _holder_findings(session: Session) -> Iterator[Finding]:
    rows = session.scalars(
        select(Attempt.id)
        .join(Presence, Presence.attempt_id == Attempt.id)
        .where(Attempt.device.is_not(None), Attempt.device != Presence.device)
        .order_by(Attempt.id)
    )
    for attempt_id in rows:
        yield Finding("exams", f"attempt {attempt_id}", "was last shown by a page that does not hold it")


def _late_findings(session: Session) -> Iterator[Finding]:
    appended = func.count(ResponseEvent.id)
    expected = case((LateEvent.decision == "accepted", 1), else_=0)
    rows = session.execute(
        select(LateEvent.id, LateEvent.attempt_id)
        .outerjoin(ResponseEvent, ResponseEvent.late_event_id == LateEvent.id)
        .group_by(LateEvent.id, LateEvent.attempt_id, LateEvent.decision)
        .having(appended != expected)
        .order_by(LateEvent.id)
    )
    for row in rows:
        yield Finding("exams", f"attempt {row.attempt_id}", "a late answer counts, or does not, against its decision")


def _score_findings(session: Session) -> Iterator[Finding]:
    sums = (
        select(Result.attempt_id, Result.score, func.sum(ScoreLine.points).label("total"))
        .join(ScoreLine, ScoreLine.run_id == Result.run_id)
        .group_by(Result.run_id, Result.attempt_id, Result.score)
    )
    for row in session.execute(sums):
        if row.score != row.total:
            yield Finding("exams", f"attempt {row.attempt_id}", f"score {row.score} is not the sum {row.total}")

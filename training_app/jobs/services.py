"""Jobs from beginning to end. Every change is a guarded statement: of two at once, one finds nothing left."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from question_bank.texts import Text
from training_app.errors import Conflict
from training_app.jobs.models import Job
from training_app.jobs.words import ENDED, LOST, NO_WORDS, NOT_AGAIN, STANDS, UNKNOWN, in_both_languages

STALE_AFTER: Final = timedelta(seconds=45)
"""A worker that gave no sign of its job for so long is taken for dead."""

MOST_ATTEMPTS: Final = 3
KEPT_FOR: Final = timedelta(days=365)


class LostClaim(Exception):
    """Another worker has the job, or it was ended: nothing of it may be written any more."""


@dataclass(frozen=True, slots=True)
class Order:
    """Long work that is asked for. subject: what it works on; by: the person; base_id: None reaches every base."""

    kind: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    subject: str | None = None
    base_id: str | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker holds."""

    id: int
    kind: str
    claim: str
    arguments: Mapping[str, object]


def begin(session: Session, order: Order, now: datetime) -> Job:
    """The job, waiting for the worker. Raises Conflict when one of this kind already stands for the same subject."""
    job = Job(
        kind=order.kind,
        subject=order.subject,
        base_id=order.base_id,
        started_by=order.by,
        arguments=dict(order.arguments),
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        raise Conflict(STANDS) from None
    return job


def standing(session: Session, kind: str, subject: str | None = None) -> Job | None:
    """The newest job of this kind, for the subject when one is named, that waits or runs."""
    wanted = select(Job).where(Job.kind == kind, Job.state.in_(("waiting", "running"))).order_by(Job.id.desc())
    return session.scalars(wanted if subject is None else wanted.where(Job.subject == subject)).first()


def is_any_standing(session: Session) -> bool:
    """Whether any job waits or runs."""
    found = session.execute(select(Job.id).where(Job.state.in_(("waiting", "running"))).limit(1)).first()
    return found is not None


def claim_next(session: Session, claim: str, kinds: Collection[str], now: datetime) -> Claimed | None:
    """The oldest waiting job, from now on run by `claim`; None when none waits. Of an unknown kind it fails at once."""
    for number in session.scalars(select(Job.id).where(Job.state == "waiting").order_by(Job.id).limit(20)).all():
        row = session.execute(
            update(Job)
            .where(Job.id == number, Job.state == "waiting")
            .values(
                state="running",
                claim=claim,
                started_at=now,
                heartbeat_at=now,
                attempts=Job.attempts + 1,
                version=Job.version + 1,
            )
            .returning(Job.kind, Job.arguments),
            execution_options={"synchronize_session": False},
        ).one_or_none()
        if row is None:
            continue  # another worker was faster
        if row.kind in kinds:
            return Claimed(number, row.kind, claim, row.arguments)
        end(session, Claimed(number, row.kind, claim, {}), "failed", now, message=in_both_languages(UNKNOWN))
    return None


def beat(session: Session, job: Claimed, now: datetime) -> bool:
    """Whether the job goes on, with a sign of life; False when somebody cancelled it. Raises LostClaim."""
    asked = session.execute(
        update(Job).where(_held(job)).values(heartbeat_at=now).returning(Job.cancel_asked_at),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if asked is None:
        raise LostClaim
    return asked[0] is None


def report(session: Session, job: Claimed, progress: int, *, total: int | None, message: Text) -> None:
    """How far the job is. Raises LostClaim."""
    values: dict[str, Any] = {"progress": progress, "total": total, "version": Job.version + 1}
    if message != NO_WORDS:
        values |= {"message_zh": message.zh, "message_en": message.en}
    _changed(session, job, values)


def end(
    session: Session,
    job: Claimed,
    state: str,
    now: datetime,
    *,
    message: Text = NO_WORDS,
    result: Mapping[str, object] | None = None,
) -> None:
    """The job is over: done, failed or cancelled, for ever. Raises LostClaim."""
    values: dict[str, Any] = {
        "state": state,
        "claim": None,
        "ended_at": now,
        "message_zh": message.zh,
        "message_en": message.en,
        "version": Job.version + 1,
    }
    if state == "done":
        values |= {"result": None if result is None else dict(result)}
    _changed(session, job, values)


def give_back(session: Session, job: Claimed) -> None:
    """The job waits again, as if this worker had not begun it. Raises LostClaim."""
    values = {"state": "waiting", "claim": None, "attempts": Job.attempts - 1, "version": Job.version + 1}
    _changed(session, job, values)


def ask_to_cancel(session: Session, job: Job, now: datetime) -> None:
    """A waiting job is cancelled; a running one ends at its next step. Raises Conflict when it has ended."""
    waiting = session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == "waiting")
        .values(state="cancelled", cancel_asked_at=now, ended_at=now, version=Job.version + 1)
        .returning(Job.id)
    ).first()
    running = (
        waiting
        or session.execute(
            update(Job)
            .where(Job.id == job.id, Job.state == "running")
            .values(cancel_asked_at=now, version=Job.version + 1)
            .returning(Job.id)
        ).first()
    )
    if running is None:
        raise Conflict(ENDED)
    session.refresh(job)


def take_back_lost(
    session: Session, unrepeatable: Collection[str], now: datetime, stale_after: timedelta = STALE_AFTER
) -> int:
    """How many jobs of dead workers were taken from them: to be begun again, or ended with the reason."""
    # a sign of life from the future was given before the clock was set back
    is_silent = or_(Job.heartbeat_at <= now - stale_after, Job.heartbeat_at > now + stale_after)
    lost = session.execute(
        select(Job.id, Job.kind, Job.claim, Job.attempts, Job.cancel_asked_at).where(Job.state == "running", is_silent)
    ).all()
    taken = 0
    for row in lost:
        job = Claimed(row.id, row.kind, row.claim or "", {})
        still = session.execute(
            update(Job).where(_held(job), is_silent).values(version=Job.version + 1).returning(Job.id),
            execution_options={"synchronize_session": False},
        ).first()
        if still is None:
            continue  # it was alive after all, or somebody else took it
        taken += 1
        if row.cancel_asked_at is not None:
            end(session, job, "cancelled", now)
        elif row.kind in unrepeatable:
            end(session, job, "failed", now, message=in_both_languages(NOT_AGAIN))
        elif row.attempts >= MOST_ATTEMPTS:
            end(session, job, "failed", now, message=_lost(row.attempts))
        else:
            _changed(session, job, {"state": "waiting", "claim": None})
    return taken


def _lost(count: int) -> Text:
    words = in_both_languages(LOST)
    return Text(zh=words.zh % {"count": count}, en=words.en % {"count": count})


def forget_old(session: Session, now: datetime) -> int:
    """How many jobs were deleted whose time is over."""
    return len(session.execute(delete(Job).where(Job.ended_at <= now - KEPT_FOR).returning(Job.id)).all())


def jobs_within(person_id: int, bases: Collection[str], *, all_bases: bool) -> ColumnElement[bool]:
    """The condition on Job: one's own, and those of the bases within reach."""
    if all_bases:
        return true()
    return or_(Job.started_by == person_id, Job.base_id.in_(bases) if bases else false())


def _held(job: Claimed) -> ColumnElement[bool]:
    return and_(Job.id == job.id, Job.claim == job.claim, Job.state == "running")


def _changed(session: Session, job: Claimed, values: Mapping[str, Any]) -> None:
    changed = session.execute(
        update(Job).where(_held(job)).values(**values).returning(Job.id),
        execution_options={"synchronize_session": False},
    ).first()
    if changed is None:
        raise LostClaim

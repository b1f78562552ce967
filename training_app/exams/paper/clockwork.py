"""The clock of an attempt: begun once, moved by deadline events, stopped and let go on. The server's clock alone.

deadline = start + length + the sum of the deadline events. Every change locks the attempt or is compare-and-swap on its
state: of two at once one counts. The reason of a change of state is a word or a few; the whole sentence that a person
gave stands in the history of the sitting.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from question_bank.identifiers import mask_identity_numbers
from training_app.errors import Conflict
from training_app.exams.day_models import DeadlineEvent
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.paper.standing import BEFORE_START, is_over

NOT_RUNNING = _l("This attempt is not running, so its clock cannot be changed.")
NOT_PAUSED = _l("This attempt is not paused.")
LONGEST_WORD = 40


def change_state(  # noqa: PLR0917 - before and after belong together in this order
    session: Session, attempt: Attempt, before: str, after: str, reason: str, *, by: int | None, at: datetime
) -> bool:
    """Whether the state went from `before` to `after` here; False when somebody else was faster. Written down."""
    moved = _swap(session, attempt, before, {"state": after})
    if moved:
        note(session, attempt.id, (before, after, reason), by=by, at=at)
    return moved


def note(session: Session, attempt_id: int, change: tuple[str, str, str], *, by: int | None, at: datetime) -> None:
    """The change of state (before, after, reason) stands in the attempt's log."""
    before, after, reason = change
    word = mask_identity_numbers(reason)[:LONGEST_WORD]
    values = {"from_state": before, "to_state": after, "reason": word, "by": by, "at": at}
    session.execute(insert(AttemptEvent).values(attempt_id=attempt_id, **values))


def begin(session: Session, attempt: Attempt, *, length_s: int, personal_s: int, now: datetime) -> bool:
    """Whether the clock was started here: the attempt runs from `now`, with the personal time as a deadline event.

    False when it runs or ran already: starting twice changes nothing.
    """
    _lock(session, attempt)
    before = attempt.state
    if before not in BEFORE_START:
        return False
    deadline_at = now + timedelta(seconds=length_s + personal_s)
    values = {"state": "running", "started_at": now, "length_s": length_s, "deadline_at": deadline_at}
    _swap(session, attempt, before, values)
    note(session, attempt.id, (before, "running", "started"), by=attempt.person_id, at=now)
    if personal_s:
        _moved_deadline(session, attempt, personal_s, now, kind="personal")
    return True


def add_time(  # noqa: PLR0913 - what a deadline event says
    session: Session,
    attempt: Attempt,
    seconds: int,
    *,
    kind: str,
    reason: str,
    by: int | None,
    now: datetime,
    approved_by: int | None = None,
    proposal_id: int | None = None,
) -> datetime:
    """The deadline, `seconds` later than before. Raises Conflict when the attempt neither runs nor is paused.

    kind: "compensation" or "personal". One whose time was up but which is not closed yet goes on with it.
    """
    if seconds <= 0:
        raise ValueError("time is only ever added")
    _lock(session, attempt)
    if attempt.state not in ("running", "paused") or attempt.deadline_at is None:
        raise Conflict(NOT_RUNNING)
    later = attempt.deadline_at + timedelta(seconds=seconds)
    _swap(session, attempt, attempt.state, {"deadline_at": later})
    _moved_deadline(
        session,
        attempt,
        seconds,
        now,
        kind=kind,
        reason=reason,
        by=by,
        approved_by=approved_by,
        proposal_id=proposal_id,
    )
    return later


def pause(session: Session, attempt: Attempt, *, reason: str, by: int | None, now: datetime) -> None:
    """The clock stands still. Raises Conflict when the attempt does not run, or its time is up."""
    _lock(session, attempt)
    if attempt.state != "running" or is_over(attempt, now):
        raise Conflict(NOT_RUNNING)
    _swap(session, attempt, "running", {"state": "paused", "paused_at": now})
    note(session, attempt.id, ("running", "paused", reason), by=by, at=now)


def resume(session: Session, attempt: Attempt, *, reason: str, by: int | None, now: datetime) -> int:
    """The seconds by which the deadline moved: as long as the clock stood still. Raises Conflict when it did not."""
    _lock(session, attempt)
    if attempt.state != "paused" or attempt.paused_at is None or attempt.deadline_at is None:
        raise Conflict(NOT_PAUSED)
    # upwards, so that nobody loses a part of a second; never back, should the clock have been set back meanwhile
    seconds = max(0, -int(-(now - attempt.paused_at).total_seconds() // 1))
    values = {"state": "running", "paused_at": None, "deadline_at": attempt.deadline_at + timedelta(seconds=seconds)}
    _swap(session, attempt, "paused", values)
    note(session, attempt.id, ("paused", "running", reason), by=by, at=now)
    if seconds:
        _moved_deadline(session, attempt, seconds, now, kind="pause", reason=reason, by=by)
    return seconds


def _lock(session: Session, attempt: Attempt) -> None:
    """The row as it stands now, kept to the end of the transaction."""
    session.refresh(attempt, with_for_update=True)


def _swap(session: Session, attempt: Attempt, before: str, values: Mapping[str, object]) -> bool:
    moved = session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == before)
        .values(**values, version=Attempt.version + 1)
        .returning(Attempt.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    session.refresh(attempt)
    return moved is not None


def _moved_deadline(session: Session, attempt: Attempt, seconds: int, now: datetime, **said: object) -> None:
    session.execute(insert(DeadlineEvent).values(attempt_id=attempt.id, seconds=seconds, at=now, **said))

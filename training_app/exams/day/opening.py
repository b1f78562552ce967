"""Opening a sitting, and announcing its common start."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.clock import SHANGHAI
from training_app.errors import Conflict, Refused
from training_app.exams.day.rules import EARLIEST_OPENING, OPENS_BEFORE, START_AHEAD, is_due_to_open, may_open
from training_app.exams.sitting_acts import By, write_down, write_down_by_clock
from training_app.exams.sitting_models import Sitting

ALREADY = _l("This sitting is open already, or can no longer be opened. Load the page again.")


def open_sitting(session: Session, sitting: Sitting, by: By) -> None:
    """Candidates may enter from now on. At the earliest an hour before the beginning."""
    if sitting.state != "prepared":
        raise Conflict(ALREADY)
    if not may_open(sitting.state, sitting.starts_at, by.now):
        minutes = int(EARLIEST_OPENING.total_seconds() // 60)
        raise Refused(_l("A sitting opens at the earliest %(minutes)s minutes before its beginning.", minutes=minutes))
    if not _opened(session, sitting):
        raise Conflict(ALREADY)
    write_down(session, sitting, Act("sitting.opened", "sitting", *by.stamp(sitting)), by)


def open_if_due(session: Session, sitting: Sitting, now: datetime) -> bool:
    """Whether the clock opened the sitting now: half an hour before its beginning, when nobody did it before."""
    due = is_due_to_open(sitting.state, sitting.starts_at, now) and now <= sitting.latest_start_at
    if not due or not _opened(session, sitting):
        return False
    act = Act("sitting.opened", "sitting", sitting.id, base_id=sitting.base_id)
    write_down_by_clock(session, sitting, act, now)
    return True


def open_due(session: Session, now: datetime) -> int:
    """How many sittings the clock opened now."""
    due = (
        select(Sitting)
        .where(
            Sitting.state == "prepared",
            Sitting.starts_at <= now + OPENS_BEFORE,
            Sitting.latest_start_at >= now,
        )
        .order_by(Sitting.id)
    )
    return sum(open_if_due(session, sitting, now) for sitting in session.scalars(due).all())


def _opened(session: Session, sitting: Sitting) -> bool:
    """Whether this call opened it: of two at once only one does."""
    changed = session.execute(
        update(Sitting)
        .where(Sitting.id == sitting.id, Sitting.state == "prepared")
        .values(state="open", version=Sitting.version + 1)
        .returning(Sitting.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    session.expire(sitting)
    return changed is not None


def announce_start(session: Session, sitting: Sitting, at: datetime | None, by: By) -> datetime:
    """The common start that was announced. at: None starts as soon as every waiting page has heard of it.

    Never before the time on the tickets, nor after the latest start; it can be moved until somebody has begun.
    """
    if sitting.state != "open":
        raise Conflict(_l("The start is announced while the sitting is open and nobody has begun."))
    soonest = by.now + START_AHEAD
    start = max(at or soonest, soonest)
    if start < sitting.starts_at:
        text = _l("The tickets say %(time)s: nobody begins earlier.", time=_local(sitting.starts_at))
        raise Refused(text)
    if start > sitting.latest_start_at:
        raise Refused(_l("The latest start is %(time)s. Choose an earlier one.", time=_local(sitting.latest_start_at)))
    changed = session.execute(
        update(Sitting)
        .where(Sitting.id == sitting.id, Sitting.state == "open")
        .values(start_at=start, version=Sitting.version + 1)
        .returning(Sitting.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if changed is None:
        raise Conflict(_l("The start is announced while the sitting is open and nobody has begun."))
    session.expire(sitting)
    details = {"starts": f"{start.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"}
    write_down(session, sitting, Act("start.announced", "sitting", *by.stamp(sitting), details), by)
    return start


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%H:%M}"

"""Sittings that do not count: cancelled before, or declared void whatever has happened."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.services import release
from training_app.errors import Refused
from training_app.exams.marking.stages import void_released_results
from training_app.exams.rules import SITTING_CHANGES, may_become
from training_app.exams.setup.preparing import void_all_attempts
from training_app.exams.setup.sittings import CLOSED
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingRoom


def cancel(session: Session, sitting: Sitting, reason: str, by: By) -> None:
    """The sitting does not take place: every room, seat and person is free again, and places are void."""
    _end(session, sitting, "cancelled", ("expected",), by=by)
    write_down(session, sitting, Act("sitting.cancelled", "sitting", *by.stamp(sitting)), by, reason=reason)


def declare_void(session: Session, sitting: Sitting, reason: str, by: By) -> None:
    """The sitting counts for nobody, whatever was released; it can be set anew, with its people."""
    void_released_results(session, sitting, by)
    _end(session, sitting, "void", ("expected", "sat", "absent", "deferred"), by=by)
    write_down(session, sitting, Act("sitting.voided", "sitting", *by.stamp(sitting)), by, reason=reason)


def _end(session: Session, sitting: Sitting, state: str, ending: tuple[str, ...], *, by: By) -> None:
    """The sitting has that state, and places whose state is one of `ending` are void."""
    if not may_become(SITTING_CHANGES, sitting.state, state):
        raise Refused(CLOSED)
    void_all_attempts(session, sitting, state, by)
    open_duty = (InvigilatorDuty.sitting_id == sitting.id, InvigilatorDuty.ended_at.is_(None))
    standing = (RosterPlace.sitting_id == sitting.id, RosterPlace.state.in_(ending))
    bookings = [
        *session.scalars(select(SittingRoom.booking_id).where(SittingRoom.sitting_id == sitting.id)),
        *session.scalars(select(InvigilatorDuty.booking_id).where(*open_duty)),
        *session.scalars(select(RosterPlace.booking_id).where(*standing)),
    ]
    sitting.state, sitting.version = state, sitting.version + 1
    session.flush()
    for booking in bookings:
        release(session, booking)
    session.execute(update(InvigilatorDuty).where(*open_duty).values(ended_at=by.now))
    session.execute(update(RosterPlace).where(*standing).values(state="void", version=RosterPlace.version + 1))
    session.expire_all()

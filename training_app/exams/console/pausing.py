"""Clocks that stand still: of one person, of a room, of everybody. Letting go on gives back what stood still."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.models import Seat
from training_app.errors import Conflict
from training_app.exams.console.access import SeatOf, room_named
from training_app.exams.models import Attempt
from training_app.exams.paper.clockwork import pause, resume
from training_app.exams.paper.standing import is_over
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting


def attempts_in(session: Session, sitting: Sitting, room_id: int | None, states: Collection[str]) -> list[Attempt]:
    """The attempts of a room, or of the whole sitting, in one of the states; locked, in the order of their ids."""
    found = (
        select(Attempt)
        .join(RosterPlace, RosterPlace.attempt_id == Attempt.id)
        .where(RosterPlace.sitting_id == sitting.id, Attempt.state.in_(states))
        .order_by(Attempt.id)
    )
    if room_id is not None:
        found = found.join(Seat, Seat.id == RosterPlace.seat_id).where(Seat.room_id == room_id)
    return list(session.scalars(found.with_for_update(of=Attempt)).all())


def pause_person(session: Session, sitting: Sitting, seat: SeatOf, reason: str, *, by: By) -> None:
    """The clock of one person stands still. Conflict when it does not run."""
    place, attempt = seat
    if attempt is None:
        raise Conflict(_l("This person has no paper, so there is no clock to stop."))
    pause(session, attempt, reason=reason, by=by.holder.id, now=by.now)
    write_down(session, sitting, Act("attempt.paused", "sitting", *by.stamp(sitting)), by, place=place, reason=reason)


def resume_person(session: Session, sitting: Sitting, seat: SeatOf, reason: str, *, by: By) -> int:
    """The person goes on; the seconds that were given back. Conflict when the clock runs."""
    place, attempt = seat
    if attempt is None:
        raise Conflict(_l("This person has no paper, so there is no clock to stop."))
    seconds = resume(session, attempt, reason=reason, by=by.holder.id, now=by.now)
    act = Act("attempt.resumed", "sitting", *by.stamp(sitting), {"seconds": seconds})
    write_down(session, sitting, act, by, place=place, reason=reason)
    return seconds


def pause_all(session: Session, sitting: Sitting, room_id: int | None, reason: str, *, by: By) -> int:
    """How many clocks stand still now. Conflict when none runs there, as when a colleague was faster."""
    running = [a for a in attempts_in(session, sitting, room_id, ("running",)) if not is_over(a, by.now)]
    if not running:
        raise Conflict(_l("Nobody is working there now, or a colleague has paused them already. Nothing was done."))
    for attempt in running:
        pause(session, attempt, reason=reason, by=by.holder.id, now=by.now)
    details = {"count": len(running)} | room_named(sitting, room_id)
    write_down(session, sitting, Act("sitting.paused", "sitting", *by.stamp(sitting), details), by, reason=reason)
    return len(running)


def resume_all(session: Session, sitting: Sitting, room_id: int | None, reason: str, *, by: By) -> int:
    """How many people go on. Conflict when nobody is paused there."""
    paused = attempts_in(session, sitting, room_id, ("paused",))
    if not paused:
        raise Conflict(_l("Nobody is paused there, or a colleague has let them go on already. Nothing was done."))
    for attempt in paused:
        resume(session, attempt, reason=reason, by=by.holder.id, now=by.now)
    details = {"count": len(paused)} | room_named(sitting, room_id)
    write_down(session, sitting, Act("sitting.resumed", "sitting", *by.stamp(sitting), details), by, reason=reason)
    return len(paused)

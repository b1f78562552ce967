"""What must always hold of sittings, for `training-app check`."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.bookings.models import Booking, Claim
from training_app.bookings.rules import LIVE_STATES, resource
from training_app.exams.models import Attempt
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingRoom
from training_app.registry import Finding

STANDING = ("planned", "prepared", "open", "running")


def sitting_findings(session: Session) -> Iterator[Finding]:
    """Places, duties and rooms without their booking; prepared sittings without form or attempts."""
    for sitting in session.scalars(select(Sitting).where(Sitting.state.in_(STANDING)).order_by(Sitting.id)):
        yield from _room_findings(session, sitting)
        yield from _duty_findings(session, sitting)
        yield from _place_findings(session, sitting)
        if (sitting.form_id is None) != (sitting.state == "planned"):
            yield Finding("sittings", f"sitting {sitting.id}", f"is {sitting.state}, which does not fit its form")


def _room_findings(session: Session, sitting: Sitting) -> Iterator[Finding]:
    rows = session.execute(
        select(SittingRoom.room_id, SittingRoom.booking_id).where(SittingRoom.sitting_id == sitting.id)
    )
    for row in rows.all():
        if not _holds(session, sitting, row.booking_id, {resource("room", row.room_id)}):
            yield Finding("sittings", f"sitting {sitting.id} room {row.room_id}", "is not booked for its time")


def _duty_findings(session: Session, sitting: Sitting) -> Iterator[Finding]:
    duties = select(InvigilatorDuty).where(InvigilatorDuty.sitting_id == sitting.id, InvigilatorDuty.ended_at.is_(None))
    for duty in session.scalars(duties).all():
        if not _holds(session, sitting, duty.booking_id, {resource("person", duty.person_id)}):
            yield Finding("sittings", f"sitting {sitting.id} duty {duty.id}", "its booking is not live or of another")


def _place_findings(session: Session, sitting: Sitting) -> Iterator[Finding]:
    attempts = {
        attempt.id: attempt for attempt in session.scalars(select(Attempt).where(Attempt.sitting_id == sitting.id))
    }
    places = select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.state == "expected")
    for place in session.scalars(places).all():
        where = f"place {place.ticket_number}"
        wanted = {resource("person", place.person_id)}
        if place.seat_id is not None:
            wanted.add(resource("seat", place.seat_id))
        if not _holds(session, sitting, place.booking_id, wanted):
            yield Finding("sittings", where, "its booking does not hold the person and the seat")
        if sitting.state == "planned":
            continue
        attempt = attempts.get(place.attempt_id or 0)
        if attempt is None or (attempt.person_id, attempt.form_id) != (place.person_id, sitting.form_id):
            yield Finding("sittings", where, "has no attempt on the form of its prepared sitting")


def _holds(session: Session, sitting: Sitting, booking_id: int, wanted: set[str]) -> bool:
    """Whether the booking is live at the sitting's time and claims exactly `wanted`."""
    claims = session.execute(
        select(Claim.resource)
        .join(Booking, Booking.id == Claim.booking_id)
        .where(
            Booking.id == booking_id,
            Booking.state.in_(LIVE_STATES),
            Booking.starts_at == sitting.starts_at,
            Booking.ends_at == sitting.ends_at,
            Claim.state.in_(LIVE_STATES),
            Claim.starts_at == sitting.starts_at,
            Claim.ends_at == sitting.ends_at,
        )
    )
    return set(claims.scalars()) == wanted

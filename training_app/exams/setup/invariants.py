"""What must always hold of sittings, for `training-app check`."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training_app.bookings.models import Booking, Claim
from training_app.bookings.rules import LIVE_STATES, resource
from training_app.exams.models import Attempt, Form, FormItem
from training_app.exams.setup.dealing import alike_places
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingEvent, SittingRoom
from training_app.registry import Finding

STANDING = ("planned", "prepared", "open", "running")


def sitting_findings(session: Session) -> Iterator[Finding]:
    """Places, duties and rooms without their booking; prepared sittings without form or attempts."""
    for sitting in session.scalars(
        select(Sitting).where(Sitting.state.in_(STANDING), Sitting.rehearsal.is_(False)).order_by(Sitting.id)
    ):
        yield from _room_findings(session, sitting)
        yield from _duty_findings(session, sitting)
        yield from _place_findings(session, sitting)
        if bool(sitting.forms) == (sitting.state == "planned"):
            yield Finding("sittings", f"sitting {sitting.id}", f"is {sitting.state}, which does not fit its forms")
        yield from _form_findings(session, sitting)
        yield from _neighbour_findings(session, sitting)


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
    forms = {one.form_id for one in sitting.forms}
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
        if attempt is None or attempt.person_id != place.person_id or attempt.form_id not in forms:
            yield Finding("sittings", where, "has no attempt on a form of its prepared sitting")


def _form_findings(session: Session, sitting: Sitting) -> Iterator[Finding]:
    """Forms that are not of the sitting's blueprint and day, or not as long as the first."""
    rows = session.execute(
        select(Form.blueprint_version_id, Form.in_force_on, func.count(FormItem.position).label("items"))
        .join(FormItem, FormItem.form_id == Form.id)
        .where(Form.id.in_([one.form_id for one in sitting.forms]))
        .group_by(Form.id)
    ).all()
    wanted = (sitting.blueprint_version_id, sitting.in_force_on)
    if any((row.blueprint_version_id, row.in_force_on) != wanted for row in rows) or len({r.items for r in rows}) > 1:
        yield Finding("sittings", f"sitting {sitting.id}", "has forms of another shape, blueprint or day")


def _neighbour_findings(session: Session, sitting: Sitting) -> Iterator[Finding]:
    """Neighbours with the same form, whom nobody moved on the day: who is moved keeps the paper."""
    moved = set(
        session.scalars(
            select(SittingEvent.place_id).where(
                SittingEvent.sitting_id == sitting.id, SittingEvent.act == "place.moved"
            )
        )
    )
    alike = {place for place, other in alike_places(session, sitting.id) if not moved & {place, other}}
    for place in sorted(alike):
        yield Finding("sittings", f"sitting {sitting.id} place {place}", "has the same form as a neighbour")


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

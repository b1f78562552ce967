"""What must always hold of bookings and claims, for `training-app check`."""

from collections.abc import Iterator

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from training_app.bookings.models import Booking, Claim, Opening
from training_app.bookings.rules import LIVE_STATES
from training_app.registry import Finding


def booking_findings(session: Session) -> Iterator[Finding]:
    """Claims that overlap, bookings that do not agree with their claims, hours that overlap."""
    yield from _overlaps(session)
    yield from _bookings_without_claims(session)
    yield from _claims_unlike_their_booking(session)
    yield from _overlapping_hours(session)


def _overlaps(session: Session) -> Iterator[Finding]:
    other = aliased(Claim)
    pairs = select(Claim.resource, Claim.booking_id, other.booking_id).where(
        Claim.resource == other.resource,
        Claim.id < other.id,
        Claim.state.in_(LIVE_STATES),
        other.state.in_(LIVE_STATES),
        Claim.starts_at < other.ends_at,
        other.starts_at < Claim.ends_at,
    )
    for resource, first, second in session.execute(pairs.order_by(Claim.id, other.id)):
        yield Finding("bookings", f"{resource} of bookings {first} and {second}", "is held twice at one time")


def _bookings_without_claims(session: Session) -> Iterator[Finding]:
    claimed = select(Claim.id).where(Claim.booking_id == Booking.id).exists()
    for number in session.scalars(
        select(Booking.id).where(Booking.state.in_(LIVE_STATES), ~claimed).order_by(Booking.id)
    ):
        yield Finding("bookings", f"booking {number}", "stands and claims nothing")


def _claims_unlike_their_booking(session: Session) -> Iterator[Finding]:
    same_time = and_(Claim.starts_at == Booking.starts_at, Claim.ends_at == Booking.ends_at)
    live = or_(Booking.state.in_(LIVE_STATES), Claim.state.in_(LIVE_STATES))
    unlike = (
        select(Claim.booking_id, Claim.resource)
        .join(Booking, Booking.id == Claim.booking_id)
        .where(live, or_(Claim.state != Booking.state, ~same_time))
        .order_by(Claim.id)
    )
    for number, resource in session.execute(unlike):
        yield Finding("bookings", f"{resource} of booking {number}", "has another state or time than its booking")


def _overlapping_hours(session: Session) -> Iterator[Finding]:
    other = aliased(Opening)
    pairs = select(Opening.room_id, Opening.weekday).where(
        Opening.room_id == other.room_id,
        Opening.weekday == other.weekday,
        Opening.id < other.id,
        Opening.from_minute < other.to_minute,
        other.from_minute < Opening.to_minute,
    )
    for room, weekday in session.execute(pairs.order_by(Opening.id)):
        yield Finding("bookings", f"room {room} weekday {weekday + 1}", "has opening hours that overlap")

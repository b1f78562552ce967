"""What stands in a room, on a seat or for a piece of equipment within a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, literal, or_, select
from sqlalchemy.orm import Session

from training_app.bookings.models import Booking, Claim, Room, Seat
from training_app.bookings.names import listed, occasion_name, span_in_words
from training_app.bookings.reach import Bookable, name_of_resource
from training_app.bookings.rules import LIVE_STATES, Span, resource


@dataclass(frozen=True, slots=True)
class Occupied:
    """One occasion at one time. seats: how many seats it holds. booking_id: of the first of its bookings."""

    booking_id: int
    kind: str
    occasion: tuple[str, int]
    span: Span
    reason: str
    seats: int = 0


def seat_names(room_id: int) -> Select[Any]:
    """The names under which the seats of the room are claimed."""
    return select(literal("seat:") + cast(Seat.id, String)).where(Seat.room_id == room_id)


def live_at(now: datetime) -> ColumnElement[bool]:
    """The condition on Claim and Booking that the claim holds: confirmed, or a hold that has not run out."""
    lasting = or_(Claim.state == "confirmed", Booking.expires_at.is_(None), Booking.expires_at > now)
    return Claim.state.in_(LIVE_STATES) & lasting


def occupied(session: Session, bookable: Bookable, span: Span, now: datetime) -> list[Occupied]:
    """What holds the room, any of its seats, or the kit within the span; the earliest first."""
    wanted = Claim.resource == name_of_resource(bookable)
    if isinstance(bookable, Room):
        wanted = or_(wanted, Claim.resource.in_(seat_names(bookable.id)))
    return _occasions(session, wanted, span, now)


def on_seats(session: Session, seat_ids: Sequence[int], span: Span, now: datetime) -> list[Occupied]:
    """What holds any of the seats within the span; the earliest first."""
    return _occasions(session, Claim.resource.in_([resource("seat", number) for number in seat_ids]), span, now)


def _occasions(session: Session, wanted: ColumnElement[bool], span: Span, now: datetime) -> list[Occupied]:
    rows = session.execute(
        select(Booking, Claim.resource, Claim.starts_at, Claim.ends_at)
        .join(Claim, Claim.booking_id == Booking.id)
        .where(wanted, live_at(now), Claim.starts_at < span.end, Claim.ends_at > span.start)
        .order_by(Claim.starts_at, Claim.ends_at, Booking.id)
    )
    found: dict[tuple[str, int, datetime, datetime], Occupied] = {}
    for booking, name, starts_at, ends_at in rows:
        key = (booking.occasion_kind, booking.occasion_id, starts_at, ends_at)
        known = found.get(key) or Occupied(booking.id, booking.kind, key[:2], Span(starts_at, ends_at), booking.reason)
        found[key] = replace(known, seats=known.seats + name.startswith("seat:"))
    return list(found.values())


def named(standing: Sequence[Occupied]) -> str:
    """What stands there in one line: `Sitting 2026-12-01 Tue 09:00 to 11:00`."""
    return listed([f"{occasion_name(one.occasion[0])} {span_in_words(one.span)}" for one in standing])

"""Closures of rooms and equipment: bookings of the kind `closure`, so that nothing else can be booked then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.bookings.models import Booking, Claim
from training_app.bookings.occupancy import named, occupied
from training_app.bookings.reach import Bookable, kind_of, name_of_resource
from training_app.bookings.rooms import require_in_use
from training_app.bookings.rules import LIVE_STATES, Span
from training_app.bookings.services import Request, book, release
from training_app.errors import Conflict, Refused

OCCASIONS = {"room": "closure", "kit": "kit_closure"}
"""Kinds of occasion: numbers of rooms and of kit are not to be mixed up."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What is asked for. by: who closes, None for a command. key: of the submitted form."""

    span: Span
    reason: str
    by: int | None = None
    key: str | None = None


def close(session: Session, bookable: Bookable, closing: Closing, now: datetime) -> Booking | None:
    """The closure, None when the same form made it already. Refused names what is booked then."""
    key = f"{name_of_resource(bookable)}/{closing.key}" if closing.key else None
    if key and session.scalar(select(Booking.id).where(Booking.idempotency_key == key)) is not None:
        return None
    require_in_use(session, bookable)
    standing = occupied(session, bookable, closing.span, now)
    if standing:
        raise Refused(
            _l("Booked at that time: %(what)s. Move or end that first, or choose another time.", what=named(standing))
        )
    request = Request(
        kind="closure",
        occasion=(OCCASIONS[kind_of(bookable)], bookable.id),
        base=bookable.base_id,
        span=closing.span,
        resources=(name_of_resource(bookable),),
        made_by=closing.by,
        key=key,
        reason=closing.reason,
    )
    return book(session, request, now)


def closures_of(session: Session, bookable: Bookable, now: datetime) -> Sequence[Booking]:
    """The closures that stand or are to come, the earliest first."""
    return session.scalars(
        select(Booking)
        .join(Claim, Claim.booking_id == Booking.id)
        .where(
            Booking.kind == "closure",
            Claim.resource == name_of_resource(bookable),
            Claim.state.in_(LIVE_STATES),
            Claim.ends_at > now,
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()


def closure_of(session: Session, bookable: Bookable, booking_id: int, now: datetime) -> Booking:
    """The closure of the room or kit with this id. Raises Conflict when it is over or was ended."""
    found = next((one for one in closures_of(session, bookable, now) if one.id == booking_id), None)
    if found is None:
        raise Conflict(_l("This closure is over or was ended already."))
    return found


def end_closure(session: Session, bookable: Bookable, booking_id: int, now: datetime) -> Booking:
    """The closure, whose time is free from now on: ended when it had begun, else cancelled. Raises Conflict."""
    found = closure_of(session, bookable, booking_id, now)
    if not release(session, found.id, ended=found.starts_at <= now):
        raise Conflict(_l("This closure is over or was ended already."))
    session.refresh(found)
    return found

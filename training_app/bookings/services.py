"""Making, confirming, moving and ending bookings. What overlaps is refused by the database, told here in a sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from training_app.bookings.models import Booking, Claim
from training_app.bookings.rules import LIVE_STATES, Span, in_order
from training_app.errors import Conflict

TAKEN = {
    "person": _l("This person is already somewhere else at that time."),
    "seat": _l("This seat has just been taken. Choose another one."),
    "room": _l("This room is already in use or closed at that time."),
    "kit": _l("This equipment is already in use at that time."),
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be booked. occasion: kind and id. resources: names by `rules.resource`. key: of the submitted form.

    expires_at: of a hold; None confirms at once.
    """

    kind: str
    occasion: tuple[str, int]
    base: str
    span: Span
    resources: tuple[str, ...]
    person_id: int | None = None
    made_by: int | None = None
    key: str | None = None
    expires_at: datetime | None = None
    reason: str = ""


def book(session: Session, request: Request, now: datetime) -> Booking:
    """The booking with all its claims, or Conflict and nothing. The same key gives the first booking again."""
    if request.key is not None:
        known = session.scalar(select(Booking).where(Booking.idempotency_key == request.key))
        if known is not None:
            return known
    resources = in_order(request.resources)
    take_turns(session, resources)
    _lapse_expired(session, resources, now)
    try:
        with session.begin_nested():
            return _insert(session, request, resources, now)
    except IntegrityError as error:
        raise _taken(session, request, resources, error) from error


def _insert(session: Session, request: Request, resources: Sequence[str], now: datetime) -> Booking:
    state = "held" if request.expires_at else "confirmed"
    booking = Booking(
        kind=request.kind,
        occasion_kind=request.occasion[0],
        occasion_id=request.occasion[1],
        person_id=request.person_id,
        base_id=request.base,
        starts_at=request.span.start,
        ends_at=request.span.end,
        state=state,
        expires_at=request.expires_at,
        idempotency_key=request.key,
        reason=request.reason,
        made_by=request.made_by,
        made_at=now,
    )
    session.add(booking)
    session.flush()
    for name in resources:
        session.execute(
            insert(Claim).values(
                booking_id=booking.id,
                resource=name,
                starts_at=request.span.start,
                ends_at=request.span.end,
                state=state,
            )
        )
    return booking


def take_turns(session: Session, resources: Iterable[str]) -> None:
    """Callers for one resource come one after the other until the end of their transaction.

    Who makes several bookings in one transaction names all their resources first, by `rules.in_order`.
    Two that insert at once would each wait for the other in PostgreSQL's exclusion constraint, which is a deadlock even
    when the order is right. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        for name in resources:
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _lapse_expired(session: Session, resources: Iterable[str], now: datetime) -> None:
    """Holds whose time has run out give their resources back; the constraint itself cannot know the time."""
    expired = session.scalars(
        select(Booking.id)
        .join(Claim, Claim.booking_id == Booking.id)
        .where(Claim.resource.in_(list(resources)), Claim.state == "held", Booking.expires_at <= now)
        .distinct()
        .order_by(Booking.id)
    ).all()
    for booking_id in expired:
        _change_state(session, booking_id, ("held",), "lapsed")


def _change_state(session: Session, booking_id: int, before: tuple[str, ...], after: str) -> bool:
    changed = session.execute(
        update(Booking)
        .where(Booking.id == booking_id, Booking.state.in_(before))
        .values(state=after, version=Booking.version + 1)
        .returning(Booking.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if changed is None:
        return False
    session.execute(
        update(Claim).where(Claim.booking_id == booking_id).values(state=after),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
    return True


def _taken(session: Session, request: Request, resources: Sequence[str], error: IntegrityError) -> Conflict:
    busy = busy_resources(session, resources, request.span)
    if busy:
        return Conflict(TAKEN[busy[0].split(":")[0]])
    text = str(error.orig)
    if "live_place" in text or "occasion_id" in text:
        return Conflict(_l("This person already has a place in this occasion."))
    if "idempotency" in text:
        return Conflict(_l("This form was already sent. Load the page again to see the result."))
    return Conflict(_l("This time has just been taken. Load the page again to see what is free."))


def busy_resources(session: Session, resources: Iterable[str], span: Span) -> list[str]:
    """Those of the resources that a live claim holds within the span."""
    return list(
        session.scalars(
            select(Claim.resource)
            .where(
                Claim.resource.in_(list(resources)),
                Claim.state.in_(LIVE_STATES),
                Claim.starts_at < span.end,
                Claim.ends_at > span.start,
            )
            .distinct()
            .order_by(Claim.resource)
        )
    )


def free_of(session: Session, resources: Iterable[str], span: Span, now: datetime) -> list[str]:
    """Those of the resources that are free for the whole span; holds that have run out count as free."""
    wanted = in_order(resources)
    busy = set(
        session.scalars(
            select(Claim.resource)
            .join(Booking, Booking.id == Claim.booking_id)
            .where(
                Claim.resource.in_(wanted),
                Claim.state.in_(LIVE_STATES),
                (Booking.expires_at.is_(None)) | (Booking.expires_at > now) | (Claim.state == "confirmed"),
                Claim.starts_at < span.end,
                Claim.ends_at > span.start,
            )
        )
    )
    return [name for name in wanted if name not in busy]


def confirm(session: Session, booking_id: int, now: datetime) -> None:
    """The hold is confirmed; Conflict when it has lapsed or was ended meanwhile."""
    held = session.scalar(
        select(Booking.id).where(
            Booking.id == booking_id,
            Booking.state == "held",
            (Booking.expires_at.is_(None)) | (Booking.expires_at > now),
        )
    )
    if held is None or not _change_state(session, booking_id, ("held",), "confirmed"):
        raise Conflict(_l("The time to confirm has run out and the place was given back. Choose again."))


def release(session: Session, booking_id: int, *, ended: bool = False) -> bool:
    """Whether the booking gave its resources back now: cancelled, or ended when the occasion took place."""
    return _change_state(session, booking_id, LIVE_STATES, "ended" if ended else "cancelled")


def change_resource(session: Session, booking_id: int, old: str, new: str) -> None:
    """The booking holds `new` instead of `old`: a seat moved in the middle. Conflict when `new` is taken."""
    claim = session.scalar(
        select(Claim).where(Claim.booking_id == booking_id, Claim.resource == old, Claim.state.in_(LIVE_STATES))
    )
    if claim is None:
        raise Conflict(_l("This booking has changed meanwhile. Load the page again."))
    take_turns(session, [new])
    try:
        with session.begin_nested():
            claim.resource = new
            session.flush()
    except IntegrityError as error:
        raise Conflict(TAKEN[new.split(":", maxsplit=1)[0]]) from error

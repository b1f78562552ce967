"""Rooms and equipment: added, changed, taken out of use and back; opening hours."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from training_app.bookings.models import Opening, Room
from training_app.bookings.names import WEEKDAY_NAMES, hours_of, span_in_words, spans_in_words
from training_app.bookings.occupancy import named, occupied
from training_app.bookings.reach import Bookable, kind_of, take_version
from training_app.bookings.rules import Hours, Span, within_hours
from training_app.clock import SHANGHAI
from training_app.errors import Conflict, Refused
from training_app.people.admission import flush_unique
from training_app.web.words import name_of

FIELDS = {"room": ("kind", "name_zh", "name_en", "note"), "kit": ("name_zh", "name_en", "note")}
"""The particulars that are entered, by what they are of."""

TAKEN: dict[str, object] = {"name_zh": _l("This base has something of that name already. Choose another name.")}
FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)


def add(session: Session, bookable: Bookable, entered: Mapping[str, str]) -> None:
    """The room or kit with its particulars. Raises Taken when its base has one of that name."""
    _enter(bookable, entered)
    session.add(bookable)
    flush_unique(session, TAKEN)


def change(session: Session, bookable: Bookable, entered: Mapping[str, str], seen_version: int) -> None:
    """The room or kit as entered. Raises ChangedMeanwhile, or Taken when its base has one of that name."""
    take_version(session, bookable, seen_version)
    _enter(bookable, entered)
    flush_unique(session, TAKEN)


def _enter(bookable: Bookable, entered: Mapping[str, str]) -> None:
    for field in FIELDS[kind_of(bookable)]:
        setattr(bookable, field, entered[field])


def retire(session: Session, bookable: Bookable, now: datetime) -> None:
    """Nothing can be booked there any more. Refused while bookings stand, closures apart."""
    _set_retired(session, bookable, now)
    standing = [one for one in occupied(session, bookable, Span(now, FOR_EVER), now) if one.kind != "closure"]
    if standing:
        raise Refused(_l("This stands booked: %(what)s. Move or cancel that first.", what=named(standing)))


def restore(session: Session, bookable: Bookable) -> None:
    """It can be booked again."""
    _set_retired(session, bookable, None)


def _set_retired(session: Session, bookable: Bookable, at: datetime | None) -> None:
    # the row is taken before anything is looked up: who books there waits for this, or this for him
    table = type(bookable)
    before = table.retired_at.is_(None) if at else table.retired_at.is_not(None)
    changed = session.execute(
        update(table)
        .where(table.id == bookable.id, before)
        .values(retired_at=at, version=table.version + 1)
        .returning(table.id)
    ).scalar_one_or_none()
    if changed is None:
        raise Conflict(_l("Somebody else has just done this."))
    session.refresh(bookable)


def set_hours(session: Session, room: Room, hours: Sequence[Hours], seen_version: int) -> None:
    """The room is open in these hours and no others. Raises ChangedMeanwhile."""
    take_version(session, room, seen_version)
    session.execute(delete(Opening).where(Opening.room_id == room.id))
    rows = [
        {"room_id": room.id, "weekday": one.weekday, "from_minute": one.from_minute, "to_minute": one.to_minute}
        for one in hours
    ]
    if rows:
        session.execute(insert(Opening), rows)
    session.expire(room, ["openings"])


def require_in_use(session: Session, bookable: Bookable) -> None:
    """Nothing, or Refused when it is out of use. It stays as it is to the end of the transaction."""
    table = type(bookable)
    retired_at = session.execute(
        select(table.retired_at).where(table.id == bookable.id).with_for_update(read=True)
    ).scalar_one()
    if retired_at is not None:
        raise Refused(_l("%(name)s is out of use. Take it back into use first.", name=name_of(bookable)))


def require_open(session: Session, room: Room, span: Span) -> None:
    """Nothing when the room is in use and open, by the clock of the bases, for the whole span; else Refused says why.

    Room, seats and hours stay as they are to the end of the transaction, so that what is booked now stands on them.
    """
    require_in_use(session, room)
    hours = hours_of(
        session.scalars(
            select(Opening).where(Opening.room_id == room.id).order_by(Opening.weekday, Opening.from_minute)
        )
    )
    local = Span(span.start.astimezone(SHANGHAI), span.end.astimezone(SHANGHAI))
    if within_hours(local, hours):
        return
    weekday = local.start.weekday()
    on_that_day = [one for one in hours if one.weekday == weekday]
    words = {"room": name_of(room), "day": WEEKDAY_NAMES[weekday]}
    if not on_that_day:
        raise Refused(_l("%(room)s is not open on a %(day)s. Choose another day or change its opening hours.", **words))
    raise Refused(
        _l(
            "%(room)s is open on a %(day)s %(hours)s; %(span)s lies outside. Choose another time or change its hours.",
            **words,
            hours=spans_in_words(on_that_day),
            span=span_in_words(span),
        )
    )

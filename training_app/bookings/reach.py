"""Rooms and equipment within the reach of a person: conditions for lists, and accessors that fetch and check."""

from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session

from training_app.bookings.models import Kit, Room, Seat
from training_app.bookings.rules import resource
from training_app.errors import NotFound
from training_app.people.admission import CHANGED_MEANWHILE, ChangedMeanwhile
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import ALL_BASES, Holder

Bookable = Room | Kit
"""What belongs to a base and can be closed or taken out of use."""

BOOKABLES: dict[str, type[Room] | type[Kit]] = {"room": Room, "kit": Kit}
MISSING = {
    "room": _l("There is no such room within your reach."),
    "kit": _l("There is no such equipment within your reach."),
}


def kind_of(bookable: Bookable) -> str:
    """`room` or `kit`."""
    return "room" if isinstance(bookable, Room) else "kit"


def name_of_resource(bookable: Bookable) -> str:
    """The name under which it is claimed: `room:3`, `kit:1`."""
    return resource(kind_of(bookable), bookable.id)


def bookables_within(table: type[Room] | type[Kit], holder: Holder) -> ColumnElement[bool]:
    """The condition on rooms or kit that the holder's reach sets."""
    bases = holder.bases_for("rooms.read")
    return true() if bases == ALL_BASES else table.base_id.in_(bases)


def bookable_of(session: Session, holder: Holder, permission: str, name: str) -> Bookable:
    """The room or kit that `name` (`room:3`) names. Raises NotFound, the same for nothing and for what is out of reach.

    The latter is noted in the audit log.
    """
    kind, _colon, number = name.partition(":")
    table: Any = BOOKABLES[kind]
    found: Bookable | None = session.get(table, int(number)) if 0 < int(number) <= LARGEST_ID else None
    if found is None:
        raise NotFound(MISSING[kind])
    if not holder.reaches(permission, found.base_id):
        raise NotFound(MISSING[kind], act=permission)
    return found


def room_of(session: Session, holder: Holder, permission: str, room_id: int) -> Room:
    """The room with this id. Raises NotFound as `bookable_of` does."""
    return cast("Room", bookable_of(session, holder, permission, resource("room", room_id)))


def kit_of(session: Session, holder: Holder, permission: str, kit_id: int) -> Kit:
    """The piece of equipment with this id. Raises NotFound as `bookable_of` does."""
    return cast("Kit", bookable_of(session, holder, permission, resource("kit", kit_id)))


def seat_of(session: Session, room: Room, seat_id: int) -> Seat:
    """The seat of the room with this id. Raises NotFound when the room has none such."""
    found = None
    if 0 < seat_id <= LARGEST_ID:
        found = session.scalar(select(Seat).where(Seat.id == seat_id, Seat.room_id == room.id))
    if found is None:
        raise NotFound(_l("This room has no such seat any more."))
    return found


def take_version(session: Session, bookable: Bookable, seen_version: int) -> None:
    """The record is the caller's to the end of the transaction; ChangedMeanwhile when it is not the one that was seen.

    Seats and hours belong to the record of their room.
    """
    table = type(bookable)
    taken = session.execute(
        update(table)
        .where(table.id == bookable.id, table.version == seen_version)
        .values(version=table.version + 1)
        .returning(table.id)
    ).scalar_one_or_none()
    if taken is None:
        raise ChangedMeanwhile(CHANGED_MEANWHILE)
    session.refresh(bookable)

"""What a sitting takes in the calendar: rooms, seats and people, booked all together or not at all."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from training_app.bookings.models import Room
from training_app.bookings.rooms import require_open
from training_app.bookings.rules import Span, in_order, resource
from training_app.bookings.services import Request, book, release, take_turns
from training_app.errors import Conflict, Refused
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingRoom
from training_app.people.reach import LARGEST_ID
from training_app.web.words import name_of


class RoomRefused(Conflict):
    """A room cannot be had at that time; the message names it."""


def span_of(sitting: Sitting) -> Span:
    """The time for which rooms, seats and people are taken."""
    return Span(sitting.starts_at, sitting.ends_at)


def book_rooms(session: Session, sitting: Sitting, rooms: Iterable[int], by: By) -> None:
    """Every room is booked for the sitting, or RoomRefused names the one that cannot be had."""
    wanted = sorted(set(rooms))
    if not wanted:
        raise RoomRefused(_l("Choose at least one room."))
    take_turns(session, in_order(resource("room", number) for number in wanted))
    for number in wanted:
        room = _open_room(session, sitting, number)
        request = Request(
            "sitting_room",
            ("sitting", sitting.id),
            sitting.base_id,
            span_of(sitting),
            (resource("room", number),),
            made_by=by.holder.id,
        )
        try:
            booking = book(session, request, by.now)
        except Conflict as taken:
            raise RoomRefused(_l("%(room)s: %(why)s", room=name_of(room), why=taken.message)) from taken
        values = {"sitting_id": sitting.id, "room_id": number, "booking_id": booking.id}
        session.execute(insert(SittingRoom).values(values))
    session.expire(sitting, ["rooms"])


def _open_room(session: Session, sitting: Sitting, number: int) -> Room:
    room = session.get(Room, number) if 0 < number <= LARGEST_ID else None
    if room is None or room.base_id != sitting.base_id or room.kind != "exam":
        raise RoomRefused(_l("One of the rooms is no exam room in use at this base."))
    try:
        require_open(session, room, span_of(sitting))
    except Refused as closed:
        raise RoomRefused(closed.message) from closed
    return room


def move_all(session: Session, sitting: Sitting, rooms: tuple[int, ...], by: By) -> None:
    """Rooms, duties and places are booked anew at the times of the sitting; seats of rooms given up are free."""
    duties = _duties(session, sitting, rooms)
    places = _places(session, sitting, rooms)
    takers = [*(person for _, person, _ in duties), *(person for _, person, _, _ in places)]
    seats = [resource("seat", seat) for *_, seat in places if seat]
    kept = [resource("room", room) for room in rooms]
    take_turns(session, in_order([*(resource("person", person) for person in takers), *kept, *seats]))
    for booking in [*(d[2] for d in duties), *(p[2] for p in places), *(row.booking_id for row in sitting.rooms)]:
        release(session, booking)
    session.execute(delete(SittingRoom).where(SittingRoom.sitting_id == sitting.id))
    session.expire(sitting)
    book_rooms(session, sitting, rooms, by)
    for duty, person, _ in duties:
        booking = book_person(session, sitting, "duty", (person, None), by=by)
        session.execute(update(InvigilatorDuty).where(InvigilatorDuty.id == duty).values(booking_id=booking))
    for place, person, _, seat in places:
        booking = book_person(session, sitting, "exam_place", (person, seat), by=by)
        values = {"booking_id": booking, "seat_id": seat, "version": RosterPlace.version + 1}
        session.execute(update(RosterPlace).where(RosterPlace.id == place).values(values))
    session.expire_all()


def _duties(session: Session, sitting: Sitting, rooms: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(duty, person, booking) of every open duty. Refused when one is in a room that is given up."""
    found = session.scalars(
        select(InvigilatorDuty).where(InvigilatorDuty.sitting_id == sitting.id, InvigilatorDuty.ended_at.is_(None))
    ).all()
    for duty in found:
        if duty.room_id not in rooms:
            who = name_of(duty.person)
            raise RoomRefused(_l("%(name)s invigilates in a room that is given up. End that duty first.", name=who))
    return [(duty.id, duty.person_id, duty.booking_id) for duty in found]


def _places(session: Session, sitting: Sitting, rooms: tuple[int, ...]) -> list[tuple[int, int, int, int | None]]:
    """(place, person, booking, seat) of everybody expected; seat None where the room is given up."""
    found = session.scalars(
        select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.state == "expected")
    ).all()
    return [
        (
            place.id,
            place.person_id,
            place.booking_id,
            place.seat_id if place.seat and place.seat.room_id in rooms else None,
        )
        for place in found
    ]


def book_person(session: Session, sitting: Sitting, kind: str, who: tuple[int, int | None], *, by: By) -> int:
    """Id of the booking of a person and, when there is one, a seat, for the time of the sitting."""
    person, seat = who
    wanted = [resource("person", person), *([resource("seat", seat)] if seat else [])]
    request = Request(
        kind,
        ("sitting", sitting.id),
        sitting.base_id,
        span_of(sitting),
        tuple(wanted),
        person_id=person,
        made_by=by.holder.id,
    )
    return book(session, request, by.now).id

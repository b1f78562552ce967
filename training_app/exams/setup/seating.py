"""Who sits where: all by a seeded shuffle, or one by hand. A seat is claimed by the booking of the place."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.models import Seat
from training_app.bookings.rules import in_order, resource
from training_app.bookings.services import change_resource, free_of, release, take_turns
from training_app.errors import Refused
from training_app.exams.rules import FreeSeat, allocate
from training_app.exams.setup.claims import book_person, span_of
from training_app.exams.setup.dealing import deal_again
from training_app.exams.setup.preparing import expected_places
from training_app.exams.setup.sittings import require_changeable
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingRoom


def usable_seats(session: Session, sitting: Sitting) -> Sequence[Seat]:
    """The seats of the sitting's rooms on which somebody can sit, in the order of the plan."""
    rooms = select(SittingRoom.room_id).where(SittingRoom.sitting_id == sitting.id)
    return session.scalars(
        select(Seat).where(Seat.room_id.in_(rooms), Seat.usable).order_by(Seat.room_id, Seat.row, Seat.place)
    ).all()


def allocate_all(session: Session, sitting: Sitting, seed: str, by: By) -> int:
    """How many people got a seat: everybody anew, by `seed`. Refused, with the numbers, when seats are too few."""
    require_changeable(sitting)
    places = {place.id: (place.person_id, place.booking_id) for place in expected_places(session, sitting)}
    seats = [FreeSeat(seat.id, seat.room_id, seat.row, seat.place) for seat in usable_seats(session, sitting)]
    if len(seats) < len(places):
        text = _l(
            "%(places)s people, but only %(seats)s usable seats. Add a room to the sitting, or mend seats.",
            places=len(places),
            seats=len(seats),
        )
        raise Refused(text)
    given = allocate(sorted(places), seats, seed)
    people = [resource("person", person) for person, _ in places.values()]
    take_turns(session, in_order([*people, *(resource("seat", seat) for seat in given.values())]))
    for _, booking in places.values():
        release(session, booking)
    session.execute(update(RosterPlace).where(RosterPlace.id.in_(list(places))).values(seat_id=None))
    for place, seat in given.items():
        booking = book_person(session, sitting, "exam_place", (places[place][0], seat), by=by)
        values = {"seat_id": seat, "booking_id": booking, "version": RosterPlace.version + 1}
        session.execute(update(RosterPlace).where(RosterPlace.id == place).values(values))
    session.expire_all()
    deal_again(session, sitting)
    details = {"count": len(given), "seed": seed}
    write_down(session, sitting, Act("seats.allocated", "sitting", *by.stamp(sitting), details), by)
    return len(given)


def give_seat(session: Session, sitting: Sitting, place: RosterPlace, seat_id: int, *, by: By) -> None:
    """The person sits on that seat from now on. Conflict when it is taken."""
    require_changeable(sitting)
    seat = next((seat for seat in usable_seats(session, sitting) if seat.id == seat_id), None)
    if seat is None or place.state != "expected":
        raise Refused(_l("This seat cannot be given. Choose one of the list."))
    before = place.seat
    if before is not None and before.id == seat.id:
        return
    if before is not None:
        change_resource(session, place.booking_id, resource("seat", before.id), resource("seat", seat.id))
    else:
        take_turns(session, in_order([resource("person", place.person_id), resource("seat", seat.id)]))
        release(session, place.booking_id)
        place.booking_id = book_person(session, sitting, "exam_place", (place.person_id, seat.id), by=by)
    place.seat_id, place.version = seat.id, place.version + 1
    session.flush()
    details = {"seat": [before.label if before else "", seat.label]}
    act = Act("place.seat_changed", "sitting", *by.stamp(sitting), details)
    write_down(session, sitting, act, by, place=place)
    session.expire(place, ["seat"])
    deal_again(session, sitting)


def free_seats(session: Session, sitting: Sitting, by: By) -> list[Seat]:
    """The usable seats of the sitting that nobody holds at its time."""
    seats = usable_seats(session, sitting)
    free = set(free_of(session, [resource("seat", seat.id) for seat in seats], span_of(sitting), by.now))
    return [seat for seat in seats if resource("seat", seat.id) in free]

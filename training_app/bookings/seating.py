"""The seats of a room: laid out by rows and places, labelled, marked as usable or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from training_app.bookings.models import Claim, Room, Seat
from training_app.bookings.names import listed
from training_app.bookings.occupancy import named, on_seats
from training_app.bookings.reach import take_version
from training_app.bookings.rooms import FOR_EVER
from training_app.bookings.rules import MOST_PLACES, MOST_ROWS, Span, resource, seat_label
from training_app.errors import Refused
from training_app.people.admission import flush_unique

TAKEN: dict[str, object] = {"label": _l("Another seat of this room has that label.")}


@dataclass(frozen=True, slots=True)
class Layout:
    """What is asked for: rows and places of each. anew: every seat gets the label of its row and place."""

    rows: int
    places: int
    anew: bool = False


@dataclass(frozen=True, slots=True)
class LaidOut:
    """How many seats came, went and got another label."""

    added: int
    removed: int
    relabelled: int


def lay_out(session: Session, room: Room, layout: Layout, *, seen_version: int, now: datetime) -> LaidOut:
    """The room has a seat at every place of the layout and nowhere else; seats that were there stay the same seats.

    Refused when a seat would go that was ever booked, or get another label while it is booked. Raises ChangedMeanwhile.
    """
    if not (0 < layout.rows <= MOST_ROWS and 0 < layout.places <= MOST_PLACES):
        raise Refused(_l("A room has 1 to %(rows)s rows of 1 to %(places)s seats.", rows=MOST_ROWS, places=MOST_PLACES))
    take_version(session, room, seen_version)
    seats = session.scalars(select(Seat).where(Seat.room_id == room.id).order_by(Seat.row, Seat.place)).all()
    going = [seat for seat in seats if seat.row > layout.rows or seat.place > layout.places]
    _require_never_booked(session, going)
    staying = [seat for seat in seats if seat not in going]
    wrong = [seat for seat in staying if layout.anew and seat.label != seat_label(seat.row, seat.place)]
    require_free(session, wrong, now)
    session.execute(delete(Seat).where(Seat.id.in_([seat.id for seat in going])))
    _label_anew(session, wrong)
    added = _add_missing(session, room, layout, staying)
    session.expire(room, ["seats"])
    return LaidOut(added, len(going), len(wrong))


def _require_never_booked(session: Session, seats: Sequence[Seat]) -> None:
    by_name = {resource("seat", seat.id): seat.label for seat in seats}
    booked = session.scalars(select(Claim.resource).where(Claim.resource.in_(by_name)).distinct())
    labels = sorted(by_name[name] for name in booked)
    if labels:
        raise Refused(
            _l(
                "These seats have bookings, now or earlier, and stay: %(seats)s. Lay out a plan that holds them, and "
                "mark as unusable what nobody is to sit on.",
                seats=listed(labels),
            )
        )


def require_free(session: Session, seats: Sequence[Seat], now: datetime) -> None:
    """Nothing, or Refused when one of the seats is booked from now on: its label is on somebody's ticket."""
    standing = on_seats(session, [seat.id for seat in seats], Span(now, FOR_EVER), now)
    if standing:
        what = named(standing)
        raise Refused(_l("Seats that this changes are booked: %(what)s. Move those places first.", what=what))


def _label_anew(session: Session, seats: Sequence[Seat]) -> None:
    for seat in seats:  # two seats may exchange their labels, and no two ever have the same
        seat.label = f"~{seat.row}-{seat.place}"
    session.flush()
    for seat in seats:
        seat.label = seat_label(seat.row, seat.place)
    session.flush()


def _add_missing(session: Session, room: Room, layout: Layout, staying: Sequence[Seat]) -> int:
    there = {(seat.row, seat.place) for seat in staying}
    labels = {seat.label for seat in staying}
    wanted = [(row, place) for row in range(1, layout.rows + 1) for place in range(1, layout.places + 1)]
    rows = [
        {"room_id": room.id, "label": seat_label(row, place), "row": row, "place": place, "usable": True}
        for row, place in wanted
        if (row, place) not in there
    ]
    clash = sorted(str(row["label"]) for row in rows if row["label"] in labels)
    if clash:
        raise Refused(
            _l(
                "Other seats have these labels already: %(labels)s. Choose to label all seats anew.",
                labels=listed(clash),
            )
        )
    if rows:
        session.execute(insert(Seat), rows)
    return len(rows)


@dataclass(frozen=True, slots=True)
class SeatChange:
    """What a seat is to be."""

    label: str
    usable: bool


def change_seat(session: Session, seat: Seat, wanted: SeatChange, *, seen_version: int, now: datetime) -> None:
    """The seat as wanted. Refused while it is booked; raises ChangedMeanwhile, or Taken when the label is.

    seen_version: of the room. A seat that becomes usable again needs no such care.
    """
    take_version(session, session.get_one(Room, seat.room_id), seen_version)
    session.refresh(seat)
    if wanted.label != seat.label or (seat.usable and not wanted.usable):
        require_free(session, [seat], now)
    seat.label, seat.usable = wanted.label, wanted.usable
    flush_unique(session, TAKEN)

"""Rooms, seats, hours and closures as services keep them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from tests.support.house import House
from training_app.bookings.closures import Closing, close, closures_of, end_closure
from training_app.bookings.invariants import booking_findings
from training_app.bookings.models import Booking, Claim, Kit, Opening, Room, Seat
from training_app.bookings.rooms import require_open, restore, retire
from training_app.bookings.rules import Span
from training_app.bookings.seating import Layout, SeatChange, change_seat, lay_out
from training_app.bookings.services import Request, book
from training_app.clock import SHANGHAI
from training_app.errors import Conflict, Refused
from training_app.people.admission import ChangedMeanwhile, Taken

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00 at the bases


def at(day: int, hour: int, hours: int = 1) -> Span:
    start = datetime(2026, 11, day, hour, tzinfo=SHANGHAI)
    return Span(start, start + timedelta(hours=hours))


def sitting(*resources: str, span: Span, key: str | None = None) -> Request:
    return Request("sitting", ("sitting", 1), "suzhou", span, resources, key=key)


def booked(home: House, *resources: str, span: Span) -> int:
    with home.database.write() as session:
        return book(session, sitting(*resources, span=span), NOW).id


def seat_named(home: House, room: int, label: str) -> Seat:
    with home.database.read() as session:
        return session.scalars(select(Seat).where(Seat.room_id == room, Seat.label == label)).one()


def labels(home: House, room: int) -> list[str]:
    with home.database.read() as session:
        return list(session.scalars(select(Seat.label).where(Seat.room_id == room).order_by(Seat.row, Seat.place)))


def laid_out(home: House, room: int, layout: Layout) -> None:
    with home.database.write() as session:
        found = session.get_one(Room, room)
        lay_out(session, found, layout, seen_version=found.version, now=NOW)


def changed(home: House, room: int, label: str, wanted: SeatChange) -> None:
    number = seat_named(home, room, label).id
    with home.database.write() as session:
        version = session.get_one(Room, room).version
        change_seat(session, session.get_one(Seat, number), wanted, seen_version=version, now=NOW)


def closed(home: House, room: int, span: Span, key: str | None = None) -> int | None:
    with home.database.write() as session:
        made = close(session, session.get_one(Room, room), Closing(span, "painting", None, key), NOW)
        return made.id if made else None


# hours


def test_a_room_is_open_in_its_hours_by_the_clock_of_the_bases(home: House, room: int) -> None:
    with home.database.write() as session:
        require_open(session, session.get_one(Room, room), at(24, 9, 3))


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        (at(24, 11, 2), "open on a Tuesday 08:30–12:00、13:30–17:30; 2026-11-24"),
        (at(24, 6), "lies outside"),
        (at(28, 9), "not open on a Saturday"),
        (at(24, 16, 24), "lies outside"),
    ],
)
def test_outside_of_its_hours_a_room_is_refused_with_its_hours(
    home: House, room: int, span: Span, sentence: str
) -> None:
    with pytest.raises(Refused) as refusal, home.database.write() as session:
        require_open(session, session.get_one(Room, room), span)
    assert sentence in str(refusal.value.message)


# seats


def test_a_layout_grows_and_keeps_the_seats_there_are(home: House, room: int) -> None:
    first = seat_named(home, room, "A-01").id
    laid_out(home, room, Layout(3, 4))
    assert len(labels(home, room)) == 12 and seat_named(home, room, "A-01").id == first


def test_a_layout_shrinks(home: House, room: int) -> None:
    laid_out(home, room, Layout(1, 2))
    assert labels(home, room) == ["A-01", "A-02"]


def test_a_seat_that_was_ever_booked_does_not_go(home: House, room: int) -> None:
    past = at(20, 9)
    booked(home, f"seat:{seat_named(home, room, 'B-03').id}", span=past)
    with pytest.raises(Refused, match="B-03"):
        laid_out(home, room, Layout(1, 3))
    assert len(labels(home, room)) == 6


def test_labels_can_be_exchanged_by_labelling_anew(home: House, room: int) -> None:
    changed(home, room, "A-01", SeatChange("X", True))
    changed(home, room, "A-02", SeatChange("A-01", True))
    changed(home, room, "A-01", SeatChange("A-01", True))
    laid_out(home, room, Layout(2, 3, anew=True))
    assert labels(home, room) == ["A-01", "A-02", "A-03", "B-01", "B-02", "B-03"]


def test_a_new_seat_never_takes_the_label_of_another(home: House, room: int) -> None:
    changed(home, room, "A-01", SeatChange("A-04", True))
    with pytest.raises(Refused, match="A-04"):
        laid_out(home, room, Layout(2, 4))


def test_a_label_belongs_to_one_seat_of_a_room(home: House, room: int) -> None:
    with pytest.raises(Taken) as refusal:
        changed(home, room, "A-01", SeatChange("A-02", True))
    assert refusal.value.field == "label"


@pytest.mark.parametrize("wanted", [SeatChange("A-01", False), SeatChange("Z", True)])
def test_a_booked_seat_is_neither_marked_nor_relabelled(home: House, room: int, wanted: SeatChange) -> None:
    booked(home, f"seat:{seat_named(home, room, 'A-01').id}", span=at(24, 9))
    with pytest.raises(Refused, match="2026-11-24"):
        changed(home, room, "A-01", wanted)


def test_of_two_who_lay_out_at_once_the_second_is_told(home: House, room: int) -> None:
    with home.database.read() as session:
        version = session.get_one(Room, room).version
    laid_out(home, room, Layout(2, 4))
    with pytest.raises(ChangedMeanwhile), home.database.write() as session:
        lay_out(session, session.get_one(Room, room), Layout(5, 5), seen_version=version, now=NOW)


@pytest.mark.parametrize("layout", [Layout(0, 3), Layout(21, 3), Layout(3, 31)])
def test_a_layout_has_bounds(home: House, room: int, layout: Layout) -> None:
    with pytest.raises(Refused):
        laid_out(home, room, layout)


# closures and use


def test_a_closure_keeps_the_room_from_being_booked(home: House, room: int) -> None:
    closed(home, room, at(24, 8, 10))
    with pytest.raises(Conflict):
        booked(home, f"room:{room}", span=at(24, 9))


def test_a_closure_is_refused_with_what_stands_in_the_way(home: House, room: int) -> None:
    booked(home, f"room:{room}", span=at(24, 9))
    with pytest.raises(Refused, match="Sitting 2026-11-24"):
        closed(home, room, at(24, 8, 10))


def test_a_booked_seat_stands_in_the_way_too(home: House, room: int) -> None:
    booked(home, f"seat:{seat_named(home, room, 'A-02').id}", span=at(24, 9))
    with pytest.raises(Refused, match="Sitting"):
        closed(home, room, at(24, 8, 10))


def test_a_hold_that_has_run_out_stands_in_nobodys_way(home: House, room: int) -> None:
    with home.database.write() as session:
        hold = Request("sitting", ("sitting", 1), "suzhou", at(24, 9), (f"room:{room}",), expires_at=NOW)
        book(session, hold, NOW - timedelta(minutes=10))
    assert closed(home, room, at(24, 8, 10))


def test_back_to_back_with_a_booking_a_room_can_be_closed(home: House, room: int) -> None:
    booked(home, f"room:{room}", span=at(24, 9))
    assert closed(home, room, at(24, 10))


def test_the_same_form_closes_once(home: House, room: int) -> None:
    assert closed(home, room, at(24, 9), key="form") and closed(home, room, at(24, 9), key="form") is None


@pytest.mark.parametrize(("span", "state"), [(at(24, 9), "cancelled"), (at(23, 8, 5), "ended")])
def test_an_ended_closure_frees_its_time(home: House, room: int, span: Span, state: str) -> None:
    number = closed(home, room, span)
    with home.database.write() as session:
        assert end_closure(session, session.get_one(Room, room), int(number or 0), NOW).state == state
    assert booked(home, f"room:{room}", span=span)


def test_a_closure_is_ended_once(home: House, room: int) -> None:
    number = int(closed(home, room, at(24, 9)) or 0)
    with home.database.write() as session:
        end_closure(session, session.get_one(Room, room), number, NOW)
    with pytest.raises(Conflict), home.database.write() as session:
        end_closure(session, session.get_one(Room, room), number, NOW)


def test_a_closure_is_ended_on_its_own_room_only(home: House, room: int, far_room: int) -> None:
    number = int(closed(home, room, at(24, 9)) or 0)
    with pytest.raises(Conflict), home.database.write() as session:
        end_closure(session, session.get_one(Room, far_room), number, NOW)


def test_a_kit_and_a_room_of_one_number_are_closed_apart(home: House, room: int, kit: int) -> None:
    closed(home, room, at(24, 9))
    with home.database.write() as session:
        equipment = session.get_one(Kit, kit)
        assert closures_of(session, equipment, NOW) == []
        assert close(session, equipment, Closing(at(24, 9), "repair"), NOW)


def test_a_room_with_bookings_ahead_stays_in_use(home: House, room: int) -> None:
    booked(home, f"seat:{seat_named(home, room, 'A-01').id}", span=at(30, 9))
    with pytest.raises(Refused, match="2026-11-30"), home.database.write() as session:
        retire(session, session.get_one(Room, room), NOW)
    with home.database.read() as session:
        assert session.get_one(Room, room).retired_at is None


def test_a_room_out_of_use_is_neither_open_nor_closed_and_comes_back(home: House, room: int) -> None:
    with home.database.write() as session:
        retire(session, session.get_one(Room, room), NOW)
    with pytest.raises(Refused, match="out of use"), home.database.write() as session:
        require_open(session, session.get_one(Room, room), at(24, 9))
    with pytest.raises(Refused, match="out of use"):
        closed(home, room, at(24, 9))
    with home.database.write() as session:
        restore(session, session.get_one(Room, room))
        require_open(session, session.get_one(Room, room), at(24, 9))


def test_whoever_books_while_a_room_is_taken_out_of_use_has_it_or_is_told(home: House, room: int) -> None:
    def take_out(_number: int) -> str:
        try:
            with home.database.write() as session:
                retire(session, session.get_one(Room, room), NOW)
        except Refused:
            return "stays"
        return "out"

    def take(number: int) -> str:
        try:
            with home.database.write() as session:
                require_open(session, session.get_one(Room, room), at(24, 9))
                book(session, sitting(f"room:{room}", span=at(24, 9)), NOW)
        except Refused:
            return "refused"
        return "booked"

    with ThreadPoolExecutor(8) as callers:
        answers = [call.result() for call in [callers.submit(*pair) for pair in [(take, 1), (take_out, 1)] * 4]]
    assert ("out" in answers) != ("booked" in answers)


# what always holds


def test_nothing_is_found_where_everything_holds(home: House, room: int) -> None:
    booked(home, f"room:{room}", span=at(24, 9))
    closed(home, room, at(25, 9))
    with home.database.read() as session:
        assert list(booking_findings(session)) == []


def test_a_booking_whose_claim_went_another_way_is_found(home: House, room: int) -> None:
    number = booked(home, f"room:{room}", span=at(24, 9))
    with home.database.write() as session:
        session.execute(update(Claim).where(Claim.booking_id == number).values(state="cancelled"))
    with home.database.read() as session:
        assert [finding.place for finding in booking_findings(session)] == [f"room:{room} of booking {number}"]


def test_a_claim_that_outlives_its_booking_is_found(home: House, room: int) -> None:
    number = booked(home, f"room:{room}", span=at(24, 9))
    with home.database.write() as session:
        session.execute(update(Booking).where(Booking.id == number).values(state="ended"))
    with home.database.read() as session:
        assert [finding.place for finding in booking_findings(session)] == [f"room:{room} of booking {number}"]


def test_a_booking_without_claims_is_found(home: House) -> None:
    with home.database.write() as session:
        number = book(session, sitting(span=at(24, 9)), NOW).id
    with home.database.read() as session:
        assert [finding.place for finding in booking_findings(session)] == [f"booking {number}"]


def test_hours_that_overlap_are_found(home: House, room: int) -> None:
    with home.database.write() as session:
        session.add(Opening(room_id=room, weekday=0, from_minute=600, to_minute=660))
    with home.database.read() as session:
        assert [finding.place for finding in booking_findings(session)] == [f"room {room} weekday 1"]


WITHOUT_THE_CONSTRAINT = {
    "sqlite": "DROP TRIGGER claim_no_overlap_insert",
    "postgresql": "ALTER TABLE claim DROP CONSTRAINT ex_claim_overlap",
}


def test_claims_that_overlap_are_found(home: House, room: int) -> None:
    with home.database.write() as session:
        session.execute(text(WITHOUT_THE_CONSTRAINT[session.get_bind().dialect.name]))
        for number in (1, 2):
            request = Request("sitting", ("sitting", number), "suzhou", at(24, 9), (f"room:{room}",))
            book(session, request, NOW)
    with home.database.read() as session:
        assert [finding.message for finding in booking_findings(session)] == ["is held twice at one time"]

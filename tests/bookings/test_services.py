"""Two bookings never hold one thing at one time, whoever asks at once; the database refuses it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from training_app.bookings.models import Booking, Claim
from training_app.bookings.rules import Span
from training_app.bookings.services import Request, book, change_resource, confirm, free_of, release
from training_app.db import Database
from training_app.errors import Conflict
from training_app.people.models import TrainingBase

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MORNING = Span(NOW + timedelta(hours=1), NOW + timedelta(hours=3))
NOON = Span(MORNING.end, MORNING.end + timedelta(hours=1))


@pytest.fixture(autouse=True)
def a_base(database: Database) -> None:
    with database.write() as session:
        row = {"id": "suzhou", "code": "SZV", "name_zh": "苏州", "name_en": "Suzhou", "position": 1}
        session.execute(insert(TrainingBase), [row])


def seat_request(*resources: str, span: Span = MORNING, **more: object) -> Request:
    return Request("exam_place", ("sitting", 1), "suzhou", span, resources, **more)  # type: ignore[arg-type]  # named fields


def booked(database: Database, request: Request, now: datetime = NOW) -> int:
    with database.write() as session:
        return book(session, request, now).id


def test_a_booking_claims_each_resource_once(database: Database) -> None:
    number = booked(database, seat_request("seat:2", "person:1", "seat:2"))
    with database.read() as session:
        claims = session.scalars(select(Claim.resource).where(Claim.booking_id == number).order_by(Claim.resource))
        assert list(claims) == ["person:1", "seat:2"]


def test_an_overlap_is_told_in_a_sentence_and_leaves_nothing(database: Database) -> None:
    booked(database, seat_request("seat:1"))
    with pytest.raises(Conflict, match="seat"), database.write() as session:
        book(session, seat_request("kit:1", "seat:1"), NOW)
    with database.read() as session:
        assert len(session.scalars(select(Booking)).all()) == 1
        assert session.scalars(select(Claim.resource)).all() == ["seat:1"]


def test_back_to_back_is_no_overlap(database: Database) -> None:
    booked(database, seat_request("room:1"))
    assert booked(database, seat_request("room:1", span=NOON))


def test_the_same_form_sent_twice_gives_the_first_booking(database: Database) -> None:
    first = booked(database, seat_request("seat:1", key="form-1"))
    assert booked(database, seat_request("seat:1", key="form-1")) == first


def test_a_hold_lapses_by_itself_when_somebody_else_asks(database: Database) -> None:
    hold = booked(database, seat_request("seat:1", expires_at=NOW + timedelta(minutes=10)))
    later = NOW + timedelta(minutes=11)
    with database.read() as session:
        assert free_of(session, ["seat:1"], MORNING, later) == ["seat:1"]
    assert booked(database, seat_request("seat:1"), later)
    with database.read() as session:
        assert session.get_one(Booking, hold).state == "lapsed"


def test_a_lapsed_hold_cannot_be_confirmed(database: Database) -> None:
    hold = booked(database, seat_request("seat:1", expires_at=NOW + timedelta(minutes=10)))
    with pytest.raises(Conflict), database.write() as session:
        confirm(session, hold, NOW + timedelta(minutes=10))


def test_a_hold_is_confirmed_with_its_claims(database: Database) -> None:
    hold = booked(database, seat_request("seat:1", expires_at=NOW + timedelta(minutes=10)))
    with database.write() as session:
        confirm(session, hold, NOW)
    with database.read() as session:
        assert session.scalar(select(Claim.state)) == "confirmed"


def test_what_is_released_is_free_at_once_and_released_once(database: Database) -> None:
    number = booked(database, seat_request("seat:1"))
    with database.write() as session:
        assert release(session, number)
        assert not release(session, number)
    assert booked(database, seat_request("seat:1"))


def test_a_seat_is_exchanged_only_for_a_free_one(database: Database) -> None:
    mine = booked(database, seat_request("seat:1"))
    booked(database, seat_request("seat:2"))
    with database.write() as session:
        change_resource(session, mine, "seat:1", "seat:3")
    with pytest.raises(Conflict), database.write() as session:
        change_resource(session, mine, "seat:3", "seat:2")
    with database.read() as session:
        assert free_of(session, ["seat:1", "seat:2", "seat:3"], MORNING, NOW) == ["seat:1"]


def test_the_database_itself_refuses_an_overlap(database: Database) -> None:
    number = booked(database, seat_request("seat:1"))
    claim = {"booking_id": number, "resource": "seat:1", "state": "held"}
    span = {"starts_at": MORNING.start, "ends_at": MORNING.end}
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert(Claim).values(**claim, **span))


def test_the_database_refuses_an_overlap_that_an_update_would_make(database: Database) -> None:
    booked(database, seat_request("seat:1"))
    other = booked(database, seat_request("seat:2"))
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(update(Claim).where(Claim.booking_id == other).values(resource="seat:1"))


def test_of_24_callers_on_one_seat_one_gets_it_and_nobody_waits_for_ever(database: Database) -> None:
    def call(number: int) -> str:
        wanted = ("seat:1", f"kit:{number % 3}", f"room:{number % 2}", f"person:{number}")
        try:
            with database.write() as session:
                book(session, seat_request(*reversed(wanted)), NOW)
        except Conflict:
            return "taken"
        return "booked"

    with ThreadPoolExecutor(24) as callers:
        answers = list(callers.map(call, range(24)))
    assert sorted(answers) == ["booked", *["taken"] * 23]

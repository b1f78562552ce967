"""Ticket numbers, lawful changes, who sits where: decisions without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examination import THURSDAY, times
from training_app.exams.rules import (
    PLACE_CHANGES,
    SITTING_CHANGES,
    FreeSeat,
    allocate,
    filling_order,
    is_ticket_number,
    may_become,
    ticket_number,
    times_fault,
)

ROOMS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 8)), min_size=1, max_size=4)


def seats_of(rooms: list[tuple[int, int]]) -> list[FreeSeat]:
    places = [
        (room, row, place)
        for room, (rows, width) in enumerate(rooms, start=1)
        for row in range(1, rows + 1)
        for place in range(1, width + 1)
    ]
    return [FreeSeat(number, *place) for number, place in enumerate(places, start=1)]


def are_neighbours(left: FreeSeat, right: FreeSeat) -> bool:
    return left.room_id == right.room_id and abs(left.row - right.row) + abs(left.place - right.place) == 1


@given(ROOMS, st.data())
def test_everybody_gets_one_seat_and_no_seat_is_given_twice(rooms: list[tuple[int, int]], data: st.DataObject) -> None:
    seats = seats_of(rooms)
    places = list(range(100, 100 + data.draw(st.integers(0, len(seats)))))
    given_seats = allocate(places, seats, "a")
    assert sorted(given_seats) == places
    assert len(set(given_seats.values())) == len(places)
    assert set(given_seats.values()) <= {seat.id for seat in seats}


@given(ROOMS)
def test_nobody_has_a_neighbour_while_half_of_the_seats_suffice(rooms: list[tuple[int, int]]) -> None:
    seats = seats_of(rooms)
    taken = filling_order(seats)[: len(seats) // 2]
    assert not any(are_neighbours(left, right) for left in taken for right in taken)


@given(ROOMS, st.data())
def test_rooms_are_filled_in_proportion_to_their_size(rooms: list[tuple[int, int]], data: st.DataObject) -> None:
    seats = seats_of(rooms)
    taken = filling_order(seats)[: data.draw(st.integers(0, len(seats)))]
    for number, (rows, width) in enumerate(rooms, start=1):
        share = len(taken) * rows * width / len(seats)
        assert abs(sum(seat.room_id == number for seat in taken) - share) <= len(rooms)


def test_the_same_seed_gives_the_same_seats_and_another_one_others() -> None:
    seats, places = seats_of([(6, 6)]), list(range(18))
    assert allocate(places, seats, "a") == allocate(places[::-1], seats[::-1], "a")
    assert allocate(places, seats, "a") != allocate(places, seats, "b")


def test_too_few_seats_are_refused() -> None:
    with pytest.raises(ValueError, match="3 places, but only 2 seats"):
        allocate([1, 2, 3], seats_of([(1, 2)]), "a")


def test_a_ticket_number_says_base_day_sitting_and_place() -> None:
    number = ticket_number("SZV", date(2026, 12, 3), 12, 34)
    assert number.startswith("SZV261203-012-034") and is_ticket_number(number)


@given(st.integers(0, 11), st.integers(1, 9))
def test_a_mistyped_digit_of_a_ticket_number_is_found(position: int, more: int) -> None:
    number = ticket_number("SZV", date(2026, 12, 3), 12, 34)
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    wrong = str((int(number[places[position]]) + more) % 10)
    assert not is_ticket_number(number[: places[position]] + wrong + number[places[position] + 1 :])


@pytest.mark.parametrize(
    ("moved", "fault"),
    [
        ({}, None),
        ({"starts_at": THURSDAY - timedelta(days=30)}, "past"),
        ({"starts_at": THURSDAY.replace(year=9999)}, "far"),
        ({"latest_start_at": THURSDAY - timedelta(minutes=1)}, "latest_start"),
        ({"ends_at": THURSDAY + timedelta(minutes=104)}, "end"),
        ({"ends_at": THURSDAY + timedelta(minutes=105)}, None),
    ],
)
def test_times_are_refused_with_what_is_wrong(moved: dict[str, object], fault: str | None) -> None:
    usual = times()
    entered = {name: getattr(usual, name) for name in ("starts_at", "latest_start_at", "ends_at", "length")} | moved
    assert times_fault(type(usual)(**entered), THURSDAY - timedelta(days=10)) == fault


@pytest.mark.parametrize("changes", [SITTING_CHANGES, PLACE_CHANGES])
def test_every_state_that_can_be_reached_is_known(changes: dict[str, frozenset[str]]) -> None:
    assert {after for states in changes.values() for after in states} <= set(changes)


def test_nothing_follows_a_void_sitting() -> None:
    assert not any(may_become(SITTING_CHANGES, "void", after) for after in SITTING_CHANGES)

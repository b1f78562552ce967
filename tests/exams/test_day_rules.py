"""Who comes in when, what was typed at the door, how first pages are spread."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from training_app.clock import SHANGHAI
from training_app.exams.day.rules import (
    Coming,
    effective_start,
    first_page_delay_ms,
    is_due_to_open,
    may_open,
    same_seat,
    ticket_as_typed,
    why_not_admitted,
)

NINE = datetime(2026, 12, 3, 9, 0, tzinfo=SHANGHAI)


def coming(place: str = "expected", sitting: str = "open", attempt: str | None = "created") -> Coming:
    return Coming(place, sitting, attempt, NINE, NINE + timedelta(minutes=15))


def why(who: Coming, minutes: float, *, same_day: bool = True) -> str | None:
    return why_not_admitted(who, NINE + timedelta(minutes=minutes), same_day=same_day)


@pytest.mark.parametrize(
    ("who", "minutes", "reason"),
    [
        (coming(), -10, None),
        (coming(sitting="prepared"), -30, None),
        (coming(sitting="prepared"), -31, "early"),
        (coming(sitting="planned", attempt=None), -20, "unprepared"),
        (coming(), 15, None),
        (coming(), 15.1, "late"),
        (coming(sitting="running", attempt="waiting"), 16, "late"),
        (coming(sitting="running", attempt="running"), 80, None),
        (coming(sitting="running", attempt="paused"), 80, None),
        (coming(sitting="running", attempt="submitted"), 80, "finished"),
        (coming(place="sat", sitting="closed", attempt="released"), 80, "finished"),
        (coming(sitting="closed"), 10, "over"),
        (coming(sitting="cancelled", attempt="voided"), -10, "cancelled"),
        (coming(sitting="void"), -10, "cancelled"),
        (coming(place="expelled", sitting="running", attempt="running"), 10, "expelled"),
        (coming(place="deferred"), -10, "place_void"),
        (coming(attempt="voided"), -10, "place_void"),
    ],
)
def test_who_comes_in_and_why_not(who: Coming, minutes: float, reason: str | None) -> None:
    assert why(who, minutes) == reason


def test_a_ticket_of_another_day_is_told_as_such() -> None:
    assert why(coming(sitting="prepared"), -24 * 60, same_day=False) == "other_day"


def test_an_invigilator_opens_an_hour_before_and_the_clock_half_an_hour_before() -> None:
    half, hour = NINE - timedelta(minutes=30), NINE - timedelta(minutes=60)
    assert [may_open("prepared", NINE, at) for at in (hour - timedelta(seconds=1), hour)] == [False, True]
    assert [is_due_to_open("prepared", NINE, at) for at in (half - timedelta(seconds=1), half)] == [False, True]
    assert not may_open("planned", NINE, NINE) and not is_due_to_open("open", NINE, NINE)


def test_what_is_announced_counts_before_the_time_on_the_tickets() -> None:
    later = NINE + timedelta(minutes=5)
    assert (effective_start(NINE, None), effective_start(NINE, later)) == (NINE, later)


@pytest.mark.parametrize(
    "typed",
    [
        "SZV261203-012-0347",
        "szv261203 012 0347",
        "ＳＺＶ261203－012－0347",
        "  szv2612030120347\t",
        "SZV261203–012—0347",
    ],
)
def test_a_ticket_number_is_taken_however_it_is_typed(typed: str) -> None:
    assert ticket_as_typed(typed) == "SZV261203-012-0347"


@pytest.mark.parametrize("typed", ["", "x" * 5000, "12", "'; drop table", "SZV261203-012-034", "٣" * 16])
def test_what_is_no_ticket_number_stays_short_and_plain(typed: str) -> None:
    read = ticket_as_typed(typed)
    assert len(read) <= 20 and all(character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-" for character in read)


@pytest.mark.parametrize("typed", ["A-07", "a7", "A 07", "Ａ－０７", "a-007", "A/7"])
def test_a_seat_is_known_however_it_is_typed(typed: str) -> None:
    assert same_seat(typed, "A-07")


@pytest.mark.parametrize("typed", ["", "A-70", "B-07", "07", "A-07-1", "-", "7A"])
def test_another_seat_is_another_one(typed: str) -> None:
    assert not same_seat(typed, "A-07")


def test_a_label_of_two_numbers_is_not_run_together() -> None:
    assert same_seat("1 2", "1-2") and not same_seat("12", "1-2")


def test_first_pages_are_spread_evenly_and_the_same_each_time() -> None:
    delays = [first_page_delay_ms(attempt, 10) for attempt in range(700, 1200)]
    assert all(0 <= delay < 10_000 for delay in delays)
    assert all(45 <= count <= 55 for count in Counter(delay // 1000 for delay in delays).values())
    assert delays == [first_page_delay_ms(attempt, 10) for attempt in range(700, 1200)]

"""Spans, hours and the order of claims."""

from datetime import datetime, timedelta

import pytest

from training_app.bookings.rules import (
    Hours,
    HoursFault,
    Span,
    days_alike,
    hours_as_typed,
    hours_in_digits,
    in_order,
    resource,
    seat_label,
    within_hours,
)
from training_app.clock import SHANGHAI

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
DAY = [Hours(0, 8 * 60, 12 * 60), Hours(0, 12 * 60, 17 * 60)]


def span_of(hour: int, minutes: int) -> Span:
    start = MONDAY.replace(hour=hour)
    return Span(start, start + timedelta(minutes=minutes))


def test_a_span_may_cross_hours_that_touch() -> None:
    assert within_hours(span_of(11, 120), DAY)


@pytest.mark.parametrize(("hour", "minutes"), [(7, 120), (16, 61), (23, 120)])
def test_a_span_outside_the_hours_is_not_within(hour: int, minutes: int) -> None:
    assert not within_hours(span_of(hour, minutes), DAY)


def test_a_span_that_ends_with_the_hours_is_within() -> None:
    assert within_hours(span_of(16, 60), DAY)


def test_a_gap_between_hours_is_closed() -> None:
    assert not within_hours(span_of(11, 120), [Hours(0, 480, 720), Hours(0, 750, 1020)])


def test_another_weekday_has_its_own_hours() -> None:
    assert not within_hours(span_of(9, 30), [Hours(1, 0, 1440)])


def test_an_empty_span_is_refused() -> None:
    with pytest.raises(ValueError, match="before it ends"):
        Span(MONDAY, MONDAY)


def test_resources_are_claimed_in_one_order() -> None:
    assert in_order(["seat:2", "person:10", "seat:10", "person:10"]) == ["person:10", "seat:10", "seat:2"]


def test_only_known_things_can_be_claimed() -> None:
    with pytest.raises(ValueError, match="cannot be claimed"):
        resource("chair", 1)


def test_a_minute_that_has_begun_counts_whole() -> None:
    seconds = timedelta(seconds=30)
    assert not within_hours(Span(MONDAY + seconds, MONDAY.replace(hour=17) + seconds), DAY)


@pytest.mark.parametrize(
    "typed",
    [
        "8:30-12:00, 13:30-17:30",
        "13:30-17:30,08:30-12:00",
        "08:30–12:00、13:30—17:30",
        "０８：３０～１２：００，13：30至17：30",
        "8:30 to 12:00; 13:30 to 17:30",
    ],
)
def test_hours_are_read_as_people_type_them(typed: str) -> None:
    assert hours_as_typed(typed, 2) == (Hours(2, 510, 720), Hours(2, 810, 1050))


@pytest.mark.parametrize("typed", ["", "  ", ","])
def test_a_day_without_hours_is_closed(typed: str) -> None:
    assert hours_as_typed(typed, 0) == ()


def test_a_day_may_last_to_its_end() -> None:
    assert hours_in_digits(hours_as_typed("0:00-24:00", 0)) == "00:00-24:00"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("morning", "form"),
        ("08:30", "form"),
        ("08:60-12:00", "form"),
        ("08:30-24:01", "form"),
        ("12:00-08:30", "order"),
        ("12:00-12:00", "order"),
        ("08:00-12:00, 11:59-17:00", "overlap"),
        ("08:00-12:00, 08:00-12:00", "overlap"),
    ],
)
def test_hours_that_cannot_be_are_refused(typed: str, kind: str) -> None:
    with pytest.raises(HoursFault) as refusal:
        hours_as_typed(typed, 0)
    assert refusal.value.kind == kind


def test_days_with_the_same_hours_are_told_together() -> None:
    week = [Hours(day, 480, 720) for day in (0, 1, 2, 4)] + [Hours(5, 540, 720)]
    assert [(first, last) for first, last, _hours in days_alike(week)] == [(0, 2), (4, 4), (5, 5)]


@pytest.mark.parametrize(("row", "place", "label"), [(1, 1, "A-01"), (20, 30, "T-30")])
def test_a_seat_is_labelled_by_its_row_and_place(row: int, place: int, label: str) -> None:
    assert seat_label(row, place) == label

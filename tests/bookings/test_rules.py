"""Spans, hours and the order of claims."""

from datetime import datetime, timedelta

import pytest

from training_app.bookings.rules import Hours, Span, in_order, resource, within_hours
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

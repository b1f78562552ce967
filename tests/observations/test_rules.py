"""Observations: changes of state, times, what is kept and what fits: decisions without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_app.observations.rules import (
    ACTS,
    CHANGES,
    Times,
    Watching,
    bytes_an_hour,
    hours_that_fit,
    is_forgotten,
    kept_until,
    may_become,
    may_open,
    shown_s,
    times_fault,
    why_not,
)

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = date(2026, 12, 1)


def test_every_act_of_the_host_is_a_lawful_change() -> None:
    assert all(may_become(before, after) for states, after in ACTS.values() for before in states)


def test_what_is_over_stays_over() -> None:
    assert [state for state, following in CHANGES.items() if not following] == ["ended", "cancelled"]


@pytest.mark.parametrize(
    ("starts", "ends", "fault"),
    [
        (HOUR, 2 * HOUR, None),
        (-HOUR, HOUR, None),
        (2 * HOUR, HOUR, "order"),
        (-2 * HOUR, -HOUR, "past"),
        (HOUR, timedelta(days=32), "long"),
        (timedelta(days=2000), timedelta(days=2000, hours=1), "far"),
    ],
)
def test_times_that_cannot_be_are_named(starts: timedelta, ends: timedelta, fault: str | None) -> None:
    assert times_fault(Times(NOW + starts, NOW + ends), NOW) == fault


@pytest.mark.parametrize(("away", "may"), [(25, False), (23, True), (-1, True), (-2, False)])
def test_venues_are_let_in_from_a_day_before_until_the_end(away: int, may: bool) -> None:
    starts = NOW + away * HOUR
    assert may_open(starts, starts + 2 * HOUR, NOW) is may


@pytest.mark.parametrize(("hours", "by_itself", "forgotten"), [(11, False, False), (13, False, True), (0, True, True)])
def test_what_nobody_ends_ends_by_itself(hours: int, by_itself: bool, forgotten: bool) -> None:
    assert is_forgotten("on_air", NOW - hours * HOUR, NOW, by_itself=by_itself) is forgotten


def test_a_recording_is_kept_no_longer_than_any_consent_allows() -> None:
    consents = [DAY + timedelta(days=40), DAY + timedelta(days=7)]
    assert (kept_until(DAY, 30, consents), kept_until(DAY, 30, [])) == (consents[1], DAY + timedelta(days=30))


@given(st.integers(0, 10**14), st.integers(0, 10**12), st.integers(1, 4))
def test_hours_that_fit_never_touch_the_reserve(free: int, reserve: int, streams: int) -> None:
    hours = hours_that_fit(free, reserve, streams)
    assert hours >= 0 and (hours == 0 or free - hours * bytes_an_hour(streams) >= reserve)


def test_only_time_on_the_air_counts_as_shown() -> None:
    states = ("planned", "open", "on_air", "held", "on_air", "ended")
    changes = [(state, NOW + number * HOUR) for number, state in enumerate(states)]
    assert shown_s(changes, NOW + 9 * HOUR) == 2 * 3600
    assert shown_s(changes[:3], NOW + 3 * HOUR) == 3600


GUEST = Watching(invited=True, staff=False, accepted=True)


@pytest.mark.parametrize(
    ("state", "who", "has_recording", "why"),
    [
        ("on_air", GUEST, False, None),
        ("held", GUEST, False, None),
        ("open", GUEST, False, "early"),
        ("planned", GUEST, False, "early"),
        ("on_air", Watching(invited=True, staff=False, accepted=False), False, "notice"),
        ("on_air", Watching(invited=False, staff=False, accepted=True), False, "uninvited"),
        ("on_air", Watching(invited=False, staff=True, accepted=True), False, None),
        ("ended", GUEST, True, None),
        ("ended", GUEST, False, "over"),
        ("cancelled", GUEST, True, "cancelled"),
    ],
)
def test_why_somebody_cannot_watch(state: str, who: Watching, has_recording: bool, why: str | None) -> None:
    assert why_not(state, who, has_recording=has_recording) == why

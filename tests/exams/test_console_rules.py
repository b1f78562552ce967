"""What is in trouble and how badly, what time was lost, what is offered: decisions without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_app.exams.console.rules import (
    FACTS_OF_TROUBLE,
    LEFT_COUNTS_FOR,
    LOST_AFTER,
    QUIET_AFTER,
    REMEDIES,
    SEVERITY,
    Happened,
    Known,
    Stretch,
    Trouble,
    acts_at,
    common_end,
    foremost,
    group_of,
    lost_seconds,
    next_for_sitting,
    paused_rooms,
    remedy,
    stage_of,
    troubles_of,
    urgency,
)

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
BEGAN = NOW - timedelta(hours=1)
GRACE = timedelta(seconds=60)
MOMENT = timedelta(seconds=1)


def working(**known: object) -> Known:
    usual: dict[str, object] = {
        "place_state": "expected",
        "attempt_state": "running",
        "deadline_at": NOW + timedelta(minutes=30),
        "working_since": BEGAN,
        "seen_at": NOW - timedelta(seconds=4),
        "stored_at": NOW - timedelta(seconds=40),
        "entered_at": BEGAN,
    }
    return Known(**{**usual, **known})  # type: ignore[arg-type]  # fields by name


def kinds(known: Known, stage: str = "running") -> list[str]:
    return [trouble.kind for trouble in troubles_of(known, stage, started_at=BEGAN, now=NOW)]


# stages


@pytest.mark.parametrize(
    ("known", "stage"),
    [
        (Known("expected"), "expected"),
        (Known("expected", "created"), "expected"),
        (Known("expected", "created", entered_at=BEGAN), "waiting"),
        (Known("expected", "waiting", entered_at=BEGAN), "waiting"),
        (working(), "running"),
        (working(deadline_at=NOW), "running"),
        (working(deadline_at=NOW - MOMENT), "closing"),
        (working(deadline_at=NOW - GRACE), "closing"),
        (working(deadline_at=NOW - GRACE - MOMENT), "over"),
        (working(attempt_state="paused", paused_at=BEGAN, deadline_at=BEGAN), "paused"),
        (working(attempt_state="submitted"), "handed_in"),
        (working(attempt_state="released", place_state="sat"), "handed_in"),
        (working(place_state="expelled"), "expelled"),
        (Known("absent", "voided"), "absent"),
    ],
)
def test_a_place_has_the_stage_of_its_attempt_at_that_moment(known: Known, stage: str) -> None:
    assert stage_of(known, NOW, GRACE) == stage


# trouble


def test_who_works_and_is_connected_is_in_no_trouble() -> None:
    assert kinds(working()) == []


def test_a_page_that_is_silent_too_long_has_lost_its_connection_since_its_last_sign() -> None:
    last = NOW - LOST_AFTER - MOMENT
    (trouble,) = troubles_of(working(seen_at=last), "running", started_at=BEGAN, now=NOW)
    assert (trouble.kind, trouble.since, trouble.severity) == ("lost", last, 1)


def test_a_page_at_the_border_of_silence_is_still_connected() -> None:
    assert kinds(working(seen_at=NOW - LOST_AFTER)) == []


def test_a_page_that_never_gave_a_sign_is_lost_since_the_start() -> None:
    (trouble,) = troubles_of(working(seen_at=None), "running", started_at=BEGAN, now=NOW)
    assert (trouble.kind, trouble.since) == ("lost", BEGAN)


def test_who_is_not_connected_is_not_blamed_for_giving_no_answer() -> None:
    assert kinds(working(seen_at=BEGAN, stored_at=BEGAN)) == ["lost"]


def test_no_answer_for_long_is_trouble_only_while_items_are_open() -> None:
    stored = NOW - QUIET_AFTER - MOMENT
    assert kinds(working(stored_at=stored)) == ["no_answer"]
    assert kinds(working(stored_at=stored, all_answered=True)) == []


def test_after_a_pause_the_time_without_an_answer_begins_anew() -> None:
    assert kinds(working(stored_at=BEGAN, working_since=NOW - timedelta(minutes=1))) == []


@pytest.mark.parametrize(("fact", "trouble"), FACTS_OF_TROUBLE.items())
def test_what_happened_at_the_page_is_trouble_until_it_was_noted(fact: str, trouble: str) -> None:
    happened = {fact: Happened(2, 48, NOW - timedelta(minutes=1))}
    assert kinds(working(happened=happened)) == [trouble]
    assert kinds(working()) == []


def test_leaving_the_window_is_no_trouble_any_more_after_a_while() -> None:
    happened = {"left_window": Happened(1, 5, NOW - LEFT_COUNTS_FOR - MOMENT)}
    assert kinds(working(happened=happened)) == []


def test_leaving_window_and_full_screen_is_counted_together() -> None:
    happened = {"left_window": Happened(2, 30, BEGAN), "left_full_screen": Happened(1, 18, NOW)}
    (trouble,) = troubles_of(working(happened=happened), "running", started_at=BEGAN, now=NOW)
    assert (trouble.count, trouble.seconds) == (3, 48)


def test_what_happened_at_a_page_troubles_nobody_after_the_hand_in_but_late_answers_do() -> None:
    known = working(happened={"elsewhere": Happened(1, 0, NOW)}, late=3, late_since=NOW)
    assert kinds(known, "handed_in") == ["late"]


@pytest.mark.parametrize("stage", ["expected", "waiting", "running", "paused"])
def test_a_missing_document_is_trouble_while_the_person_is_here(stage: str) -> None:
    assert "document" in kinds(working(document="missing", document_at=BEGAN), stage)
    assert "document" not in kinds(working(document="seen", document_at=BEGAN), stage)


def test_who_has_not_come_is_trouble_from_the_beginning_on() -> None:
    absent = Known("expected", "created")
    assert [t.kind for t in troubles_of(absent, "expected", started_at=NOW, now=NOW)] == ["not_arrived"]
    assert troubles_of(absent, "expected", started_at=NOW + MOMENT, now=NOW) == ()
    assert troubles_of(absent, "expected", started_at=None, now=NOW) == ()


def test_the_gravest_and_then_the_longest_comes_first() -> None:
    lost, late = Trouble("lost", NOW - MOMENT), Trouble("late", BEGAN)
    older = Trouble("second_device", BEGAN)
    seats = [(late,), (lost,), (late, older)]
    assert sorted(seats, key=urgency) == [(late, older), (lost,), (late,)]
    assert foremost((late, lost, older)) == (older, lost, late)


def test_every_trouble_has_a_gravity_and_a_remedy() -> None:
    assert set(SEVERITY) == set(REMEDIES) and set(FACTS_OF_TROUBLE.values()) <= set(SEVERITY)


def test_the_pause_of_a_room_troubles_no_single_seat() -> None:
    stages = [(1, "paused"), (1, "paused"), (1, "handed_in"), (2, "paused"), (2, "running"), (3, "paused")]
    assert paused_rooms(stages) == {1}


@pytest.mark.parametrize(
    ("stage", "troubles", "group"),
    [
        ("running", (Trouble("lost", NOW),), "trouble"),
        ("running", (), "working"),
        ("paused", (), "working"),
        ("waiting", (), "waiting"),
        ("expected", (), "coming"),
        ("handed_in", (), "handed_in"),
        ("absent", (), "gone"),
        ("expelled", (), "gone"),
    ],
)
def test_a_tile_stands_where_its_stage_belongs(stage: str, troubles: tuple[Trouble, ...], group: str) -> None:
    assert group_of(stage, troubles) == group


# ends and lost time


def test_the_common_end_is_not_moved_by_single_extensions() -> None:
    ends = [NOW, NOW + MOMENT, NOW + timedelta(minutes=30)]
    assert common_end(ends) == NOW + MOMENT
    assert common_end([]) is None


def stretch(first: int, last: int) -> Stretch:
    return Stretch(NOW + timedelta(seconds=first), NOW + timedelta(seconds=last))


@pytest.mark.parametrize(
    ("silences", "pauses", "given_s", "lost"),
    [
        ([(0, 60)], [], 0, 60),
        ([(0, 60), (30, 90)], [], 0, 90),
        ([(0, 60), (100, 140)], [], 40, 60),
        ([(0, 60)], [(20, 50)], 0, 30),
        ([(0, 60)], [(-10, 70)], 0, 0),
        ([(0, 60)], [(20, 40), (30, 50)], 0, 30),
        ([(0, 60)], [], 90, 0),
        ([], [(0, 60)], 0, 0),
    ],
)
def test_lost_time_is_silence_without_pauses_and_without_what_was_given(
    silences: list[tuple[int, int]], pauses: list[tuple[int, int]], given_s: int, lost: int
) -> None:
    assert lost_seconds([stretch(*one) for one in silences], [stretch(*one) for one in pauses], given_s) == lost


SPANS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)).map(sorted).map(tuple), max_size=6)


@given(SPANS, SPANS)
def test_lost_time_counts_every_second_once(silences: list[tuple[int, int]], pauses: list[tuple[int, int]]) -> None:
    silent = {second for first, last in silences for second in range(first, last)}
    stopped = {second for first, last in pauses for second in range(first, last)}
    found = lost_seconds([stretch(*one) for one in silences], [stretch(*one) for one in pauses], 0)
    assert found == len(silent - stopped)


# what is offered


def test_absence_is_offered_only_after_the_latest_start() -> None:
    assert "absent" not in acts_at("expected", latest_start_over=False)
    assert "absent" in acts_at("expected", latest_start_over=True)


@pytest.mark.parametrize("stage", ["handed_in", "absent", "deferred", "expelled", "void"])
def test_a_seat_that_is_done_takes_neither_time_nor_moves(stage: str) -> None:
    assert not {"time", "move", "pause", "resume", "hand-in", "code"} & set(acts_at(stage, latest_start_over=True))


def test_the_remedy_is_that_of_the_gravest_trouble_that_has_one_here() -> None:
    troubles = (Trouble("paused", BEGAN), Trouble("lost", NOW))
    assert remedy("paused", troubles, latest_start_over=True) == "move"
    assert remedy("expected", (Trouble("not_arrived", BEGAN),), latest_start_over=False) is None
    assert remedy("running", (), latest_start_over=True) is None


@pytest.mark.parametrize(
    ("state", "at_work", "paused", "late", "act"),
    [
        ("prepared", 0, 0, False, "open"),
        ("open", 0, 0, False, "start"),
        ("running", 9, 0, True, None),
        ("running", 9, 9, True, "resume"),
        ("running", 9, 3, True, None),
        ("running", 0, 0, True, "end"),
        ("running", 0, 0, False, None),
        ("open", 0, 0, True, "start"),
        ("closed", 0, 0, True, None),
    ],
)
def test_the_sitting_itself_waits_for_one_act(state: str, at_work: int, paused: int, late: bool, act: str) -> None:
    found = next_for_sitting(state, announced=False, at_work=at_work, paused=paused, latest_start_over=late)
    assert found == act

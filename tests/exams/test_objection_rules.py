"""Score checks and objections: until when, about what, and who never decides."""

from datetime import datetime, timedelta

import pytest

from training_app.clock import SHANGHAI
from training_app.exams.objections.rules import MATTERS, Kind, Parts, kinds_open, may_ask_again, why_not, window_end

RELEASED = datetime(2026, 12, 3, 16, 20, tzinfo=SHANGHAI)
ENDS = datetime(2026, 12, 19, 0, 0, tzinfo=SHANGHAI)
CANDIDATE, INVIGILATOR, OF_THE_DAY, STANDARD, AUTHOR, NOBODY = range(1, 7)
PARTS = Parts(
    CANDIDATE,
    invigilators=frozenset({INVIGILATOR}),
    day=frozenset({OF_THE_DAY}),
    standard=frozenset({STANDARD}),
    item=frozenset({AUTHOR}),
)


def test_the_window_ends_with_the_last_whole_day() -> None:
    assert window_end(RELEASED, 15, SHANGHAI) == ENDS


def test_a_release_late_at_night_counts_for_its_day_at_the_bases() -> None:
    assert window_end(RELEASED.replace(hour=23, minute=59), 15, SHANGHAI) == ENDS


@pytest.mark.parametrize(
    ("kind", "person", "part"),
    [
        (Kind.SCORE, CANDIDATE, "candidate"),
        (Kind.SCORE, INVIGILATOR, "invigilator"),
        (Kind.SCORE, STANDARD, "standard"),
        (Kind.SCORE, OF_THE_DAY, None),
        (Kind.SCORE, AUTHOR, None),
        (Kind.SCORE, NOBODY, None),
        (Kind.ITEM, CANDIDATE, "candidate"),
        (Kind.ITEM, INVIGILATOR, "invigilator"),
        (Kind.ITEM, AUTHOR, "item"),
        (Kind.ITEM, STANDARD, None),
        (Kind.ITEM, OF_THE_DAY, None),
        (Kind.ITEM, NOBODY, None),
        (Kind.PROCEDURE, CANDIDATE, "candidate"),
        (Kind.PROCEDURE, INVIGILATOR, "invigilator"),
        (Kind.PROCEDURE, OF_THE_DAY, "day"),
        (Kind.PROCEDURE, STANDARD, "standard"),
        (Kind.PROCEDURE, AUTHOR, None),
        (Kind.PROCEDURE, NOBODY, None),
    ],
)
def test_who_had_a_part_in_it_does_not_decide(kind: Kind, person: int, part: str | None) -> None:
    assert why_not(kind, person, PARTS) == part


def test_an_item_is_not_decided_by_who_may_not_read_it() -> None:
    assert why_not(Kind.ITEM, NOBODY, PARTS, may_read=False) == "unread"


@pytest.mark.parametrize("kind", [Kind.SCORE, Kind.PROCEDURE])
def test_a_score_and_a_procedure_need_no_reading_of_items(kind: Kind) -> None:
    assert why_not(kind, NOBODY, PARTS, may_read=False) is None


def test_of_several_parts_the_nearest_is_named() -> None:
    assert why_not(Kind.PROCEDURE, 1, Parts(1, frozenset({1}), frozenset({1}), frozenset({1}))) == "candidate"


def test_no_kind_leaves_the_candidate_or_an_invigilator_in() -> None:
    assert [kind for kind, parts in MATTERS.items() if not {"candidate", "invigilator"} <= parts] == []


@pytest.mark.parametrize(
    ("state", "ends", "now", "kinds"),
    [
        ("running", None, RELEASED, ()),
        ("created", None, RELEASED, ()),
        ("submitted", None, RELEASED, (Kind.PROCEDURE,)),
        ("marked", None, RELEASED, (Kind.PROCEDURE,)),
        ("voided", None, RELEASED, (Kind.PROCEDURE,)),
        ("voided", ENDS, RELEASED, (Kind.PROCEDURE,)),
        ("released", ENDS, RELEASED, (Kind.SCORE, Kind.ITEM, Kind.PROCEDURE)),
        ("released", ENDS, ENDS - timedelta(microseconds=1), (Kind.SCORE, Kind.ITEM, Kind.PROCEDURE)),
        ("released", ENDS, ENDS, ()),
        ("voided", ENDS, ENDS, ()),
    ],
)
def test_what_can_be_asked_follows_the_state_and_the_window(
    state: str, ends: datetime | None, now: datetime, kinds: tuple[Kind, ...]
) -> None:
    assert kinds_open(state, ends, now) == kinds


def test_what_was_decided_is_heard_again_only_after_a_new_release() -> None:
    assert may_ask_again(None, None)
    assert not may_ask_again(RELEASED, RELEASED - timedelta(days=1))
    assert not may_ask_again(RELEASED, None)
    assert may_ask_again(RELEASED, RELEASED + timedelta(seconds=1))

"""What a report says of the machine; answers and times compared."""

from typing import Any

import pytest

from training_app.exams.rehearsal.rules import is_same_answer, verdict_of
from training_app.exams.rehearsal.tally import Tally, percentile, report_of


def report(**other: Any) -> dict[str, Any]:
    tally = Tally(saves=20, requests=2000)
    tally.reached.update(started=10, handed_in=10)
    for step in ("sign_in", "entry", "start", "page", "save", "hand_in"):
        tally.note(step, 0.02)
    return {**report_of(tally, 10), **other}


def slow(step: str, **took: float) -> dict[str, Any]:
    found = report()
    found["steps"][step].update(took)
    return found


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (report(), "holds"),
        (report(errors=2), "holds"),
        (report(errors=3), "faulty"),
        (slow("save", p95=101), "slow"),
        (slow("page", p99=3001), "slow"),
        (report(starts=9), "not_all"),
        (report(handed_in=9), "not_all"),
        (report(lost=1, starts=0), "lost"),
    ],
)
def test_a_report_says_whether_the_machine_holds(found: dict[str, Any], verdict: str) -> None:
    assert verdict_of(found) == verdict


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, percent) for percent in (50, 95, 99)] == [50, 95, 99]
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["A", "B"], ["B", "A"], True),
        (["A"], ["A", "B"], False),
        ("1", "1", True),
        ({"a": "x"}, {"a": "y"}, False),
        ([], None, False),
    ],
)
def test_chosen_options_are_the_same_in_any_order(one: object, other: object, same: bool) -> None:
    assert is_same_answer(one, other) is same

"""Cut score, mark and outcome: the only place that rounds."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MARK_AT_CUT: Final = 60
FULL_MARK: Final = 100


class Outcome(StrEnum):
    """合格, 不合格."""

    PASS = "pass"  # noqa: S105 no password
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A score judged at a cut score. mark: 0 to 100, with the cut score at 60."""

    score: int
    maximum: int
    cut: int
    mark: int
    outcome: Outcome


def judge(score: int, maximum: int, cut: int) -> Judgement:
    """Mark and outcome of `score` out of `maximum` points, passed from `cut` points on.

    Below the cut the mark is 60·score/cut, from it on 60 + 40·(score − cut)/(maximum − cut), rounded half up; a fail is
    never rounded up to 60. Full points are 100, also when they are the cut.
    Raises ValueError when not 0 ≤ score ≤ maximum, 0 ≤ cut ≤ maximum and 1 ≤ maximum.
    """
    if maximum < 1 or not 0 <= score <= maximum or not 0 <= cut <= maximum:
        raise ValueError(f"No judgement of {score} points out of {maximum} with the cut at {cut}.")
    if score < cut:
        mark = min(MARK_AT_CUT - 1, _half_up(MARK_AT_CUT * score, cut))
        return Judgement(score, maximum, cut, mark, Outcome.FAIL)
    if score == maximum:
        return Judgement(score, maximum, cut, FULL_MARK, Outcome.PASS)
    mark = MARK_AT_CUT + _half_up((FULL_MARK - MARK_AT_CUT) * (score - cut), maximum - cut)
    return Judgement(score, maximum, cut, mark, Outcome.PASS)


def cut_of_percent(percent: int, maximum: int) -> int:
    """Lowest whole score that is at least `percent` percent of `maximum` points."""
    return -(-percent * maximum // 100)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)

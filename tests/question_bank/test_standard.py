from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.standard import Outcome, cut_of_percent, judge

modest = settings(deadline=None, max_examples=200)


@st.composite
def judgements(draw: st.DrawFn) -> tuple[int, int, int]:
    maximum = draw(st.integers(1, 400))
    return draw(st.integers(0, maximum)), maximum, draw(st.integers(0, maximum))


def test_the_cut_score_itself_is_a_pass_with_mark_60() -> None:
    judgement = judge(36, 60, 36)
    assert (judgement.mark, judgement.outcome) == (60, Outcome.PASS)


def test_a_score_half_way_to_the_cut_has_mark_30() -> None:
    assert judge(18, 60, 36).mark == 30


def test_a_score_half_way_from_the_cut_to_full_points_has_mark_80() -> None:
    assert judge(48, 60, 36).mark == 80


def test_halves_are_rounded_up() -> None:
    assert judge(1, 60, 40).mark == 2  # 60 * 1 / 40 = 1.5


def test_a_fail_is_never_rounded_up_to_60() -> None:
    judgement = judge(199, 300, 200)  # 59.7
    assert (judgement.mark, judgement.outcome) == (59, Outcome.FAIL)


def test_with_a_cut_of_0_nobody_fails() -> None:
    assert judge(0, 10, 0).outcome is Outcome.PASS
    assert judge(0, 10, 0).mark == 60


def test_with_the_cut_at_full_points_full_points_are_100() -> None:
    assert judge(10, 10, 10).mark == 100
    assert judge(9, 10, 10).outcome is Outcome.FAIL


@pytest.mark.parametrize(("score", "maximum", "cut"), [(-1, 10, 5), (11, 10, 5), (5, 10, 11), (5, 10, -1), (0, 0, 0)])
def test_impossible_scores_are_refused(score: int, maximum: int, cut: int) -> None:
    with pytest.raises(ValueError, match="No judgement"):
        judge(score, maximum, cut)


@modest
@given(judgements())
def test_the_mark_and_the_outcome_never_disagree(numbers: tuple[int, int, int]) -> None:
    judgement = judge(*numbers)
    assert 0 <= judgement.mark <= 100
    assert (judgement.mark >= 60) == (judgement.outcome is Outcome.PASS) == (judgement.score >= judgement.cut)


@modest
@given(judgements())
def test_more_points_never_lower_the_mark(numbers: tuple[int, int, int]) -> None:
    score, maximum, cut = numbers
    assert judge(max(0, score - 1), maximum, cut).mark <= judge(score, maximum, cut).mark


@modest
@given(judgements())
def test_the_mark_lies_within_half_a_point_of_the_formula(numbers: tuple[int, int, int]) -> None:
    score, maximum, cut = numbers
    below = Fraction(60 * score, cut or 1)
    above = 60 + Fraction(40 * (score - cut), (maximum - cut) or 1)
    exact = above if score >= cut else below
    assert abs(judge(score, maximum, cut).mark - exact) <= Fraction(1, 2) or judge(score, maximum, cut).mark in {
        59,
        100,
    }


@pytest.mark.parametrize(("percent", "maximum", "cut"), [(60, 20, 12), (60, 31, 19), (0, 9, 0), (100, 9, 9)])
def test_a_percentage_of_points_is_rounded_up_to_a_whole_cut_score(percent: int, maximum: int, cut: int) -> None:
    assert cut_of_percent(percent, maximum) == cut

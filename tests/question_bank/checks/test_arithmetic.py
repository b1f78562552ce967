from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.checks.arithmetic import NotArithmetic, is_power_of_ten, results, working_line

KNOWN = frozenset({Fraction(235), Fraction(1, 10), Fraction(5), Fraction(2800)})


@pytest.mark.parametrize(
    "line",
    [
        "235 * 10 % = 23.5",
        "900,000,000 * 1/10000 = 90000",
        "235 × 10％ ＝ 23.5",
        "(2 + 3) * -4 = -20",
        "15 / 180 = 8.3%",
        "1/3 = 0.33",
        "1 + 1 + 0 = 2",
        "2800 * 5/1000 = 14 = 14.0",
    ],
)
def test_a_right_line_agrees(line):
    assert working_line(line).agrees()


@pytest.mark.parametrize("line", ["235 * 10 % = 24", "1 / 8 = 0.13", "1/3 = 0.34", "15 / 180 = 8.4%", "2 + 2 = 4 = 5"])
def test_a_line_whose_sides_differ_does_not_agree(line):
    assert not working_line(line).agrees()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "1 + 1",
        "1 +",
        "2 ** 3 = 8",
        "__import__('os') = 1",
        "1 / 0 = 1",
        "(1 = 1",
        "1) = 1",
        "= 1",
        "a = 1",
        "1 = " + "9" * 500,
        "(" * 60 + "1" + ")" * 60 + " = 1",
    ],
)
def test_what_is_no_arithmetic_is_refused(line):
    with pytest.raises(NotArithmetic):
        working_line(line)


def test_results_follow_from_known_numbers_line_after_line():
    lines = [working_line("235 * 10 % = 23.5"), working_line("23 + 2800 * 5/1000 = 37")]
    assert {Fraction(47, 2), Fraction(23), Fraction(24), Fraction(37)} <= results(lines, KNOWN)


def test_a_line_with_a_number_from_nowhere_gives_no_result():
    assert results([working_line("236 * 10 % = 23.6")], KNOWN) == frozenset()


@pytest.mark.parametrize(
    ("value", "expected"), [(Fraction(1), True), (Fraction(1, 1000), True), (Fraction(0), True), (Fraction(20), False)]
)
def test_powers_of_ten_and_zero_need_no_source(value, expected):
    assert is_power_of_ten(value) is expected


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="0123456789+-*/()%=., ", max_size=40) | st.text(max_size=40))
def test_no_line_does_more_than_agree_or_be_refused(line):
    with suppress(NotArithmetic):
        working_line(line).agrees()

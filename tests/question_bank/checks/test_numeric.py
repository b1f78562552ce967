from dataclasses import replace
from decimal import Decimal

import pytest

from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini

KEY = mini.numeric().numeric
WRONG = KEY.errors[0]


def answer(**changes):
    return mini.numeric(numeric=replace(KEY, **changes))


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (answer(unit=Text("万元", "CNY million")), ("E", "C19", "MINI-1", "answer.unit")),
        (answer(unit=Text("票", "CNY")), ("E", "C19", "MINI-1", "answer.unit")),
        (answer(tolerance=Decimal(3)), ("E", "C19", "MINI-1", "answer.tolerance")),
        (answer(value=Decimal("42.5")), ("E", "C19", "MINI-1", "answer.decimals")),
        (answer(errors=()), ("E", "C19", "MINI-1", "errors")),
        (answer(errors=(replace(WRONG, value=Decimal(42)),)), ("E", "C19", "MINI-1", "errors.0.value")),
        (answer(errors=(WRONG, WRONG)), ("E", "C19", "MINI-1", "errors.1.value")),
        (
            mini.numeric(
                stem=Text(
                    "按公告2026年第34号，抽查420票，查获率10.3%时超出多少票？",
                    "Under Bulletin 34 of 2026, of 420 checked at a rate of 10.3%, how many are too many?",
                )
            ),
            ("W", "C19", "MINI-1", "stem"),
        ),
        (
            mini.numeric(
                codes=("A26.09.18",),
                stem=Text(
                    "按公告2026年第34号，罚款4.9万元，还差多少？",
                    "Under Bulletin 34 of 2026, a fine of CNY 49,000 leaves how much?",
                ),
            ),
            ("W", "C19", "MINI-1", "stem"),
        ),
    ],
)
def test_a_numeric_item_out_of_order_is_found(spoiled, finding):
    assert finding in mini.found(spoiled)


def test_one_unit_of_the_last_digit_is_a_fair_tolerance():
    item = answer(tolerance=Decimal(1))
    assert {entry for entry in mini.found(item) if entry[1] == "C19"} == set()


def test_money_may_be_asked_in_tens_of_thousands():
    item = answer(unit=Text("万元", "CNY 10,000"))
    assert {entry for entry in mini.found(item) if entry[1] in ("C03", "C19")} == set()

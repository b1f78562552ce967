from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.checks.quantities import differences, plain_number, read


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("罚款6.1万元", "a fine of CNY 61,000"),
        ("总值12亿元", "a value of CNY 1.2 billion"),
        ("总值9亿元", "a value of CNY 900 million"),
        ("人口1.2万亿", "1.2 trillion"),
        ("2026年4月1日施行", "in force 1 April 2026"),
        ("自2026-04-01起", "from 1 April 2026"),
        ("自2026年9月14日起", "from September 14, 2026"),
        ("2026年1月至3月", "from January to March 2026"),
        ("9月14日和15日", "on 14 and 15 September"),
        ("每年6月30日前", "by 30 June each year"),
        ("2026年5月查验", "checked in May 2026"),
        ("5月查验", "checked in May"),
        ("满6个月", "after 6 months"),
        ("万分之一", "1/10,000"),
        ("千分之5", "5/1,000"),
        ("千分之一", "1 per 1,000"),
        ("万分之一", "0.01%"),
        ("百分之十", "10 per cent"),
        ("10%与3‰", "10% and 0.3%"),
        ("提高2个百分点", "up by 2 percentage points"),
        ("四项中有1项", "one of four"),
        ("4项中1项", "1 of four"),
        ("每年2次", "twice a year"),
        ("利润为-4%", "a margin of −4%"),
        ("现金流为负150万元", "a cash flow of CNY -1.5 million"),
        ("第1-2项与S-1001", "items 1-2 and S-1001"),
        ("①甲 ②乙", "first A, then B"),
        ("近9亿元，120票", "almost CNY 900 million; 120 declarations"),
        ("２０票", "20 declarations"),
        ("五万元", "CNY 50,000"),
        ("第三方到场", "a third party is present"),
        ("一律统一登记", "all are registered"),
        ("15÷180≈8.3%", "15/180 ≈ 8.3%"),
        ("10:40到", "there at 10:40"),
    ],
)
def test_the_same_figures_agree_however_each_language_writes_them(zh, en):
    assert differences(zh, en) == ((), ())


@pytest.mark.parametrize(
    ("zh", "en", "expected"),
    [
        ("罚款7万元", "a fine of CNY 7,000", (("70000",), ("7000",))),
        ("万分之一", "1/1,000", (("0.01%",), ("0.1%",))),
        ("10%", "10", (("10%",), ("10",))),
        ("2026年4月", "May 2026", (("month 4",), ("month 5",))),
        ("受罚2次，共3万元", "CNY 30,000 of fines", (("2",), ())),
        ("受罚", "2 fines", ((), ("2",))),
        ("五万元", "CNY 40,000", ((), ("40000",))),
    ],
)
def test_figures_that_differ_are_named_on_their_side(zh, en, expected):
    assert differences(zh, en) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("10%", {Fraction(1, 10), Fraction(10)}),
        ("5/1,000", {Fraction(1, 200), Fraction(5), Fraction(1000)}),
        ("二十五万零三", {Fraction(250003)}),
        ("十二", {Fraction(12)}),
        ("三分之二", {Fraction(2, 3), Fraction(2), Fraction(3)}),
        ("5/0", {Fraction(5)}),
        ("three", {Fraction(3)}),
        ("3千克", {Fraction(3), Fraction(1000)}),
    ],
)
def test_a_figure_is_known_in_each_of_its_forms(text, values):
    assert read(text).values() == values


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Fraction(1, 3), "1/3"), (Fraction(1, 8), "0.125"), (Fraction(70000), "70000"), (Fraction(-1, 2), "-0.5")],
)
def test_a_number_is_shown_as_a_decimal_where_it_ends(value, shown):
    assert plain_number(value) == shown


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_makes_the_reader_fail(zh, en):
    differences(zh, en)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="0123456789.,/%-万亿千百分之年月日 十二May2026", max_size=30))
def test_a_text_always_agrees_with_itself(text):
    assert differences(text, text) == ((), ())

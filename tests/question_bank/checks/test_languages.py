from dataclasses import replace

import pytest

from question_bank.checks.languages import is_number_or_code
from question_bank.items import CaseRow
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini


def with_option_b(text):
    good = mini.item()
    return replace(good, options=tuple(replace(o, text=text) if o.id == "B" else o for o in good.options))


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (mini.item(rationale=Text("留存期为3年，自手续办结起算。", " ")), ("E", "C01", "MINI-1", "rationale.en")),
        (mini.item(source=Text("Annex two", "Annex two")), ("E", "C01", "MINI-1", "source")),
        (
            mini.item(rationale=Text("留存期为3年。", "They are held for 3 years（方可）.")),
            ("E", "C02", "MINI-1", "rationale.en"),
        ),
        (
            mini.item(rationale=Text("留存期为3年。", "They are held for 3 years，at least.")),
            ("E", "C02", "MINI-1", "rationale.en"),
        ),
        (
            mini.item(rationale=Text("Held for 3 years", "They are held for 3 years.")),
            ("E", "C02", "MINI-1", "rationale.zh"),
        ),
        (
            mini.item(rationale=Text("留存期为3年,自办结起算。", "They are held for 3 years.")),
            ("W", "C02", "MINI-1", "rationale.zh"),
        ),
        (
            mini.item(rationale=Text("留存期（演示)为3年。", "Held (as shown) for 3 years.")),
            ("W", "C02", "MINI-1", "rationale.zh"),
        ),
        (mini.item(rationale=Text("留存期为3年。", "They are held for 2 years.")), ("E", "C03", "MINI-1", "rationale")),
        (with_option_b(Text("3年", "some years")), ("E", "C03", "MINI-1", "options.B.text")),
    ],
)
def test_a_text_that_lacks_a_language_its_script_or_a_figure_is_found(spoiled, finding):
    assert finding in mini.found(spoiled)


def test_a_case_row_with_other_figures_in_english_is_found():
    row = CaseRow(Text("查验", "Checks"), Text("票数", "Number"), Text("180票", "108 declarations"))
    assert ("E", "C03", "CASE-1", "rows.0.value") in mini.found(cases=[mini.case(rows=(row,))])


@pytest.mark.parametrize(
    ("text", "expected"), [("ISO 27001", True), ("≥ 0.5%", True), ("Annex 2", False), ("三", False)]
)
def test_numbers_and_codes_may_be_the_same_in_both_languages(text, expected):
    assert is_number_or_code(text) is expected

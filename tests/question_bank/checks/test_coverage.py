import pytest

from question_bank.checks import coverage_of, render_coverage
from question_bank.items import Bank, Kind, Level
from tests.question_bank.checks import miniatures as mini

CRITERIA = mini.shipped_criteria()
BANK = Bank((mini.item(codes=("A26.05.08", "A26.05.09", "C26.05.08")), mini.numeric(id="M-2")), (mini.case(),))
TABLE = coverage_of(BANK, CRITERIA)
ROWS = {row.code: row for group in TABLE.groups for row in group.rows}


def test_an_item_counts_once_in_each_section_of_its_codes():
    assert (ROWS["A26.05"].items, ROWS["C26.05"].items, ROWS["A26.12"].items) == (1, 1, 1)


def test_a_section_counts_by_level():
    assert (ROWS["A26.18"].levels[Level.APPLY], ROWS["A26.18"].levels[Level.ANALYSE]) == (2, 1)


def test_items_of_cases_count_with_the_rest():
    assert (TABLE.items, TABLE.cases, TABLE.kinds[Kind.SINGLE]) == (5, 1, 3)


def test_an_edition_counts_an_item_once():
    assert [group.items for group in TABLE.groups if group.title.en == "Advanced 2026"] == [5]


def test_a_code_that_does_not_exist_counts_nowhere():
    assert coverage_of(Bank((mini.item(codes=("X.1",)),), ()), CRITERIA).items == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_last_line_begins_with_the_count(language):
    assert render_coverage(TABLE, language).splitlines()[-1].startswith("5 items")


@pytest.mark.parametrize(("language", "word"), [("zh", "信息系统"), ("en", "Information systems")])
def test_the_table_names_sections_in_the_language_asked_for(language, word):
    assert word in render_coverage(TABLE, language)


def test_a_heading_that_is_no_section_has_a_row_of_its_own():
    table = coverage_of(Bank((mini.item(codes=("G22",)),), ()), CRITERIA)
    assert "G22" in {row.code for group in table.groups for row in group.rows}

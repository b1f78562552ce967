from dataclasses import replace

import pytest

from question_bank.items import Level
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini

CASE = mini.case()
ONE, TWO, THREE = CASE.items
STRANGER = replace(
    mini.item(id="CASE-1-9", case="CASE-1"),
    stem=Text("按公告2026年第34号，出口额怎么统计？", "Under Bulletin 34 of 2026, how is export counted?"),
    rationale=Text("与本题干无关的说明。", "A remark on nothing."),
)


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (replace(CASE, items=CASE.items[:2]), ("E", "C21", "CASE-1", "items")),
        (replace(CASE, items=(TWO, replace(ONE, level=Level.APPLY), THREE)), ("E", "C21", "CASE-1", "items")),
        (replace(CASE, items=(ONE, TWO, replace(TWO, id="CASE-1-4"))), ("E", "C21", "CASE-1", "items")),
        (replace(CASE, items=(ONE, TWO, THREE, STRANGER)), ("E", "C21", "CASE-1-9", "stem")),
        (
            replace(
                CASE,
                items=(
                    ONE,
                    TWO,
                    replace(THREE, stem=Text("值班室的道闸流水不必保存。", "The barrier log need not be held.")),
                ),
            ),
            ("E", "C21", "CASE-1-3", "stem"),
        ),
    ],
)
def test_a_case_that_its_items_do_not_need_is_found(spoiled, finding):
    assert finding in mini.found(cases=[spoiled])


def test_an_item_whose_working_takes_a_figure_of_the_case_uses_it():
    table = mini.case(text=Text(CASE.text.zh + "全年出车388次。", CASE.text.en + " It sent 388 lorries."))
    counted = replace(STRANGER, working=("388 / 4 = 97",))
    findings = mini.found(cases=[replace(table, items=(ONE, TWO, THREE, counted))])
    assert ("E", "C21", "CASE-1-9", "stem") not in findings

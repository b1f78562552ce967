import random
from dataclasses import replace
from itertools import combinations

import pytest

from question_bank.checks.plain import grams, jaccard
from question_bank.checks.similarity import near_pairs
from question_bank.items import Item
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini


def asked(identity: str, zh: str, **changes: object) -> Item:
    return mini.item(
        id=identity, stem=Text(f"按公告2026年第34号，{zh}", "Under Bulletin 34 of 2026, what then?"), **changes
    )


LONG = "演示公司的仓库在夜里丢了一批灯具，值班的人第二天早上才把这件事写进登记簿，应当补做哪一件事？"
FIRST = asked("M-1", LONG)
FIGURES = asked("M-2", LONG.replace("一批", "28批").replace("第二天", "第9天"))
ALIKE = asked("M-3", "演示公司的仓库在夜里丢了一批灯具，值班的人第二天早上才发现，次日由谁向哪里报告？")
STRANGER = asked("M-4", "木质包装入境时要查哪一种标识？")


def findings(*items, code="B01"):
    return {entry for entry in mini.found(*items) if entry[1] == code}


def test_the_same_item_twice_is_refused():
    assert findings(FIRST, replace(FIRST, id="M-5", enemies=("M-1",))) == {("E", "B01", "M-5", "stem")}


def test_twins_may_be_the_same():
    twin = replace(FIRST, id="M-5", twins=("M-1",), enemies=("M-1",))
    assert findings(replace(FIRST, twins=("M-5",), enemies=("M-5",)), twin) == set()


def test_items_that_differ_in_figures_must_be_enemies():
    assert findings(FIRST, FIGURES) == {("E", "B01", "M-2", "stem")}


def test_enemies_may_differ_in_figures_only():
    assert findings(FIRST, replace(FIGURES, enemies=("M-1",))) == set()


def test_items_that_are_much_alike_are_a_warning():
    assert findings(FIRST, ALIKE) == {("W", "B01", "M-3", "stem")}


def test_strangers_are_let_be():
    assert findings(FIRST, STRANGER) == set()


def test_items_of_one_case_need_not_be_enemies():
    pair = (replace(FIRST, case="CASE-1"), replace(FIGURES, case="CASE-1"))
    case = mini.case(items=pair)
    assert {entry for entry in mini.found(cases=[case]) if entry[1] == "B01"} == set()


@pytest.mark.parametrize("least", [0.4, 0.6, 0.85])
def test_the_index_finds_the_same_pairs_as_comparing_all(least):
    draw = random.Random(7)
    words = ["".join(draw.choices("甲乙丙丁", k=draw.randint(0, 14))) for _ in range(120)]
    sets = [grams(word, 3) for word in words]
    all_pairs = {
        (one, other) for one, other in combinations(range(len(sets)), 2) if jaccard(sets[one], sets[other]) >= least
    }
    assert {(one, other) for one, other, _ in near_pairs(sets, least)} == all_pairs


KEY = Text("把钥匙交还值班室", "hand the keys back")
WITH_KEY = replace(STRANGER, options=tuple(replace(o, text=KEY) if o.key else o for o in STRANGER.options))


def test_a_key_in_another_stem_is_a_leak():
    other = asked("M-6", "保安把钥匙交还值班室之后，还要写什么？")
    assert ("W", "B02", "M-4", "options") in findings(WITH_KEY, other, code="B02")


def test_a_key_in_the_stem_of_an_enemy_is_no_leak():
    other = asked("M-6", "保安把钥匙交还值班室之后，还要写什么？", enemies=("M-4",))
    assert findings(replace(WITH_KEY, enemies=("M-6",)), other, code="B02") == set()


def test_a_key_in_a_case_is_a_leak():
    case = mini.case()
    told = replace(
        case, text=Text(case.text.zh + "后来他把钥匙交还值班室。", case.text.en + " Later he gave them back.")
    )
    findings_of_bank = mini.found(WITH_KEY, cases=[told])
    assert ("W", "B02", "M-4", "options") in findings_of_bank


@pytest.mark.parametrize("key", ["高级认证企业", "所属报关人员", "2026年12月31日"])
def test_a_term_or_date_in_another_stem_is_no_leak(key):
    item = replace(STRANGER, options=tuple(replace(o, text=Text(key, "x")) if o.key else o for o in STRANGER.options))
    assert findings(item, asked("M-6", f"{key}之后，还要写什么？"), code="B02") == set()

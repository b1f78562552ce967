from dataclasses import replace

import pytest

from question_bank.items import Item
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini


def choices(*texts: tuple[str, str], **changes: object) -> Item:
    """The miniature with these option texts; the second is the key."""
    options = tuple(replace(option, text=Text(*text)) for option, text in zip(mini.item().options, texts, strict=True))
    return mini.item(options=options, **changes)


STEM = "按公告2026年第34号，"
UNDER = "Under Bulletin 34 of 2026, "
NEGATIVE = {"stem": Text(f"{STEM}封条登记**缺少**哪项？", f"{UNDER}what is **missing** from the seal log?")}
PLAIN = (("领用人", "the taker"), ("用途", "the use"), ("归还日", "the return"))


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (
            choices(("门卫", "guard"), ("由仓库主管核对", "guard"), ("司机", "driver")),
            ("E", "C09", "MINI-1", "options.B.text.zh"),
        ),
        (
            choices(
                ("门卫室主任员工甲乙丙", "a"), ("仓库里的主管人员核对后签字盖章", "b"), ("仓库里的主管人员核", "c")
            ),
            ("W", "C09", "MINI-1", "options.B.text.zh"),
        ),
        (
            choices(("门卫室主任员工甲乙丙", "a"), ("司机", "b"), ("仓库里的主管人员核", "c")),
            ("W", "C09", "MINI-1", "options.B.text.zh"),
        ),
        (
            choices(
                ("门卫", "the guard"),
                ("主管", "the supervisor of the warehouse then and there"),
                ("司机", "the driver"),
            ),
            ("E", "C09", "MINI-1", "options.B.text.en"),
        ),
        (
            choices(
                ("找门卫", "the guard"),
                ("找陪同人", "the escort"),
                ("找司机", "the driver"),
                stem=Text(f"{STEM}没有陪同人时找谁？", f"{UNDER}whom does one ask?"),
            ),
            ("W", "C10", "MINI-1", "options.B.text.zh"),
        ),
        (
            choices(
                ("找门卫", "the guard"),
                ("找同伴", "the escorting man"),
                ("找司机", "the driver"),
                stem=Text(f"{STEM}该找谁？", f"{UNDER}who stands for an escort?"),
            ),
            ("W", "C10", "MINI-1", "options.B.text.en"),
        ),
        (choices(("一律登记", "noted"), ("登记", "noted"), ("放行", "passed")), ("W", "C11", "MINI-1", "options.zh")),
        (
            choices(("登记", "noted"), ("登记入册", "always noted"), ("放行", "passed")),
            ("W", "C11", "MINI-1", "options.en"),
        ),
        (choices(("登记", "noted"), ("通常登记", "noted"), ("放行", "passed")), ("W", "C11", "MINI-1", "options.zh")),
        (choices(*PLAIN, **NEGATIVE), ("W", "C12", "MINI-1", "stem")),
        (
            choices(*PLAIN, stem=Text(f"{STEM}登记缺少哪项？", f"{UNDER}what is **missing**?")),
            ("E", "C12", "MINI-1", "stem.zh"),
        ),
        (
            choices(*PLAIN, stem=Text(f"{STEM}登记禁止哪项？", f"{UNDER}which is not allowed?")),
            ("W", "C12", "MINI-1", "stem.en"),
        ),
        (choices(("无需登记", "no entry"), *PLAIN[1:], **NEGATIVE), ("E", "C12", "MINI-1", "options.A.text")),
        (choices(*PLAIN[:2], ("以上都对", "every one")), ("E", "C13", "MINI-1", "options.C.text.zh")),
        (choices(*PLAIN[:2], ("A和B", "the first two")), ("E", "C13", "MINI-1", "options.C.text.zh")),
        (choices(*PLAIN[:2], ("前两项", "Both of these")), ("E", "C13", "MINI-1", "options.C.text.en")),
        (choices(*PLAIN[:2], ("前两项", "A and B")), ("E", "C13", "MINI-1", "options.C.text.en")),
    ],
)
def test_a_cue_for_the_testwise_is_found(spoiled, finding):
    assert finding in mini.found(spoiled)


@pytest.mark.parametrize(
    "item",
    [
        choices(("所有权证明", "a title"), ("出库单", "a slip"), ("提单", "a bill")),
        choices(("最多两人", "at most two"), ("三人", "three"), ("四人", "four")),
        choices(("2025年5月", "May 2025"), ("2025年6月", "June 2025"), ("2025年7月", "July 2025")),
        choices(("一律登记", "always noted"), ("一律放行", "always passed"), ("都退回", "sent back")),
        mini.item(stem=Text(f"{STEM}至少留存多久？", f"{UNDER}how long at least?")),
    ],
)
def test_words_that_only_look_like_a_cue_are_let_be(item):
    assert {entry for entry in mini.found(item) if entry[1] in ("C11", "C12", "C13")} == set()

from dataclasses import replace
from decimal import Decimal

import pytest

from question_bank.items import ErrorClass, ExpectedError, Level
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini


def option(item, identity, **changes):
    return replace(item, options=tuple(replace(o, **changes) if o.id == identity else o for o in item.options))


def answer(value, **changes):
    good = mini.numeric()
    return replace(good, numeric=replace(good.numeric, value=Decimal(value), **changes))


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (option(mini.item(), "B", text=Text("4年", "4 years")), ("E", "C04", "MINI-1", "options.B.text")),
        (option(mini.item(), "A", text=Text("7年", "7 years")), ("W", "C04", "MINI-1", "options.A.text")),
        (
            option(mini.item(), "B", reason=Text("标准写明的期限是7年。", "The criterion says 7 years.")),
            ("E", "C04", "MINI-1", "options.B.reason"),
        ),
        (mini.item(rationale=Text("留存期为8年。", "They are held for 8 years.")), ("E", "C04", "MINI-1", "rationale")),
        (mini.numeric(working=("420 * 10% = 43",)), ("E", "C04", "MINI-1", "working.0")),
        (mini.numeric(working=("420 times a tenth",)), ("E", "C04", "MINI-1", "working.0")),
        (mini.numeric(working=("421 * 10% = 42.1",)), ("E", "C04", "MINI-1", "working.0")),
        (answer(45), ("E", "C04", "MINI-1", "answer.value")),
        (answer(420), ("E", "C04", "MINI-1", "answer.value")),
        (
            option(
                mini.true_false(
                    stem=Text(
                        "按公告2026年第34号，电子记录留存6年。", "Under Bulletin 34 of 2026, records are held 6 years."
                    )
                ),
                "T",
                key=True,
                error=None,
            ),
            ("E", "C04", "MINI-1", "stem"),
        ),
        (
            mini.true_false(
                stem=Text(
                    "按公告2026年第34号，电子记录留存6年。", "Under Bulletin 34 of 2026, records are held 6 years."
                )
            ),
            ("W", "C04", "MINI-1", "stem"),
        ),
    ],
)
def test_a_figure_from_nowhere_is_found_where_it_stands(spoiled, finding):
    spoiled = replace(spoiled, options=spoiled.options)
    assert finding in mini.found(spoiled)


@pytest.mark.parametrize(
    "item",
    [
        option(mini.item(), "B", reason=Text("标准写明的是3年，不是1年。", "The criterion says 3 years, not 1 year.")),
        option(mini.item(), "C", text=Text("30年", "30 years"), error=ErrorClass.UNIT_SLIP),
        mini.item(
            rationale=Text("海关总署令第282号自2026年4月1日起施行。", "Decree 282 is in force from 1 April 2026."),
            instruments=("B34-2026", "D282"),
        ),
        mini.item(rationale=Text("见附件2第8项。", "See annex 2, criterion 8.")),
        mini.numeric(
            stem=Text(
                "海关查了演示公司自理的425票报关单。按公告2026年第34号，查获率允许的最大票数是多少？",
                "Customs checked 425 declarations. Under Bulletin 34 of 2026, how many findings are allowed?",
            ),
            rationale=Text("425票的10%是42.5票，取42票。", "10% of 425 is 42.5, so 42."),
            working=("425 * 10% = 42.5",),
        ),
        mini.multiple(
            level=Level.APPLY,
            options=tuple(
                replace(o, text=Text(f"大门{n}号", f"Gate number {n}"))
                for n, o in enumerate(mini.multiple().options, 11)
            ),
        ),
        mini.matching(
            level=Level.APPLY,
            premises=tuple(
                replace(p, text=Text(f"{p.text.zh}，共{n}处", f"{p.text.en}, {n} of them"))
                for n, p in enumerate(mini.matching().premises, 17)
            ),
        ),
    ],
)
def test_figures_with_a_source_are_let_be(item):
    assert {entry for entry in mini.found(item) if entry[1] == "C04"} == set()


def test_a_limit_stated_in_a_key_is_no_datum():
    keys = mini.multiple(level=Level.APPLY).options
    limit = replace(keys[0], text=Text("大门至少17处", "At least 17 gates"))
    spoiled = mini.multiple(level=Level.APPLY, options=(limit, *keys[1:]))
    assert ("E", "C04", "MINI-1", "options.A.text") in mini.found(spoiled)


def test_a_wrong_number_may_be_what_another_line_of_working_gives():
    expected = ExpectedError(
        Decimal(84), ErrorClass.OTHER_GRADE, Text("误按两成计算，得84票。", "This takes a fifth, which gives 84.")
    )
    good = mini.numeric()
    item = replace(
        good, numeric=replace(good.numeric, errors=(expected,)), working=("420 * 10% = 42", "420 * 20% = 84")
    )
    assert {entry for entry in mini.found(item) if entry[1] == "C04"} == set()

from dataclasses import replace

import pytest

from question_bank.items import ErrorClass, Kind, Rule, Scoring
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini


def option(item, identity, **changes):
    return replace(item, options=tuple(replace(o, **changes) if o.id == identity else o for o in item.options))


def spare(identity):
    return mini.wrong(
        identity,
        Text(f"备用{identity}处", f"Spare {identity} place"),
        Text(f"备用{identity}处不在须看守之列。", f"Spare {identity} place is not to be guarded."),
    )


ORDER = mini.ordering().elements
PAIRS = mini.matching()


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (mini.item(kind=Kind.NUMERIC), ("E", "C06", "MINI-1", "options")),
        (mini.item(kind=Kind.NUMERIC), ("E", "C06", "MINI-1", "answer")),
        (mini.item(options=mini.item().options[:2]), ("E", "C06", "MINI-1", "options")),
        (option(mini.item(), "A", key=True, error=None), ("E", "C06", "MINI-1", "options")),
        (option(mini.multiple(), "B", key=False, error=ErrorClass.HABIT), ("E", "C06", "MINI-1", "options")),
        (option(option(mini.multiple(), "C", key=True), "D", key=True), ("E", "C06", "MINI-1", "options")),
        (mini.multiple(options=(*mini.multiple().options, *map(spare, "EFG"))), ("E", "C06", "MINI-1", "options")),
        (mini.multiple(points=1), ("E", "C06", "MINI-1", "scoring.step")),
        (mini.multiple(points=5), ("E", "C06", "MINI-1", "points")),
        (mini.ordering(points=4), ("E", "C06", "MINI-1", "points")),
        (mini.matching(points=4), ("E", "C06", "MINI-1", "points")),
        (mini.item(points=0), ("E", "C06", "MINI-1", "points")),
        (option(mini.item(), "C", id="A"), ("E", "C06", "MINI-1", "options")),
        (
            option(mini.item(), "A", reason=Text("太短。", "A habit, nothing more.")),
            ("E", "C07", "MINI-1", "options.A.reason.zh"),
        ),
        (
            option(mini.item(), "A", reason=Text("习惯上如此，标准的期限更长。", "A habit.")),
            ("E", "C07", "MINI-1", "options.A.reason.en"),
        ),
        (option(mini.item(), "C", reason=mini.item().options[0].reason), ("E", "C07", "MINI-1", "options.C.reason")),
        (option(mini.item(), "A", error=None), ("E", "C07", "MINI-1", "options.A.error")),
        (option(mini.true_false(), "T", error=None), ("E", "C07", "MINI-1", "reasons.true.error")),
        (option(mini.item(), "C", text=Text("1 年", "1 year.")), ("E", "C08", "MINI-1", "options.C.text")),
        (
            option(
                option(mini.item(), "A", text=Text("0.9万元", "CNY 9,000")), "C", text=Text("9,000元", "CNY 9 thousand")
            ),
            ("E", "C08", "MINI-1", "options.C.text"),
        ),
        (
            option(
                option(
                    mini.item(), "A", text=Text("由仓库主管每天早上逐项核对出入记录并签字确认存档", "checked daily")
                ),
                "C",
                text=Text("由仓库主管每天早上逐项核对出入记录并签字确认存档案", "checked each day"),
            ),
            ("W", "C08", "MINI-1", "options.C.text"),
        ),
        (mini.ordering(elements=(*ORDER[:3], replace(ORDER[3], sort="3"))), ("E", "C20", "MINI-1", "elements")),
        (mini.ordering(elements=ORDER[:3], points=2), ("E", "C20", "MINI-1", "elements")),
        (
            mini.ordering(elements=tuple(replace(e, id=i) for e, i in zip(ORDER, "ABCD", strict=True))),
            ("E", "C20", "MINI-1", "elements"),
        ),
        (
            mini.ordering(elements=(*ORDER[:3], replace(ORDER[3], text=Text("第三步", "The last")))),
            ("W", "C20", "MINI-1", "elements.B.text"),
        ),
        (replace(PAIRS, responses=PAIRS.responses[:3]), ("E", "C20", "MINI-1", "responses")),
        (replace(PAIRS, premises=PAIRS.premises[:2], points=2), ("E", "C20", "MINI-1", "premises")),
        (
            replace(PAIRS, premises=(*PAIRS.premises[:2], replace(PAIRS.premises[2], response="z"))),
            ("E", "C20", "MINI-1", "premises.3.response"),
        ),
        (
            replace(PAIRS, premises=(*PAIRS.premises[:2], replace(PAIRS.premises[2], response="a"))),
            ("E", "C20", "MINI-1", "reuse"),
        ),
    ],
)
def test_an_item_out_of_shape_is_found(spoiled, finding):
    assert finding in mini.found(spoiled)


def test_options_that_differ_in_what_they_deny_are_told_apart():
    first = Text("甲标准不符合，乙标准符合", "first no, second yes")
    second = Text("甲标准符合，乙标准不符合", "first yes, second no")
    item = option(option(mini.item(), "A", text=first), "C", text=second)
    assert {entry for entry in mini.found(item) if entry[1] == "C08"} == set()


def test_options_that_differ_in_one_figure_are_told_apart():
    item = option(
        option(mini.item(), "A", text=Text("0.1以上", "0.1 or above")), "C", text=Text("0.01以上", "0.01 or above")
    )
    assert {entry for entry in mini.found(item) if entry[1] == "C08"} == set()


def test_a_multiple_item_may_be_all_or_nothing():
    item = mini.multiple(points=2, scoring=Scoring(Rule.ALL_OR_NOTHING))
    assert {entry for entry in mini.found(item) if entry[1] == "C06"} == set()

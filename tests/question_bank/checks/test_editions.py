from dataclasses import replace
from datetime import date

import pytest

from question_bank.items import Certainty, Kind
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini

OLD = {
    "codes": ("G22.03.08",),
    "instruments": ("B106-2022",),
    "effective_from": None,
    "effective_to": date(2026, 3, 31),
    "certainty": Certainty.OFFICIAL,
    "source": Text("公告2022年第106号附件2第8项", "Bulletin 106 of 2022, annex 2, criterion 8"),
    "stem": Text("按公告2022年第106号，电子记录留存多久？", "Under Bulletin 106 of 2022, how long are records held?"),
}
BOTH = {
    "codes": ("A26.05.08", "G22.03.08"),
    "instruments": ("B34-2026", "B106-2022"),
    "source": Text(
        "公告2026年第34号附件2，公告2022年第106号附件2", "Bulletin 34 of 2026, annex 2; Bulletin 106 of 2022, annex 2"
    ),
}


def with_key(text):
    good = mini.item()
    return replace(good, options=tuple(replace(o, text=text) if o.key else o for o in good.options))


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (mini.item(codes=("A26.05.08", "A26.99.99")), ("E", "C05", "MINI-1", "codes")),
        (mini.item(borrowed=("A26.99.99",)), ("E", "C05", "MINI-1", "borrowed")),
        (mini.item(instruments=("B34-2026", "B99-1999")), ("E", "C05", "MINI-1", "instruments")),
        (mini.item(instruments=("D282",)), ("E", "C05", "MINI-1", "instruments")),
        (mini.item(**BOTH), ("E", "C05", "MINI-1", "codes")),
        (mini.item(effective_from=date(2026, 3, 1)), ("E", "C05", "MINI-1", "effective_from")),
        (mini.item(effective_to=date(2027, 1, 1)), ("E", "C05", "MINI-1", "effective_to")),
        (mini.item(**(OLD | {"effective_from": date(2022, 11, 1)})), ("E", "C05", "MINI-1", "effective_from")),
        (mini.item(certainty=Certainty.OFFICIAL), ("E", "C05", "MINI-1", "certainty")),
        (mini.item(certainty=Certainty.UNVERIFIED, public=False), ("E", "C05", "MINI-1", "public")),
        (mini.item(**(OLD | {"public": False})), ("E", "C05", "MINI-1", "public")),
        (
            mini.item(source=Text("公告2026年第34号附件2第9项", "Bulletin 34 of 2026, annex 2, criterion 9")),
            ("E", "C05", "MINI-1", "source.zh"),
        ),
        (
            mini.item(rationale=Text("公告2019年第7号写明。", "Bulletin 7 of 2019 says so.")),
            ("E", "C05", "MINI-1", "rationale"),
        ),
        (
            replace(
                with_key(Text("负债率85%以内", "a debt ratio within 85%")),
                codes=("A26.07.13",),
                source=Text("附件2第13项", "annex 2, criterion 13"),
            ),
            ("E", "C05", "MINI-1", "options.B.text"),
        ),
        (mini.numeric(codes=("A26.07.13",), working=("60 / 85 = 12/17",)), ("E", "C05", "MINI-1", "working.0")),
        (replace(with_key(Text("总分95分", "a total score of 95")), **OLD), ("E", "C05", "MINI-1", "options.B.text")),
        (mini.item(stem=Text("电子记录留存多久？", "How long are records held?")), ("E", "C16", "MINI-1", "stem.zh")),
        (mini.item(stem=Text("电子记录留存多久？", "How long are records held?")), ("E", "C16", "MINI-1", "stem.en")),
        (
            mini.item(
                stem=Text(
                    "按公告2026年第34号和第282号令，留存多久？", "Under Bulletin 34 of 2026 and Decree 282, how long?"
                )
            ),
            ("E", "C16", "MINI-1", "instruments"),
        ),
        (
            mini.item(stem=Text("按公告2026年第34号，目前留存多久？", "Under Bulletin 34 of 2026, how long?")),
            ("E", "C16", "MINI-1", "stem.zh"),
        ),
        (
            mini.item(stem=Text("按公告2026年第34号，留存多久？", "Under the latest Bulletin 34 of 2026, how long?")),
            ("E", "C16", "MINI-1", "stem.en"),
        ),
    ],
)
def test_what_does_not_hold_together_with_the_law_is_found(spoiled, finding):
    assert finding in mini.found(spoiled)


@pytest.mark.parametrize(
    "item",
    [
        mini.item(**OLD),
        mini.item(comparison=True, **BOTH),
        mini.item(
            codes=("T.MR.01",),
            instruments=(),
            as_of="2026-02",
            effective_from=date(2026, 2, 1),
            source=Text("公开报道（二手来源）", "public reports (secondary source)"),
            stem=Text("截至2026年2月，下列哪个说法成立？", "As of February 2026, which of these holds?"),
        ),
    ],
    ids=["history", "comparison", "topic"],
)
def test_history_comparisons_and_topics_have_their_own_dates(item):
    assert {entry for entry in mini.found(item) if entry[1] in ("C05", "C16")} == set()


def test_the_current_ratio_is_no_word_that_rots():
    stem = Text(
        "按公告2026年第34号，流动比率之外还看什么？", "Under Bulletin 34 of 2026, what counts beside the current ratio?"
    )
    assert {entry for entry in mini.found(mini.item(stem=stem)) if entry[1] == "C16"} == set()


def test_data_far_from_a_disputed_limit_may_be_used():
    item = mini.numeric(codes=("A26.07.13",), working=("60 / 120 = 50%",), kind=Kind.NUMERIC)
    assert ("E", "C05", "MINI-1", "working.0") not in mini.found(item)

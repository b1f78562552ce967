import pytest

from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini

STEM = "按公告2026年第34号，"
UNDER = "Under Bulletin 34 of 2026, "


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (mini.item(stem=Text(f"{STEM}下列说法成立的是。", f"{UNDER}which holds?")), ("W", "C14", "MINI-1", "stem.zh")),
        (mini.item(stem=Text(f"{STEM}留存多久？从何时起？", f"{UNDER}how long?")), ("W", "C14", "MINI-1", "stem.zh")),
        (mini.item(stem=Text(f"{STEM}留存多久？", f"{UNDER}say how long.")), ("W", "C14", "MINI-1", "stem.en")),
        (
            mini.true_false(stem=Text(f"{STEM}记录从申报起算", f"{UNDER}records run from declaring.")),
            ("W", "C14", "MINI-1", "stem.zh"),
        ),
        (
            mini.true_false(stem=Text(f"{STEM}记录从申报起算。", f"{UNDER}records run from declaring")),
            ("W", "C14", "MINI-1", "stem.en"),
        ),
        (
            mini.true_false(stem=Text(f"{STEM}记录须留存，同时须备份。", f"{UNDER}records are held.")),
            ("W", "C14", "MINI-1", "stem.zh"),
        ),
        (
            mini.true_false(stem=Text(f"{STEM}记录须留存。", f"{UNDER}records are held and the firm must copy them.")),
            ("W", "C14", "MINI-1", "stem.en"),
        ),
        (
            mini.item(stem=Text(STEM + "很长的题干" * 40 + "多久？", f"{UNDER}how long?")),
            ("W", "C15", "MINI-1", "stem.zh"),
        ),
        (
            mini.item(stem=Text(f"{STEM}多久？", UNDER + "a very long stem " * 40 + "how long?")),
            ("W", "C15", "MINI-1", "stem.en"),
        ),
    ],
)
def test_a_stem_out_of_form_is_found(spoiled, finding):
    assert finding in mini.found(spoiled)


def test_one_claim_about_two_things_is_one_claim():
    stem = Text(f"{STEM}货物、物品安全由专人负责。", f"{UNDER}goods and articles security lies with a named person.")
    assert {entry for entry in mini.found(mini.true_false(stem=stem)) if entry[1] == "C14"} == set()


def test_a_short_case_is_found():
    short = mini.case(
        text=Text("公告2026年第34号，值班簿缺签名。", "Bulletin 34 of 2026; the duty book lacks signatures.")
    )
    assert ("W", "C15", "CASE-1", "text.zh") in mini.found(cases=[short])

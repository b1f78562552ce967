from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.errors import ContentRefused
from question_bank.glossary import MASK
from question_bank.glossary_loading import load_glossary
from question_bank.texts import Text

GLOSSARY = load_glossary()


def refused(zh: str = "", en: str = "", *, since_2026: bool = True) -> set[str]:
    return {refusal.found for refusal in GLOSSARY.refusals(Text(zh, en), since_2026=since_2026)}


def test_every_row_has_its_terms_in_both_languages():
    parted = [row for row in GLOSSARY.rows() if len(row.zh) != len(row.en)]
    assert [row.zh for row in parted] == [("认证",)]


def test_no_term_is_refused_in_place_of_another():
    terms = {term.lower() for row in GLOSSARY.rows() for language in ("zh", "en") for term in row.terms(language)}
    assert terms.isdisjoint(string.lower() for row in GLOSSARY.rows() for string in row.refused)


@pytest.mark.parametrize(
    ("zh", "en", "found"),
    [
        ("按34号公告办理", "", {"34号公告"}),
        ("", "a Quiz for students", {"Quiz", "students"}),
        ("", "one student", {"student"}),
        ("高级认证企业的现金比率", "the cash ratio of advanced certified enterprises", set()),
        ("铅封与封条", "seal", {"铅封"}),
        ("", "Mutual recognition agreements", {"Mutual recognition agreements"}),
        ("", "the AEO certificates of declarants", set()),
        ("", "a mutual recognition agreement", {"mutual recognition agreement"}),
        ("", "the AEO numbering", set()),
    ],
)
def test_strings_are_refused_as_whole_words_in_any_case(zh, en, found):
    assert refused(zh, en) == found


@pytest.mark.parametrize(("since_2026", "found"), [(True, {"一般认证企业"}), (False, set())])
def test_words_of_the_old_law_are_refused_beside_criteria_of_2026_only(since_2026, found):
    assert refused("一般认证企业", since_2026=since_2026) == found


def test_a_refusal_names_the_term_to_use():
    refusal = next(GLOSSARY.refusals(Text("高认企业", ""), since_2026=False))
    assert refusal.instead == "高级认证企业 / advanced certified enterprise (ACE)"


@pytest.mark.parametrize(
    ("text", "language", "masked"),
    [
        ("高级认证企业的流动比率", "zh", f"{MASK}的{MASK}"),
        ("advanced certified enterprises (ACE)", "en", f"{MASK} ({MASK})"),
        ("the current ratio", "en", f"the {MASK}"),
        ("currently", "en", "currently"),
    ],
)
def test_terms_are_masked_longest_first(text, language, masked):
    assert GLOSSARY.masked(text, language) == masked


@pytest.mark.parametrize(
    "content",
    [
        "sections: 1",
        "sections:\n  - title: {zh: 甲, en: a}\n    rows: 2",
        "sections:\n  - title: {zh: 甲}\n    rows: []",
        "sections:\n  - title: {zh: 甲, en: a}\n    rows:\n      - zh: [甲]",
        "sections:\n  - title: {zh: 甲, en: a}\n    rows:\n      - {zh: [甲], en: [a], extra: b}",
        "sections:\n  - title: {zh: 甲, en: a}\n    rows:\n      - {zh: 甲, en: [a]}",
        "sections: [",
    ],
)
def test_a_misshapen_file_is_refused(tmp_path: Path, content):
    path = tmp_path / "glossary.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ContentRefused):
        load_glossary(path)


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_makes_the_glossary_fail(zh, en):
    refused(zh, en)

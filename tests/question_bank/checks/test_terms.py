from dataclasses import replace

import pytest

from question_bank.items import ErrorClass
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini


def with_option(identity, **changes):
    good = mini.item()
    return replace(good, options=tuple(replace(o, **changes) if o.id == identity else o for o in good.options))


OLD_GRADE = Text("一般认证企业才这样做，标准并无此说。", "Only a general certified firm did so once.")


@pytest.mark.parametrize(
    ("spoiled", "finding"),
    [
        (mini.item(rationale=Text("高认企业须留存3年。", "Held for 3 years.")), ("E", "C18", "MINI-1", "rationale")),
        (
            mini.item(rationale=Text("留存3年。", "The Authorised Economic Operator holds them for 3 years.")),
            ("E", "C18", "MINI-1", "rationale"),
        ),
        (with_option("A", reason=OLD_GRADE), ("E", "C18", "MINI-1", "options.A.reason")),
        (with_option("B", text=Text("3年，即达标", "3 years, that is met")), ("W", "C17", "MINI-1", "options.B.text")),
    ],
)
def test_a_refused_word_is_found(spoiled, finding):
    spoiled = replace(spoiled, codes=spoiled.codes)
    changed = {"C17": {"codes": ("A26.19.51",)}}.get(finding[1], {})
    assert finding in mini.found(replace(spoiled, **changed))


def test_words_of_the_old_law_are_free_where_the_error_is_the_other_edition():
    item = with_option("A", reason=OLD_GRADE, error=ErrorClass.OTHER_EDITION)
    assert {entry for entry in mini.found(item) if entry[1] == "C18"} == set()


def test_words_of_the_old_law_are_free_in_a_comparison():
    item = replace(with_option("A", reason=OLD_GRADE), comparison=True)
    assert {entry for entry in mini.found(item) if entry[1] == "C18"} == set()


def test_a_grade_word_is_free_where_a_criterion_grades():
    item = with_option("B", text=Text("达标", "met"))
    assert {entry for entry in mini.found(item) if entry[1] == "C17"} == set()


def test_a_refused_word_in_a_case_is_found():
    case = mini.case(title=Text("高认企业的夜晚", "A night at the works"))
    assert ("E", "C18", "CASE-1", "title") in mini.found(cases=[case])

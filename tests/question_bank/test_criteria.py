from datetime import date
from decimal import Decimal

import pytest

from question_bank.criteria import NO_BOUND
from question_bank.criteria_loading import load_criteria
from question_bank.items import Certainty

TREE = load_criteria()
FIRST_OF_APRIL = date(2026, 4, 1)
END_OF_MARCH = date(2026, 3, 31)


def test_an_official_copy_counts_as_official() -> None:
    assert TREE.node("G22.06.17").certainty is Certainty.OFFICIAL


def test_the_certainty_of_several_codes_is_that_of_the_weakest() -> None:
    assert TREE.certainty(["G22.06.17", "A26.09.19"]) is Certainty.SECONDARY


def test_the_certainty_of_a_topic_is_that_of_its_best_fact() -> None:
    assert TREE.certainty(["T.MR.02"]) is Certainty.OFFICIAL


def test_the_certainty_of_no_code_is_unverified() -> None:
    assert TREE.certainty([]) is Certainty.UNVERIFIED


def test_criteria_of_2026_are_in_force_from_the_first_of_april() -> None:
    assert TREE.interval(["A26.09.19", "C26.09.17", "S26.HQ.1"]) == (FIRST_OF_APRIL, None)


def test_the_first_day_of_bulletin_106_is_unknown() -> None:
    assert TREE.interval(["G22.06.17", "S22.01.1"]) == (None, END_OF_MARCH)


def test_two_editions_that_never_met_have_an_interval_that_ends_before_it_begins() -> None:
    assert TREE.interval(["A26.09.19", "G22.06.17"]) == (FIRST_OF_APRIL, END_OF_MARCH)


def test_a_topic_binds_no_day() -> None:
    assert TREE.interval(["T.MR.01"]) == (NO_BOUND, None)
    assert TREE.interval(["T.MR.01", "A26.09.19"]) == (FIRST_OF_APRIL, None)


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        TREE.node("A26.99.99")


@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("A26.09.19", "A26.09"),
        ("A26.09", "A26.09"),
        ("A26.LC", "A26.LC"),
        ("S26.HQ.1", "S26.HQ"),
        ("N18.05", "N18.IC"),
        ("T.MR.01", "T.MR"),
        ("T.MR", "T.MR"),
        ("T", "T"),
        ("A26", "A26"),
    ],
)
def test_a_node_belongs_to_its_section_class_or_first_level_topic(code: str, section: str) -> None:
    assert TREE.section_of(code) == section


def test_ancestors_go_from_the_root_to_the_parent() -> None:
    assert [node.code for node in TREE.ancestors("A26.09.19")] == ["A26", "A26.LC", "A26.09"]


def test_children_keep_the_order_of_the_edition() -> None:
    assert [node.code for node in TREE.children("A26.09")] == ["A26.09.17", "A26.09.18", "A26.09.19", "A26.09.20"]


def test_below_a_section_stand_the_section_and_its_criteria() -> None:
    assert [node.code for node in TREE.below("C26.23")] == ["C26.23", "C26.23.56"]


def test_an_advanced_criterion_meets_2022_and_the_certified_criteria() -> None:
    assert TREE.counterparts("A26.09.19") == {"2022-106-ACE": ("G22.06.17",), "2026-34-CE": ("C26.09.17",)}


def test_a_certified_criterion_meets_2022_over_the_advanced_one() -> None:
    assert TREE.counterparts("C26.09.17") == {"2022-106-ACE": ("G22.06.17",), "2026-34-ACE": ("A26.09.19",)}


def test_a_criterion_of_2022_finds_its_successors() -> None:
    assert TREE.counterparts("G22.09.21") == {"2026-34-ACE": ("A26.15.36",), "2026-34-CE": ("C26.15.34",)}


def test_a_topic_has_no_counterparts() -> None:
    assert TREE.counterparts("T.MR.01") == {}


def test_matches_between_2022_and_2026_are_marked_as_our_own() -> None:
    assert TREE.is_own_matching("A26.09.19", "G22.06.17")
    assert not TREE.is_own_matching("C26.09.17", "A26.09.19")


def test_figures_of_codes_hold_the_limits_and_their_other_forms() -> None:
    wanted = {Decimal(3), Decimal(100000), Decimal("0.001"), Decimal(1000), Decimal(1)}

    assert wanted <= TREE.figures_of(["A26.09.19"])


def test_figures_of_a_topic_are_the_numbers_of_its_facts() -> None:
    assert {Decimal(32), Decimal(58)} <= TREE.figures_of(["T.MR.01"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_search_finds_a_criterion_by_its_code_first(language: str) -> None:
    assert TREE.search("a26.09.19", language)[0].code == "A26.09.19"


@pytest.mark.parametrize(("words", "language"), [("封条", "zh"), ("seal", "en"), ("封条", "en"), ("seal", "zh")])
def test_search_finds_seals_in_both_languages_whatever_the_page_speaks(words: str, language: str) -> None:
    found = {node.code for node in TREE.search(words, language)}

    assert {"A26.20.55", "C26.20.48", "G22.13.44"} <= found


def test_search_wants_every_word() -> None:
    found = TREE.search("驾驶人员 培训", "zh")

    assert {node.code for node in found} == {"A26.21.65", "G22.14.53"}


def test_search_puts_a_title_before_a_text() -> None:
    found = [node.code for node in TREE.search("追征税款", "zh")]

    assert set(found[:2]) == {"A26.13.24", "C26.13.22"}


def test_search_by_the_official_number_finds_that_criterion_in_each_edition() -> None:
    found = {node.code for node in TREE.search("(19)", "zh")}

    assert {"A26.09.19", "C26.10.19", "G22.07.19"} <= found


def test_search_finds_the_facts_of_topics() -> None:
    assert TREE.search("厄瓜多尔", "zh")[0].code == "T.MR.02"


@pytest.mark.parametrize("words", ["", "   ", "、", "没有这样的词"])
def test_search_for_nothing_or_for_what_is_not_there_finds_nothing(words: str) -> None:
    assert TREE.search(words, "zh") == ()

from dataclasses import replace

import pytest

from question_bank.checks.keys import longest_run, position_faults, run_allowed
from question_bank.items import ErrorClass, Item
from question_bank.rng import SeededRandom
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini


def drawn(count: int, choices: int) -> list[int]:
    random = SeededRandom("keys")
    return [random.below(choices) for _ in range(count)]


def single(number: int, position: int, key: str = "乙", en: str = "b") -> Item:
    """An item of three options with the key at `position`."""
    texts = [Text("丙丙", "c c"), Text("丁丁", "d d")]
    texts.insert(position, Text(key, en))
    base = mini.item().options
    options = tuple(
        replace(
            base[place],
            text=text,
            key=place == position,
            error=None if place == position else ErrorClass.HABIT,
        )
        for place, text in enumerate(texts)
    )
    return mini.item(id=f"M-{number}", options=options)


def of_bank(*items: Item) -> set[tuple[str, str]]:
    faults = mini.report_of(*items).faults
    return {(fault.severity, fault.code) for fault in faults if fault.file == "."}


@pytest.mark.parametrize("choices", [3, 4, 5])
def test_keys_drawn_at_random_are_let_be(choices):
    assert list(position_faults(drawn(60, choices), choices)) == []


def test_keys_that_favour_a_position_are_told_with_the_band():
    told = list(position_faults([0, 1, 2, 3, 0, 0] * 10, 4))
    assert any("position 1 of 4; chance gives 15.0 ± 8.7" in sentence for sentence in told)


def test_few_items_have_no_band():
    assert list(position_faults([0, 1] * 9, 4)) == []


def test_a_run_longer_than_five_is_told():
    assert list(position_faults([0, 1, 1, 1, 1, 1, 1, 2], 4)) == ["the key stands 6 times running in one position"]


def test_a_run_of_five_is_let_be():
    assert list(position_faults([0, 1, 1, 1, 1, 1, 2], 4)) == []


@pytest.mark.parametrize(("items", "allowed"), [(0, 5), (60, 5), (100, 5), (5000, 10)])
def test_a_long_series_may_have_the_run_that_chance_makes(items, allowed):
    assert run_allowed(items, 4) == allowed


def test_no_keys_have_no_run():
    assert longest_run([]) == 0


def test_a_bank_with_all_keys_in_one_place_is_refused():
    assert ("E", "B03") in of_bank(*(single(number, 0) for number in range(24)))


def test_a_bank_with_spread_keys_is_not():
    assert ("E", "B03") not in of_bank(*(single(number, place) for number, place in enumerate(drawn(24, 3))))


@pytest.mark.parametrize(("zh", "en"), [("乙乙乙", "b b b"), ("乙", "b")])
def test_keys_that_stand_out_by_length_are_a_warning(zh, en):
    items = [single(number, place, zh, en) for number, place in enumerate(drawn(24, 3))]
    assert ("W", "B04") in of_bank(*items)


def test_keys_as_long_as_the_rest_are_let_be():
    items = [single(number, place, "乙乙", "b b") for number, place in enumerate(drawn(24, 3))]
    assert ("W", "B04") not in of_bank(*items)


def test_statements_that_are_all_false_are_a_warning():
    items = [mini.true_false(id=f"M-{number}") for number in range(12)]
    assert ("W", "B05") in of_bank(*items)


def test_multiple_items_with_one_number_of_keys_are_a_warning():
    items = [mini.multiple(id=f"M-{number}") for number in range(12)]
    assert ("W", "B05") in of_bank(*items)


def test_many_negative_questions_are_a_warning():
    stem = Text("按公告2026年第34号，登记**缺少**哪项？", "Under Bulletin 34 of 2026, what is **missing**?")
    items = [mini.item(id=f"M-{number}", stem=stem) for number in range(12)]
    assert ("W", "B05") in of_bank(*items)


def test_a_handful_of_items_has_no_proportions():
    assert {code for _, code in of_bank(mini.true_false(), mini.multiple(id="M-2"))} & {"B03", "B05"} == set()

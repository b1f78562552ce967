from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.items import Item
from question_bank.rng import SeededRandom
from question_bank.scoring import true_order
from question_bank.shuffling import key_positions_pass, shown_orders
from tests.question_bank.samples import an_item

modest = settings(deadline=None, max_examples=60)
FOUR = an_item("single", 4)


def orders_with_keys_at(positions: list[int]) -> list[tuple[str, ...]]:
    others = ["B", "C", "D"]
    return [(*others[:position], "A", *others[position:]) for position in positions]


@modest
@given(st.text(), st.lists(st.sampled_from([FOUR, an_item("single", 3), an_item("single", 5)]), max_size=70))
def test_key_positions_of_a_form_always_pass(seed: str, items: list[Item]) -> None:
    orders = shown_orders(items, SeededRandom(seed))
    assert key_positions_pass(items, orders)
    assert all(
        sorted(order) == [option.id for option in item.options] for item, order in zip(items, orders, strict=True)
    )


def test_six_keys_in_one_position_do_not_pass() -> None:
    assert not key_positions_pass([FOUR] * 6, orders_with_keys_at([2] * 6))


def test_five_keys_in_one_position_pass() -> None:
    assert key_positions_pass([FOUR] * 6, orders_with_keys_at([2, 2, 2, 2, 2, 0]))


@pytest.mark.parametrize(("at_first", "passes"), [(23, True), (24, False), (7, True), (6, False)])
def test_sixty_items_of_four_keep_each_position_between_7_and_23(at_first: int, passes: bool) -> None:
    others = [1 + n % 3 for n in range(60 - at_first)]
    mixed = [position for other in others[:at_first] for position in (0, other)] + others[at_first:]
    assert key_positions_pass([FOUR] * 60, orders_with_keys_at(mixed)) is passes


@modest
@given(st.text(), st.integers(2, 6))
def test_the_true_order_is_never_shown(seed: str, size: int) -> None:
    item = an_item("ordering", size)
    (order,) = shown_orders([item], SeededRandom(seed))
    assert order != true_order(item)
    assert sorted(order) == sorted(true_order(item))


def test_true_stands_before_false() -> None:
    assert shown_orders([an_item("true_false")], SeededRandom("a")) == (("T", "F"),)


def test_a_number_has_no_parts_to_show() -> None:
    assert shown_orders([an_item("numeric")], SeededRandom("a")) == ((),)


def test_responses_of_matching_are_shuffled() -> None:
    random = SeededRandom("a")
    orders = {shown_orders([an_item("matching")], random)[0] for _ in range(20)}
    assert len(orders) > 10
    assert {tuple(sorted(order)) for order in orders} == {("a", "b", "c", "d", "e")}


def test_options_of_multiple_choice_are_shuffled_evenly() -> None:
    random = SeededRandom("even")
    first = Counter(shown_orders([an_item("multiple")], random)[0][0] for _ in range(800))
    assert all(150 <= first[letter] <= 250 for letter in "ABCD")

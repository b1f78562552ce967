"""The order in which the parts of items are shown on a form.

Key positions are drawn at random and only tested (B03): nobody balances them by hand, because a balance made by hand
can be exploited.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final

from question_bank.items import Item, Kind
from question_bank.rng import SeededRandom
from question_bank.scoring import true_order

LONGEST_RUN: Final = 5
BAND_FROM: Final = 20
# 99 % of random orders lie within 2.58 standard deviations.
_BAND: Final = Fraction(258, 100)
_TRIES: Final = 500


def shown_orders(items: Sequence[Item], random: SeededRandom) -> tuple[tuple[str, ...], ...]:
    """For each item the ids of its parts in the order in which the form shows them.

    Options of single and multiple choice, elements and the responses of matching are shuffled; the true order of
    elements is never shown; true and false keep their order; a number has no parts.
    """
    singles = iter(_single_orders([item for item in items if item.kind is Kind.SINGLE], random))
    return tuple(next(singles) if item.kind is Kind.SINGLE else _order(item, random) for item in items)


def key_positions_pass(items: Sequence[Item], orders: Sequence[Sequence[str]]) -> bool:
    """Whether the key positions of single-choice items, as shown, pass B03: no long run, and each within its band.

    Each position is expected as often as chance would put the key there, |count − expected| ≤ 2.58·√variance, from 20
    items on.
    """
    positions = [_key_position(item, order) for item, order in zip(items, orders, strict=True)]
    if any(len(list(run)) > LONGEST_RUN for _, run in groupby(positions)):
        return False
    return len(items) < BAND_FROM or _within_band([len(item.options) for item in items], Counter(positions))


def _within_band(sizes: Sequence[int], counts: Counter[int]) -> bool:
    for position in range(max(sizes, default=0)):
        chances = [Fraction(1, size) for size in sizes if size > position]
        variance = sum((chance * (1 - chance) for chance in chances), Fraction(0))
        if (counts[position] - sum(chances, Fraction(0))) ** 2 > _BAND**2 * variance:
            return False
    return True


def _single_orders(items: Sequence[Item], random: SeededRandom) -> list[tuple[str, ...]]:
    orders: list[tuple[str, ...]] = []
    for _ in range(_TRIES):
        orders = _orders_without_long_runs(items, random)
        if key_positions_pass(items, orders):
            break
    return orders


def _orders_without_long_runs(items: Sequence[Item], random: SeededRandom) -> list[tuple[str, ...]]:
    orders: list[tuple[str, ...]] = []
    positions: list[int] = []
    for item in items:
        order = _shuffled_options(item, random)
        last = positions[-LONGEST_RUN:]
        while len(item.options) > 1 and last == [_key_position(item, order)] * LONGEST_RUN:
            order = _shuffled_options(item, random)
        orders.append(order)
        positions.append(_key_position(item, order))
    return orders


def _key_position(item: Item, order: Sequence[str]) -> int:
    return min((order.index(identity) for identity in item.key_ids), default=0)


def _shuffled_options(item: Item, random: SeededRandom) -> tuple[str, ...]:
    return tuple(random.shuffled([option.id for option in item.options]))


def _order(item: Item, random: SeededRandom) -> tuple[str, ...]:
    if item.kind is Kind.TRUE_FALSE:
        return tuple(option.id for option in item.options)
    if item.kind is Kind.MULTIPLE:
        return _shuffled_options(item, random)
    if item.kind is Kind.MATCHING:
        return tuple(random.shuffled([response.id for response in item.responses]))
    return _order_of_elements(item, random)


def _order_of_elements(item: Item, random: SeededRandom) -> tuple[str, ...]:
    true = true_order(item)
    order = true
    while len(true) > 1 and order == true:
        order = tuple(random.shuffled(true))
    return order

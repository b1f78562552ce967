from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.rng import SeededRandom

modest = settings(deadline=None, max_examples=100)


def test_a_seed_gives_the_same_numbers_for_ever() -> None:
    random = SeededRandom("2026-11-23")
    assert [random.below(1000) for _ in range(8)] == [10, 285, 788, 668, 500, 318, 563, 524]


def test_another_seed_gives_other_numbers() -> None:
    assert SeededRandom("a").sample(range(1000), 20) != SeededRandom("b").sample(range(1000), 20)


def test_nothing_is_below_one() -> None:
    with pytest.raises(ValueError, match="no number below 0"):
        SeededRandom("a").below(0)


def test_more_cannot_be_drawn_than_there_is() -> None:
    with pytest.raises(ValueError, match="4 of 3"):
        SeededRandom("a").sample("abc", 4)


def test_numbers_come_equally_often() -> None:
    random = SeededRandom("fair")
    counts = Counter(random.below(6) for _ in range(6000))
    assert all(880 <= counts[number] <= 1120 for number in range(6))  # four standard deviations


def test_orders_come_equally_often() -> None:
    random = SeededRandom("fair")
    counts = Counter("".join(random.shuffled("abc")) for _ in range(6000))
    assert len(counts) == 6
    assert all(880 <= count <= 1120 for count in counts.values())


@modest
@given(st.text(), st.integers(1, 10**9))
def test_numbers_lie_below_their_limit(seed: str, limit: int) -> None:
    random = SeededRandom(seed)
    assert all(0 <= random.below(limit) < limit for _ in range(5))


@modest
@given(st.text(), st.lists(st.integers()), st.data())
def test_a_sample_holds_each_thing_at_most_once(seed: str, things: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(things)))
    drawn = SeededRandom(seed).sample(things, count)
    assert len(drawn) == count
    assert not Counter(drawn) - Counter(things)


@modest
@given(st.text(), st.lists(st.integers()))
def test_shuffling_keeps_every_thing(seed: str, things: list[int]) -> None:
    assert sorted(SeededRandom(seed).shuffled(things)) == sorted(things)

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.rng import SeededRandom
from question_bank.share_bounds import Share, bound_by_shares
from question_bank.whole_search import Limit, Undecided, solve

modest = settings(deadline=None, max_examples=200)


def holds(limit: Limit, counts: Sequence[int]) -> bool:
    total = sum(weight * counts[variable] for variable, weight in limit.weights.items())
    return (limit.lower is None or limit.lower <= total) and (limit.upper is None or total <= limit.upper)


@st.composite
def limits(draw: st.DrawFn, variables: int) -> Limit:
    weights = draw(st.dictionaries(st.integers(0, variables - 1), st.integers(-4, 4).filter(bool), max_size=variables))
    return Limit(weights, draw(st.none() | st.integers(-6, 8)), draw(st.none() | st.integers(-4, 10)))


@modest
@given(st.data(), st.lists(st.integers(0, 3), min_size=1, max_size=5), st.text(max_size=3))
def test_a_solution_is_found_exactly_when_there_is_one(data: st.DataObject, sizes: list[int], seed: str) -> None:
    given_limits = data.draw(st.lists(limits(len(sizes)), max_size=5))
    possible = [
        counts
        for counts in product(*(range(size + 1) for size in sizes))
        if all(holds(limit, counts) for limit in given_limits)
    ]
    found = solve(sizes, given_limits, SeededRandom(seed))
    assert (found is None and not possible) or tuple(found or ()) in possible


def test_a_seed_gives_the_same_solution_again() -> None:
    problem = [20] * 30, [Limit(dict.fromkeys(range(30), 1), 40, 40)]
    assert solve(*problem, SeededRandom("s")) == solve(*problem, SeededRandom("s"))
    assert solve(*problem, SeededRandom("s")) != solve(*problem, SeededRandom("t"))


def test_a_search_without_steps_is_undecided() -> None:
    with pytest.raises(Undecided):
        solve([1, 1], [Limit({0: 1, 1: 1}, 1, 1)], SeededRandom("s"), (0, 0))


@modest
@given(st.data())
def test_what_shares_say_together_excludes_no_form(data: st.DataObject) -> None:
    classes = data.draw(st.integers(1, 4))
    sizes = data.draw(st.lists(st.integers(0, 3), min_size=classes, max_size=classes))
    counts = data.draw(st.lists(st.integers(1, 3), min_size=classes, max_size=classes))
    weights = data.draw(st.lists(st.integers(-5, 5), min_size=classes, max_size=classes))
    inside = data.draw(st.lists(st.lists(st.integers(0, 3), min_size=classes, max_size=classes), max_size=3))
    shares = [
        Share([min(one, count) for one, count in zip(share, counts, strict=True)], data.draw(st.integers(0, 2)), most)
        for share in inside
        for most in [data.draw(st.none() | st.integers(2, 5))]
    ]
    items, lower = data.draw(st.integers(1, 8)), data.draw(st.integers(-8, 12))
    bound = bound_by_shares(weights, lower, shares, (counts, items))
    for form in product(*(range(size + 1) for size in sizes)):
        given_limits = [
            Limit(dict(enumerate(counts)), items, items),
            Limit(dict(enumerate(weights)), lower, None),
            *(Limit(dict(enumerate(share.weights)), share.lower, share.upper) for share in shares),
        ]
        assert not all(holds(limit, form) for limit in given_limits) or holds(bound, form)

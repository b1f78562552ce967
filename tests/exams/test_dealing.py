"""Who gets which form: nobody the same as a neighbour."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_app.exams.setup.rules import Seated, alike, deal

places = st.tuples(st.integers(1, 2), st.integers(1, 6), st.integers(1, 6))
rooms = st.sets(places, min_size=1, max_size=60).map(
    lambda found: [Seated(number, place) for number, place in enumerate(sorted(found))]
)


def at(seated: list[Seated], dealt: dict[int, int]) -> dict[tuple[int, int, int], int]:
    return {one.at: dealt[one.id] for one in seated}


@settings(deadline=None)
@given(rooms, st.integers(2, 8), st.text(max_size=3))
def test_nobody_has_the_form_of_a_neighbour_however_people_sit(seated: list[Seated], forms: int, seed: str) -> None:
    dealt = deal(seated, range(10, 10 + forms), seed)
    assert dealt.keys() == {one.id for one in seated}
    assert alike(at(seated, dealt)) == []


@settings(deadline=None)
@given(rooms, st.integers(2, 8), st.data())
def test_who_is_placed_later_gets_a_form_that_no_neighbour_has(
    seated: list[Seated], forms: int, data: st.DataObject
) -> None:
    before = deal(seated[1:], range(forms), "a")
    again = [Seated(one.id, one.at, data.draw(seens(forms)), before.get(one.id)) for one in seated]
    assert alike(at(again, deal(again, range(forms), "b"))) == []


def seens(forms: int) -> st.SearchStrategy[dict[int, int]]:
    return st.dictionaries(st.integers(0, forms - 1), st.integers(1, 9), max_size=2)


def test_the_same_seed_deals_the_same_and_another_one_otherwise() -> None:
    seated = [Seated(n, (1, 1 + n // 6, 1 + n % 6)) for n in range(24)]
    dealt = {seed: tuple(deal(seated, range(3), seed).values()) for seed in ("a", "b", "c", "d")}
    assert deal(seated, range(3), "a") == dict(zip(range(24), dealt["a"], strict=True))
    assert len(set(dealt.values())) > 1


@pytest.mark.parametrize("forms", [2, 3, 4, 8])
def test_forms_are_dealt_nearly_equally_often(forms: int) -> None:
    seated = [Seated(n, (1, 1 + n // 8, 1 + n % 8)) for n in range(64)]
    counts = Counter(deal(seated, range(forms), "s").values())
    assert max(counts.values()) - min(counts.values()) <= 4


def test_who_sat_before_gets_the_form_of_which_least_was_seen() -> None:
    seated = [Seated(1, (1, 1, 1), {0: 5, 2: 3}), Seated(2, (1, 1, 2)), Seated(3, (1, 2, 3), {0: 1, 1: 2})]
    dealt = deal(seated, range(3), "s")
    assert (dealt[1], dealt[3]) == (1, 2)


def test_dealing_again_changes_nobody_whose_neighbours_stay() -> None:
    seated = [Seated(n, (1, 1 + n // 6, 1 + n % 6)) for n in range(24)]
    before = deal(seated, range(4), "a")
    again = [Seated(one.id, one.at, {}, before[one.id]) for one in seated]
    assert deal(again, range(4), "b") == before


def test_a_single_form_is_everybodys() -> None:
    seated = [Seated(n, (1, 1, n)) for n in range(3)]
    dealt = deal(seated, [7], "s")
    assert set(dealt.values()) == {7}
    assert len(alike(at(seated, dealt))) == 2

"""Corrected keys: what is void, replaced or accepted beside, and that points stay whole and within bounds."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.errors import MalformedResponse, RefusedResponse, UnknownOption
from question_bank.items import Item
from question_bank.rekeying import (
    VOID,
    ChangeKind,
    correction,
    keys_of,
    maximum_under,
    merged,
    points_under,
    rekeyed,
    score_under,
)
from question_bank.scoring import Response, key_response, score
from tests.question_bank.samples import ALL_KINDS, an_item, text

modest = settings(deadline=None, max_examples=150)
ITEMS = {kind: an_item(kind) for kind in ALL_KINDS}
OTHER: dict[str, Response] = {
    "single": ["B"],
    "multiple": ["B", "C"],
    "true_false": ["T"],
    "numeric": "24",
    "ordering": ["D", "B", "C", "A"],
    "matching": {"1": "b", "2": "a", "3": "d", "4": "c"},
}
"""For each kind of sample a whole response that is not its key."""

kinds = st.sampled_from(ALL_KINDS)
responses: dict[str, st.SearchStrategy[Any]] = {
    "single": st.lists(st.sampled_from("ABCD"), max_size=1),
    "multiple": st.lists(st.sampled_from("ABCD"), unique=True),
    "true_false": st.lists(st.sampled_from("TF"), max_size=1),
    "numeric": st.integers(-30, 30).map(str) | st.just(""),
    "ordering": st.permutations("ABCD").map(list) | st.just([]),
    "matching": st.permutations("abcde").map(lambda drawn: dict(zip("1234", drawn, strict=False))),
}


@st.composite
def answered(draw: st.DrawFn) -> tuple[Item, Response, Response]:
    """An item, a whole response that is not its key, and any response."""
    kind = draw(kinds)
    response: Response = draw(responses[kind])
    return ITEMS[kind], OTHER[kind], response


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_new_key_earns_all_points_and_the_old_one_no_longer(kind: str) -> None:
    item = ITEMS[kind]
    found = correction(item, ChangeKind.KEY, [OTHER[kind]])
    assert score_under(item, found, OTHER[kind]) == item.points
    assert score_under(item, found, key_response(item)) < item.points


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_what_is_accepted_beside_earns_all_points_as_the_key_does(kind: str) -> None:
    item = ITEMS[kind]
    found = correction(item, ChangeKind.ALSO, [OTHER[kind]])
    assert score_under(item, found, OTHER[kind]) == score_under(item, found, key_response(item)) == item.points


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_void_item_earns_nothing_and_counts_nothing(kind: str) -> None:
    item = ITEMS[kind]
    assert (score_under(item, VOID, key_response(item)), points_under(item, VOID), keys_of(item, VOID)) == (0, 0, ())


@modest
@given(answered(), st.sampled_from([None, *ChangeKind]))
def test_points_are_whole_and_between_nothing_and_the_most(
    drawn: tuple[Item, Response, Response], kind: ChangeKind | None
) -> None:
    item, other, response = drawn
    found = None if kind is None else correction(item, kind, [] if kind is ChangeKind.VOID else [other])
    earned = score_under(item, found, response)
    assert type(earned) is int and 0 <= earned <= points_under(item, found)


@modest
@given(answered())
def test_accepting_one_more_answer_takes_points_from_nobody(drawn: tuple[Item, Response, Response]) -> None:
    item, other, response = drawn
    assert score_under(item, correction(item, ChangeKind.ALSO, [other]), response) >= score(item, response)


@modest
@given(answered())
def test_a_rekeyed_item_scores_as_its_correction_does(drawn: tuple[Item, Response, Response]) -> None:
    item, other, response = drawn
    found = correction(item, ChangeKind.KEY, [other])
    assert score(rekeyed(item, found), response) == score_under(item, found, response)


@modest
@given(answered())
def test_the_key_put_back_scores_as_the_item_always_did(drawn: tuple[Item, Response, Response]) -> None:
    item, other, response = drawn
    there = rekeyed(item, correction(item, ChangeKind.KEY, [other]))
    back = rekeyed(there, correction(there, ChangeKind.KEY, [key_response(item)]))
    assert score(back, response) == score(item, response)


@modest
@given(st.dictionaries(st.sampled_from(range(6)), st.sampled_from([None, VOID])))
def test_the_maximum_is_what_the_keys_of_all_items_earn(changes: dict[int, None]) -> None:
    items = dict(enumerate(ITEMS.values()))
    after = merged({}, changes)
    earned = sum(score_under(item, after.get(version), key_response(item)) for version, item in items.items())
    assert maximum_under(items, after) == earned


def test_the_number_that_replaces_a_key_is_kept_exactly() -> None:
    item = ITEMS["numeric"]
    changed = rekeyed(item, correction(item, ChangeKind.KEY, ["１,２３４.50"]))
    assert changed.numeric is not None and changed.numeric.value == Decimal("1234.50")


def test_an_answer_within_the_tolerance_of_one_accepted_beside_earns_all_points() -> None:
    data = ITEMS["numeric"]
    assert data.numeric is not None
    item = replace(data, numeric=replace(data.numeric, tolerance=Decimal("0.5")))
    assert score_under(item, correction(item, ChangeKind.ALSO, ["30"]), "30.5") == item.points


@pytest.mark.parametrize(
    ("kind", "raw", "sentence"),
    [
        ("single", [], "Give a whole answer"),
        ("single", ["A"], "nothing to correct"),
        ("numeric", "", "Give a whole answer"),
        ("numeric", "23.0", "nothing to correct"),
        ("numeric", "many", "one number only"),
        ("ordering", ["A", "B"], "Give a whole answer"),
        ("matching", {"1": "a"}, "Give a whole answer"),
        ("matching", {"1": "a", "2": "a", "3": "b", "4": "c"}, "used once only"),
    ],
)
def test_what_cannot_be_a_key_is_refused_with_a_sentence(kind: str, raw: object, sentence: str) -> None:
    with pytest.raises(MalformedResponse, match=sentence):
        correction(ITEMS[kind], ChangeKind.KEY, [raw])


def test_an_option_of_another_item_is_no_key() -> None:
    with pytest.raises(UnknownOption):
        correction(ITEMS["single"], ChangeKind.ALSO, [["Z"]])


@pytest.mark.parametrize(
    ("kind", "raw"),
    [(ChangeKind.KEY, []), (ChangeKind.KEY, [["B"], ["C"]]), (ChangeKind.ALSO, []), (ChangeKind.VOID, [["B"]])],
)
def test_a_correction_with_too_few_or_too_many_answers_is_refused(kind: ChangeKind, raw: list[object]) -> None:
    with pytest.raises(RefusedResponse):
        correction(ITEMS["single"], kind, raw)


def test_the_same_answer_given_twice_is_accepted_once() -> None:
    assert correction(ITEMS["numeric"], ChangeKind.ALSO, ["30", "30.0", "31"]).responses == ("30", "31")


def test_a_later_change_replaces_an_earlier_one_and_none_takes_it_back() -> None:
    item = an_item("single", stem=text("按公告2026年第34号？", "Under Bulletin 34 of 2026?"))
    also = correction(item, ChangeKind.ALSO, [["B"]])
    assert merged({1: VOID, 2: VOID, 3: VOID}, {1: also, 2: None}) == {1: also, 3: VOID}

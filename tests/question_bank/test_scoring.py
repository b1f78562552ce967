from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.errors import MalformedResponse, RefusedResponse, UnknownOption
from question_bank.items import Item
from question_bank.scoring import blind_points, is_empty, key_response, parse_response, read_number, score
from question_bank.texts import Text
from tests.question_bank.samples import ALL_KINDS, an_item, options, parts, text

modest = settings(deadline=None, max_examples=150)
ITEMS = tuple(an_item(kind) for kind in ALL_KINDS)

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50) | st.sampled_from("ABCabc123TF")
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3) | scalars, inner, max_size=6),
)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_key_earns_full_points(kind: str) -> None:
    item = an_item(kind)
    assert score(item, key_response(item)) == item.points


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("empty", [None, "empty"])
def test_an_omitted_item_earns_nothing(kind: str, empty: object) -> None:
    item = an_item(kind)
    nothing = parse_response(item, None)
    assert is_empty(nothing)
    assert score(item, {"empty": nothing}.get(str(empty))) == 0


def test_a_wrong_single_choice_earns_nothing() -> None:
    assert score(an_item("single"), ["B"]) == 0


def test_two_ticks_on_a_single_choice_are_refused() -> None:
    with pytest.raises(MalformedResponse, match="one option only"):
        score(an_item("single"), ["A", "B"])


def test_an_option_of_another_item_is_refused() -> None:
    with pytest.raises(UnknownOption):
        score(an_item("single"), ["Z"])


def test_a_refusal_is_said_in_both_languages() -> None:
    with pytest.raises(UnknownOption) as refusal:
        score(an_item("single"), ["Z"])
    assert refusal.value.said == Text("本题没有这个选项。", "This item has no such option.")


@pytest.mark.parametrize(
    ("response", "points"), [(["A"], 1), (["B"], 1), (["A", "B"], 4), (["A", "C"], 0), (["A", "B", "C"], 0), (["C"], 0)]
)
def test_fewer_right_options_earn_their_step_and_any_wrong_one_loses_all(response: list[str], points: int) -> None:
    assert score(an_item("multiple"), response) == points


def test_with_all_or_nothing_a_part_of_the_key_earns_nothing() -> None:
    item = an_item("multiple", scoring={"rule": "all_or_nothing"})
    assert score(item, ["A"]) == 0


def test_a_part_of_the_key_never_earns_as_much_as_the_whole() -> None:
    item = an_item("multiple", options=options(5, 4), scoring={"rule": "partial", "step": 2})
    assert score(item, ["A", "B", "C"]) == item.points - 1


def test_the_order_of_ticks_has_no_meaning() -> None:
    assert parse_response(an_item("multiple"), ["B", "A"]) == ["A", "B"]


@pytest.mark.parametrize("typed", ["23", " 23 ", "２３", "+23", "23.0", "23.", "0023"])
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert score(an_item("numeric"), typed) == 1


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1,250", 1250),
        ("1，250，000", 1250000),
        ("1 250", 1250),
        ("-0.5", Fraction(-1, 2)),
        ("−0.5", Fraction(-1, 2)),
        ("－０．５", Fraction(-1, 2)),
        (".5", Fraction(1, 2)),
        ("", None),
        ("   ", None),
    ],
)
def test_commas_spaces_and_signs_are_read(typed: str, value: Fraction | None) -> None:
    assert read_number(typed, Text("元", "CNY")) == value


@pytest.mark.parametrize(
    "typed",
    ["23票", "abc", "2.3.4", "1e3", "1,2", "12,50", "--2", "2-", "10²", "①", "٣", "0x10", "1/2", ".", "-", "1 2"],
)
def test_what_is_no_number_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(MalformedResponse, match="for example 1250"):
        score(an_item("numeric"), typed)


def test_a_very_long_number_is_refused() -> None:
    with pytest.raises(MalformedResponse, match="Too long"):
        score(an_item("numeric"), "1" * 41)


@pytest.mark.parametrize("typed", ["12%", "12 %", "１２％", "12"])
def test_a_percent_sign_is_read_where_the_unit_is_percent(typed: str) -> None:
    assert read_number(typed, Text("%", "%")) == 12


def test_a_percent_sign_is_refused_where_the_unit_is_another() -> None:
    with pytest.raises(MalformedResponse, match="not %"):
        read_number("12%", Text("票", "declarations"))


@pytest.mark.parametrize(("typed", "points"), [("0.69", 0), ("0.70", 1), ("0.71", 1), ("0.72", 1), ("0.7200001", 0)])
def test_the_tolerance_is_absolute_and_exact(typed: str, points: int) -> None:
    answer = {"value": "0.71", "tolerance": "0.01", "decimals": 2, "unit": text("%", "%")}
    assert score(an_item("numeric", answer=answer), typed) == points


@pytest.mark.parametrize(
    ("response", "points"),
    [
        (["C", "A", "D", "B"], 3),
        (["A", "D", "B", "C"], 2),
        (["B", "D", "A", "C"], 0),
        (["D", "B", "C", "A"], 2),
        (["C", "A"], 1),
    ],
)
def test_each_pair_of_true_neighbours_in_their_order_earns_a_step(response: list[str], points: int) -> None:
    assert score(an_item("ordering"), response) == points


def test_an_element_twice_in_an_order_is_refused() -> None:
    with pytest.raises(MalformedResponse, match="twice"):
        score(an_item("ordering"), ["C", "C"])


@pytest.mark.parametrize(
    ("response", "points"),
    [({"1": "a", "2": "b"}, 2), ({"1": "b", "2": "a"}, 0), ({"1": "a", "2": None, "3": ""}, 1), ({}, 0)],
)
def test_each_right_pair_earns_its_step(response: dict[str, str], points: int) -> None:
    assert score(an_item("matching"), response) == points


def test_an_unknown_premise_is_refused() -> None:
    with pytest.raises(UnknownOption):
        score(an_item("matching"), {"9": "a"})


@modest
@given(st.sampled_from(ITEMS), anything)
def test_whatever_a_page_sends_gives_points_within_bounds_or_a_sentence(item: Item, raw: object) -> None:
    try:
        points = score(item, raw)
    except RefusedResponse as refusal:
        sentence, points = refusal.said.en, 0
    else:
        sentence = "Read."
    assert sentence.endswith(".")
    assert 0 <= points <= item.points


@modest
@given(st.sampled_from(ITEMS), anything)
def test_reading_a_response_twice_changes_nothing(item: Item, raw: object) -> None:
    try:
        once = parse_response(item, raw)
    except RefusedResponse:
        return
    assert parse_response(item, once) == once


@modest
@given(st.text(alphabet="0123456789,.+-−％% 　１２．，①²e", max_size=45))
def test_any_typed_text_is_a_number_or_refused(typed: str) -> None:
    try:
        value = read_number(typed, Text("%", "%"))
    except MalformedResponse:
        return
    assert value is None or isinstance(value, Fraction)


@pytest.mark.parametrize(
    ("item", "blind"),
    [
        (an_item("single", 4), Fraction(1, 4)),
        (an_item("single", 3), Fraction(1, 3)),
        (an_item("true_false"), Fraction(1, 2)),
        (an_item("numeric"), Fraction(0)),
        (an_item("multiple", options=options(4, 3)), Fraction(1)),
        (an_item("multiple", options=options(5, 2)), Fraction(2, 5)),
        (an_item("ordering", 4), Fraction(3, 4)),
        (an_item("ordering", 6), Fraction(5, 6)),
        (an_item("matching", 4), Fraction(4, 5)),
        (an_item("ordering", 4, scoring={"rule": "all_or_nothing"}), Fraction(3, 24)),
        (an_item("matching", 3, scoring={"rule": "all_or_nothing"}), Fraction(3, 24)),
        (an_item("multiple", **(parts("multiple") | {"scoring": {"rule": "all_or_nothing"}})), Fraction(4, 6)),
    ],
)
def test_blind_guessing_earns_its_counted_share(item: Item, blind: Fraction) -> None:
    assert blind_points(item) == blind

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.errors import ContentRefused
from question_bank.items import Case, Item, Waiver
from question_bank.loading import SHIPPED, load_bank
from question_bank.serialising import (
    blueprint_from_json,
    blueprint_to_json,
    case_from_json,
    case_to_json,
    content_hash,
    item_from_json,
    item_to_json,
)
from question_bank.texts import Text
from tests.question_bank.samples import ALL_KINDS, Json, an_item, item_data

modest = settings(deadline=None, max_examples=150)
SHIPPED_CONTENT = load_bank(SHIPPED)

words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=20)
texts = st.builds(Text, words, words)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


def through_json(value: Json) -> object:
    return json.loads(json.dumps(value))


@st.composite
def items(draw: st.DrawFn) -> Item:
    item = an_item(draw(st.sampled_from(ALL_KINDS)), draw(st.integers(2, 6)))
    return replace(
        item,
        stem=draw(texts),
        rationale=draw(texts),
        difficulty=draw(st.integers(1, 99)),
        public=draw(st.booleans()),
        as_of=draw(st.sampled_from([None, "2026", "2026-02"])),
        effective_from=draw(st.none() | st.dates(date(2014, 1, 1), date(2026, 4, 1))),
        enemies=tuple(draw(st.lists(st.sampled_from(["A-1", "B-2", "C-3"]), unique=True))),
        comparison=draw(st.booleans()),
        working=tuple(draw(st.lists(words, max_size=2))),
    )


def a_case(*inside: Item) -> Case:
    member_of = tuple(replace(item, id=f"X-{n}", case="CASE-1") for n, item in enumerate(inside, 1))
    return Case("CASE-1", Text("题", "title"), Text("文", "text"), (), member_of)


@modest
@given(items())
def test_an_item_comes_back_equal_with_an_equal_hash(item: Item) -> None:
    back = item_from_json(through_json(item_to_json(item)))
    assert back == item
    assert content_hash(back) == content_hash(item)


@modest
@given(items(), items())
def test_a_case_comes_back_equal_with_an_equal_hash(one: Item, other: Item) -> None:
    case = a_case(one, other)
    back = case_from_json(through_json(case_to_json(case)))
    assert back == case
    assert content_hash(back) == content_hash(case)


def test_an_item_of_a_case_comes_back_with_its_case() -> None:
    item = replace(an_item(), case="CASE-1")
    assert item_from_json(item_to_json(item)) == item


@pytest.mark.parametrize("item", SHIPPED_CONTENT.bank.all_items(), ids=lambda item: item.id)
def test_every_shipped_item_comes_back_equal(item: Item) -> None:
    assert item_from_json(through_json(item_to_json(item))) == item


def test_the_shipped_blueprints_come_back_equal() -> None:
    for blueprint in SHIPPED_CONTENT.blueprints:
        back = blueprint_from_json(through_json(blueprint_to_json(blueprint)))
        assert back == blueprint
        assert content_hash(back) == content_hash(blueprint)


def test_the_hash_of_an_item_is_the_same_for_ever() -> None:
    assert content_hash(an_item()) == "346d4273c182b197425198431609d6084d1bdfd45ecb69dedbb4f0bdc30d58f1"


def test_waivers_do_not_change_the_hash() -> None:
    waiver = Waiver("C10", "reason", "name", date(2026, 11, 23))
    assert content_hash(replace(an_item(), waivers=(waiver,))) == content_hash(an_item())


def test_the_order_of_fields_does_not_change_the_hash() -> None:
    backwards = dict(reversed(item_data().items()))
    assert content_hash(item_from_json(backwards)) == content_hash(an_item())


@pytest.mark.parametrize(
    "change",
    [
        {"id": "X-2"},
        {"difficulty": 81},
        {"public": False},
        {"comparison": True},
        {"effective_to": "2027-01-01"},
        {"borrowed": ["C26.05.07"]},
        {"rationale": {"zh": "文字", "en": "other words"}},
    ],
)
def test_a_changed_field_changes_the_hash(change: Json) -> None:
    assert content_hash(item_from_json(item_data(**change))) != content_hash(an_item())


def test_a_maximum_of_0_is_kept() -> None:
    blueprint = blueprint_to_json(SHIPPED_CONTENT.blueprints[0])
    blueprint["cases"] = {"minimum": 0, "maximum": 0}
    assert blueprint_from_json(blueprint).cases.maximum == 0
    assert blueprint_from_json(blueprint_to_json(blueprint_from_json(blueprint))).cases.maximum == 0


@modest
@given(anything)
def test_any_json_is_an_item_or_refused(value: object) -> None:
    with pytest.raises(ContentRefused):
        item_from_json(value)


@modest
@given(st.sampled_from(ALL_KINDS), st.data())
def test_an_item_with_any_field_exchanged_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    value = item_data(kind)
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(anything)
    try:
        item = item_from_json(value)
    except ContentRefused as refused:
        assert refused.faults  # noqa: PT017 either outcome is right
        return
    assert item_from_json(item_to_json(item)) == item


@modest
@given(st.data())
def test_a_blueprint_with_any_field_exchanged_is_read_or_refused(data: st.DataObject) -> None:
    value = blueprint_to_json(SHIPPED_CONTENT.blueprints[0])
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(anything)
    try:
        blueprint = blueprint_from_json(value)
    except ContentRefused as refused:
        assert refused.faults  # noqa: PT017 either outcome is right
        return
    assert blueprint_from_json(blueprint_to_json(blueprint)) == blueprint

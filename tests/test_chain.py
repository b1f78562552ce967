"""The hash chain and the keys by purpose: whoever changes a line breaks what follows, erasure does not."""

from hypothesis import given
from hypothesis import strategies as st

from training_app.chain import GENESIS, canonical, link, new_salt, salted_digest
from training_app.signing import key_for, keyed_digest

VALUES = st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text()))


@given(VALUES)
def test_the_order_of_names_has_no_meaning(value: dict[str, object]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


@given(VALUES, VALUES)
def test_other_values_have_another_digest(one: dict[str, object], other: dict[str, object]) -> None:
    assert (salted_digest("salt", one) == salted_digest("salt", other)) == (canonical(one) == canonical(other))


def test_the_same_value_under_another_salt_cannot_be_recognised() -> None:
    assert salted_digest(new_salt(), {"name": "a"}) != salted_digest(new_salt(), {"name": "a"})


def test_a_line_is_bound_to_the_one_before_it() -> None:
    first = link(GENESIS, {"seq": 1})
    assert link(first, {"seq": 2}) != link(GENESIS, {"seq": 2}) and len(first) == 64


def test_chinese_is_hashed_as_it_is_written() -> None:
    assert canonical({"名": "沈"}) == '{"名":"沈"}'.encode()


def test_keys_differ_by_purpose_year_and_secret() -> None:
    keys = {key_for(*of) for of in (("a", "door", 0), ("a", "door", 1), ("a", "media", 0), ("b", "door", 0))}
    assert len(keys) == 4


def test_a_keyed_digest_tells_equality_and_not_the_value() -> None:
    key = key_for("secret", "door", 0)
    assert keyed_digest(key, "name") == keyed_digest(key, "name") and "name" not in keyed_digest(key, "name")

"""The wire of the paper: what is read as a delivery, and what is refused whole."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_app.saves import MOST_BYTES, BadDelivery, Delivery, Entry, Fact, TooLarge, read_delivery, read_parcel

DEVICE = "profile-1/tab-1"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "device",
        "beacon",
        "sent_at",
        "position",
        "unsent",
        "marks",
        "full_screen",
        "take_over",
        "entries",
        "facts",
        "claims",
    ]
)


def body(**fields: object) -> bytes:
    return json.dumps({"device": DEVICE, **fields}).encode()


def test_a_whole_delivery_is_read() -> None:
    found = read_delivery(
        body(
            beacon="1.ab",
            sent_at="2026-11-23T15:00:01+08:00",
            position=31,
            unsent=3,
            marks={"flagged": [12, 2], "seen": [1]},
            full_screen=False,
            secure=True,
            take_over=True,
            entries=[{"item": 345, "seq": 4, "at": "2026-11-23T07:00:00Z", "payload": ["B"]}],
            facts=[{"kind": "left_window", "at": None, "seconds": 48}],
            claims={"345": 4},
        )
    )
    assert found == Delivery(
        device=DEVICE,
        entries=(Entry(345, 4, ["B"], datetime(2026, 11, 23, 7, tzinfo=UTC)),),
        facts=(Fact("left_window", None, 48),),
        beacon="1.ab",
        sent_at=datetime(2026, 11, 23, 7, 0, 1, tzinfo=UTC),
        position=31,
        unsent=3,
        flagged=(2, 12),
        seen=(1,),
        full_screen=False,
        secure=True,
        take_over=True,
        claims={345: 4},
    )


def test_a_device_alone_is_a_sign_of_life() -> None:
    assert read_delivery(body()) == Delivery(device=DEVICE)


@pytest.mark.parametrize("seq", [0, -1, 1_000_001, 2**70])
def test_a_single_bad_number_does_not_refuse_the_others(seq: int) -> None:
    first, second = read_delivery(body(entries=[{"item": 1, "seq": seq}, {"item": 2, "seq": 1}])).entries
    assert (first.is_numbered, second.is_numbered) == (False, True)


@pytest.mark.parametrize("at", ["yesterday", "2026-11-23T07:00:00", 7, None, "9" * 50, "0001-01-01T00:00:00+14:00"])
def test_a_moment_that_is_none_counts_as_not_told(at: object) -> None:
    assert read_delivery(body(entries=[{"item": 1, "seq": 1, "at": at}])).entries[0].at is None


@pytest.mark.parametrize(
    "fields",
    [
        {"device": ""},
        {"device": "a"},
        {"device": "a/b/c"},
        {"device": "a/" + "b" * 40},
        {"device": "a\u0000/b"},
        {"device": None},
        {"entries": {}},
        {"entries": [7]},
        {"entries": [{"item": "1", "seq": 1}]},
        {"entries": [{"item": True, "seq": 1}]},
        {"entries": [{"item": 2**31, "seq": 1}]},
        {"entries": [{"item": 1, "seq": 1.0}]},
        {"entries": [{"item": 1, "seq": None}]},
        {"facts": [{"kind": "took_over"}]},
        {"facts": [{"kind": ["opened"]}]},
        {"marks": []},
        {"marks": {"seen": [0]}},
        {"marks": {"seen": ["1"]}},
        {"position": "3"},
        {"full_screen": 1},
        {"beacon": "x" * 101},
        {"claims": []},
        {"claims": {"x": 1}},
        {"claims": {"1": "1"}},
    ],
)
def test_what_no_page_sends_is_refused_with_the_name_of_the_field(fields: dict[str, object]) -> None:
    with pytest.raises(BadDelivery, match=r"^[a-z_]+ "):
        read_delivery(body(**fields))


@pytest.mark.parametrize("raw", [b"", b"[]", b"7", b"{", b"\xff", b'{"device": NaN}', b"[" * 200_000, b"9" * 5000])
def test_what_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(BadDelivery):
        read_delivery(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b" " * (MOST_BYTES + 1),
        body(entries=[{"item": 1, "seq": 1}] * 401),
        body(facts=[{"kind": "opened"}] * 201),
        body(marks={"flagged": list(range(1, 402))}),
        body(claims={str(item): 1 for item in range(401)}),
    ],
    ids=["bytes", "entries", "facts", "marks", "claims"],
)
def test_what_is_longer_than_a_page_sends_is_too_large(raw: bytes) -> None:
    with pytest.raises(TooLarge):
        read_delivery(raw)


@given(fields=st.dictionaries(FIELDS, ANYTHING, max_size=4))
def test_nothing_but_a_refusal_comes_of_wild_fields(fields: dict[str, object]) -> None:
    found: object = None
    try:
        found = read_delivery(body(**fields))
    except BadDelivery as refused:
        found = refused
    assert isinstance(found, Delivery | BadDelivery)


def test_a_parcel_names_its_token() -> None:
    found = read_parcel(body(token="t", entries=[{"item": 1, "seq": 2, "payload": "7"}]))
    assert (found.token, found.device, found.entries) == ("t", DEVICE, (Entry(1, 2, "7"),))


@pytest.mark.parametrize("token", [None, "", 7, "x" * 301])
def test_a_parcel_without_a_token_is_refused(token: object) -> None:
    with pytest.raises(BadDelivery, match="token"):
        read_parcel(body(token=token))

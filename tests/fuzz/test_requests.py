"""Hostile requests: what no page of ours sends is refused with a status, and never breaks anything."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.effort import tries
from tests.support.databases import Databases
from tests.support.house import House
from tests.support.school import NOW, school
from tests.support.sitting_down import candidate
from training_app.exams.models import Attempt
from training_app.exams.paper.receipts import receipt_by_code
from training_app.exams.paper.tokens import Tokens
from training_app.saves import BadDelivery, Delivery, Parcel, read_delivery, read_parcel

JSON = {"Accept": "application/json", "Content-Type": "application/json"}
FIELDS = (
    *("device", "entries", "item", "seq", "payload", "at", "beacon", "sent_at", "position", "unsent", "marks", "seen"),
    *("flagged", "full_screen", "secure", "take_over", "facts", "kind", "seconds", "claims", "token"),
)
NUMBERS = (None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 0.5, 1e308)
WORDS = ("", "\x00", "\ud800", "😀", "A" * 300, "opened", "profile/tab", "ID")
MOMENTS = ("9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+23:59", "2026-11-23T07:00:00Z")
ODD = st.sampled_from([*NUMBERS, *WORDS, *MOMENTS, [], {}, [[]], ["A"], {"1": 1}, {"\x00": []}])
ANYTHING = st.recursive(
    ODD | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), inner),
    max_leaves=15,
)
WILD = st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=6)
SPOILS = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=3)


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[House]:
    with school(databases, tmp_path / "var") as opened:
        yield opened


@pytest.fixture
def attempt(home: House, monkeypatch: pytest.MonkeyPatch) -> Attempt:
    monkeypatch.setattr("training_app.clock.now", lambda: NOW)
    return candidate(home).start()


def sound(home: House, attempt: Attempt) -> dict[str, object]:
    """A body that is taken, and in which everything can be spoiled."""
    version = candidate(home).paper(attempt)[0].version_id
    return {
        "token": Tokens(str(home.app.secret_key)).delivery_token(attempt.id),
        "device": "profile/tab",
        "entries": [{"item": version, "seq": 1, "payload": [], "at": NOW.isoformat()}],
    }


def posted(browser: FlaskClient, path: str, body: object, spoils: list[tuple[int, int]]) -> int:
    raw = bytearray(json.dumps(body).encode())
    for where, value in spoils:
        raw[where % len(raw)] = value
    return browser.post(path, data=bytes(raw), headers=JSON).status_code


@tries(150)
@given(body=WILD, spoils=SPOILS)
def test_the_wire_is_read_or_refused(body: dict[str, object], spoils: list[tuple[int, int]]) -> None:
    raw = bytearray(json.dumps({"device": "a/b", "token": "t", **body}).encode())
    for where, value in spoils:
        raw[where % len(raw)] = value
    for read in (read_delivery, read_parcel):
        try:
            found: object = read(bytes(raw))
        except BadDelivery as refused:
            found = refused
        assert isinstance(found, Delivery | Parcel | BadDelivery)


@tries(25)
@given(body=WILD, entry=WILD, spoils=SPOILS, to=st.sampled_from(["deliveries", "saves", "hand-in"]))
def test_a_hostile_delivery_is_answered(
    home: House, attempt: Attempt, body: dict, entry: dict, spoils: list[tuple[int, int]], to: str
) -> None:
    whole = sound(home, attempt)
    (first,) = whole["entries"]
    spoiled = {**whole, "entries": [{**first, **entry}], **body}
    path = "/deliveries" if to == "deliveries" else f"/attempts/{attempt.id}/{to}"
    assert posted(home.signed_in("trainee"), path, spoiled, spoils) in {200, 400, 404, 409, 413, 422}


@tries(25)
@given(code=st.text(max_size=80) | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
def test_a_receipt_is_looked_for_by_anything(home: House, code: str) -> None:
    with home.database.read() as session:
        assert receipt_by_code(session, code) is None
    assert home.app.test_client().get(f"/receipts/{quote(code, safe='')}").status_code in {200, 308, 400, 404, 429}

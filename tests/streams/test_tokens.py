"""Tokens: signed by the site, read by the media process with public keys alone, good for one path and a while."""

import base64
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from training_app.media.tokens import BadToken, Tokens, WrongPath, bearer_of, require
from training_app.signing import Keys
from training_app.streams.names import Act
from training_app.streams.tokens import claims_for, signed

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CLAIMS = claims_for("p37", "o12/program", Act.VIEW, NOW, until=NOW + timedelta(hours=3))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def token(folder: Path) -> str:
    return signed(CLAIMS, Keys(folder), NOW)


def test_what_the_site_says_is_what_the_media_process_reads(folder: Path, token: str) -> None:
    for private in folder.glob("*.pem"):
        private.unlink()  # it needs the public half alone
    assert Tokens(folder).claims_of(token, NOW) == CLAIMS
    assert CLAIMS.until - CLAIMS.exp == 3 * 3600 - 90


def test_after_its_time_it_is_refused(folder: Path, token: str) -> None:
    with pytest.raises(BadToken, match="The time of this token is over"):
        Tokens(folder).claims_of(token, NOW + timedelta(seconds=90))


def test_a_token_of_another_site_is_refused(tmp_path: Path, token: str) -> None:
    signed(CLAIMS, Keys(tmp_path / "others"), NOW)
    with pytest.raises(BadToken, match="was not signed by this site"):
        Tokens(tmp_path / "others").claims_of(token, NOW)


def test_a_key_of_another_purpose_signs_no_token(folder: Path, token: str) -> None:
    payload = token.partition(".")[0]
    other = Keys(folder).sign("receipt", 2026, payload.encode())
    with pytest.raises(BadToken, match="no token of this site"):
        Tokens(folder).claims_of(f"{payload}.{other.key_id}.{other.signature}", NOW)


def test_a_changed_token_is_refused(folder: Path, token: str) -> None:
    payload, key_id, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    changed = base64.urlsafe_b64encode(json.dumps({**said, "sub": "p1"}).encode()).decode().rstrip("=")
    with pytest.raises(BadToken, match="was not signed by this site"):
        Tokens(folder).claims_of(f"{changed}.{key_id}.{signature}", NOW)


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "é" * 200, "." * 90, f"{'A' * 3000}.media-2026-0123456789ab.{'A' * 86}"]
)
def test_what_is_no_token_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(BadToken):
        Tokens(folder).claims_of(text, NOW)


@pytest.mark.parametrize("payload", [b"[]", b"{}", b"\xff", b'{"sub":"x"}', b"[" * 900])
def test_what_was_signed_and_says_nothing_is_refused(folder: Path, payload: bytes) -> None:
    text = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    found = Keys(folder).sign("media", 2026, text.encode())
    with pytest.raises(BadToken, match="cannot be read"):
        Tokens(folder).claims_of(f"{text}.{found.key_id}.{found.signature}", NOW)


def test_it_is_good_for_its_own_path_and_act_alone() -> None:
    require(CLAIMS, "o12/program", Act.VIEW, Act.MONITOR)
    for path, act in (("o12/v1", Act.VIEW), ("o12/program", Act.PUBLISH)):
        with pytest.raises(WrongPath):
            require(CLAIMS, path, act)


def test_a_token_comes_as_a_bearer() -> None:
    assert [bearer_of(header) for header in (None, "Basic x", "Bearer a.b", "bearer  a.b ")] == [
        None,
        None,
        "a.b",
        "a.b",
    ]


def test_keys_made_later_are_known_without_a_restart(folder: Path, tmp_path: Path) -> None:
    tokens = Tokens(folder)
    later = signed(CLAIMS, Keys(tmp_path / "site"), NOW)
    shutil.copytree(tmp_path / "site", folder)
    assert tokens.claims_of(later, NOW) == CLAIMS

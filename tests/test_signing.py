"""Pairs of keys by purpose and year: made once, kept for ever, never readable by others."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from training_app.signing import BadKey, Keys, Signature


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


def signed_elsewhere(folder: Path, start, answers) -> None:
    start.wait(30)
    answers.put(Keys(folder).sign("receipt", 2026, b"the same words"))


def test_what_was_signed_is_known_again(keys: Keys) -> None:
    made = keys.sign("receipt", 2026, b"handed in")
    assert keys.verify(made.key_id, b"handed in", made.signature)
    assert len(made.signature) == 86 and len(made.key_id) <= 40


def test_it_is_known_after_a_restart(keys: Keys, tmp_path: Path) -> None:
    made = keys.sign("receipt", 2026, b"handed in")
    assert Keys(tmp_path / "keys").verify(made.key_id, b"handed in", made.signature)
    assert Keys(tmp_path / "keys").sign("receipt", 2026, b"handed in") == made


@pytest.mark.parametrize("purpose", ["receipt", "certificate"])
def test_each_purpose_and_year_has_a_key_of_its_own(keys: Keys, purpose: str) -> None:
    made = keys.sign("receipt", 2026, b"handed in")
    other = keys.sign(purpose, 2027, b"handed in")
    assert other.key_id != made.key_id
    assert not keys.verify(other.key_id, b"handed in", made.signature)


@pytest.mark.parametrize(
    ("message", "signature"),
    [
        (b"handed out", None),
        (b"handed in", "A" * 86),
        (b"handed in", ""),
        (b"handed in", "无"),
        (b"handed in", "A" * 100_000),
    ],
)
def test_what_was_not_signed_is_refused(keys: Keys, message: bytes, signature: str | None) -> None:
    made = keys.sign("receipt", 2026, b"handed in")
    assert not keys.verify(made.key_id, message, made.signature if signature is None else signature)


def test_a_signature_is_written_in_one_way_only(keys: Keys) -> None:
    made = keys.sign("receipt", 2026, b"handed in")
    others = [made.signature[:-1] + last for last in "BCDEFGHIJKLMNOP"] + [made.signature + "=="]
    assert not any(keys.verify(made.key_id, b"handed in", other) for other in others if other != made.signature)


@pytest.mark.parametrize("key_id", ["receipt-2026-000000000000", "../../etc/passwd", "", "receipt-2026"])
def test_a_key_that_nobody_knows_proves_nothing(keys: Keys, key_id: str) -> None:
    made = keys.sign("receipt", 2026, b"handed in")
    assert not keys.verify(key_id, b"handed in", made.signature)


def test_another_key_under_the_same_name_proves_nothing(keys: Keys, tmp_path: Path) -> None:
    made = keys.sign("receipt", 2026, b"handed in")
    forger = Keys(tmp_path / "forger")
    forged = forger.sign("receipt", 2026, b"forged")
    forgers = (tmp_path / "forger" / f"{forged.key_id}.pub").read_bytes()
    (tmp_path / "keys" / f"{made.key_id}.pub").write_bytes(forgers)
    assert not keys.verify(made.key_id, b"forged", forged.signature)


def test_nobody_else_on_the_machine_reads_them(keys: Keys, tmp_path: Path) -> None:
    keys.sign("receipt", 2026, b"handed in")
    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert sorted(path.suffix for path in folder.iterdir()) == [".pem", ".pub"]


def test_public_keys_stay_when_the_private_one_is_gone(keys: Keys, tmp_path: Path) -> None:
    made = keys.sign("receipt", 2026, b"handed in")
    (tmp_path / "keys" / "receipt-2026.pem").unlink()
    again = Keys(tmp_path / "keys")
    newer = again.sign("receipt", 2026, b"handed in")
    assert newer.key_id != made.key_id and again.verify(made.key_id, b"handed in", made.signature)
    assert {key.key_id for key in again.public_keys()} == {made.key_id, newer.key_id}
    assert all(key.pem.startswith("-----BEGIN PUBLIC KEY-----") for key in again.public_keys())


def test_there_are_no_public_keys_before_the_first_signature(keys: Keys) -> None:
    assert keys.public_keys() == ()


def test_a_spoilt_key_is_told_and_never_replaced(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    file = tmp_path / "keys" / "receipt-2026.pem"
    file.write_text("half a k")
    with pytest.raises(BadKey, match="holds no Ed25519 key"):
        keys.sign("receipt", 2026, b"handed in")
    assert file.read_text() == "half a k"


@pytest.mark.parametrize(("purpose", "year"), [("../x", 2026), ("", 2026), ("receipt", 26)])
def test_a_purpose_is_a_word_and_a_year_has_four_digits(keys: Keys, purpose: str, year: int) -> None:
    with pytest.raises(ValueError, match="no keys are kept"):
        keys.sign(purpose, year, b"handed in")


def test_processes_that_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, answers = context.Event(), context.Queue()
    others = [context.Process(target=signed_elsewhere, args=(tmp_path / "keys", start, answers)) for _ in range(4)]
    for other in others:
        other.start()
    start.set()
    made: set[Signature] = {answers.get(timeout=60) for _ in others}
    for other in others:
        other.join(30)
    assert len(made) == 1
    assert len(Keys(tmp_path / "keys").public_keys()) == 1

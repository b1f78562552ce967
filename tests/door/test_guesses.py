"""Guesses: how many are heard, from where, what they cost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from tests.support.databases import Databases
from tests.support.door import TRAINEE, WRONG, fail
from tests.support.inner_site import InnerSite, inner_site
from training_app import clock
from training_app.demo import PASSWORD
from training_app.people import passwords
from training_app.people.models import Person, SignInFailure
from training_app.people.passwords import Passwords

# guesses


def test_ten_failures_from_one_address_close_the_account_to_it(house: InnerSite) -> None:
    assert fail(house, 11) == [422] * 10 + [429]
    answer = house.guest().sign_in(TRAINEE, PASSWORD)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "900"
    assert "Try again in 15 minutes." in answer.text


def test_the_account_stays_open_to_other_addresses(house: InnerSite) -> None:
    fail(house, 10)
    assert house.guest(address="10.0.0.2").sign_in(TRAINEE, PASSWORD).status_code == 302


def test_other_accounts_stay_open_to_the_same_address(house: InnerSite) -> None:
    fail(house, 10)
    assert house.guest().sign_in("cheng.yan", PASSWORD).status_code == 302


def test_after_a_quarter_of_an_hour_the_account_is_open_again(house: InnerSite, moment: list[datetime]) -> None:
    fail(house, 10)
    moment[0] += timedelta(minutes=14, seconds=59)
    assert house.guest().sign_in(TRAINEE, PASSWORD).status_code == 429
    moment[0] += timedelta(seconds=2)
    assert house.guest().sign_in(TRAINEE, PASSWORD).status_code == 302


def test_a_success_makes_failures_forgotten(house: InnerSite) -> None:
    fail(house, 9)
    assert house.guest().sign_in(TRAINEE, PASSWORD).status_code == 302
    assert fail(house, 9) == [422] * 9


def test_successes_are_never_counted(house: InnerSite) -> None:
    assert [house.guest().sign_in(TRAINEE, PASSWORD).status_code for _ in range(12)] == [302] * 12


def test_a_hundred_failures_from_anywhere_close_the_account(house: InnerSite) -> None:
    digests = {}
    fail(house, 1)
    with house.database.write() as session:
        digests = session.execute(select(SignInFailure.account_digest, SignInFailure.at)).one()
        rows = [
            {"account_digest": digests[0], "address_digest": f"{number:064d}", "at": digests[1]} for number in range(98)
        ]
        session.execute(insert(SignInFailure), rows)
    assert house.guest(address="10.0.0.2").sign_in(TRAINEE, WRONG).status_code == 422
    assert house.guest(address="10.0.0.3").sign_in(TRAINEE, PASSWORD).status_code == 429


def test_failures_that_no_longer_count_are_deleted(house: InnerSite, moment: list[datetime]) -> None:
    fail(house, 3)
    moment[0] += timedelta(minutes=16)
    fail(house, 1)
    with house.database.read() as session:
        assert len(session.scalars(select(SignInFailure.id)).all()) == 1


def test_a_failure_keeps_neither_name_nor_address(house: InnerSite) -> None:
    fail(house, 1)
    with house.database.read() as session:
        row = str(session.execute(text("SELECT * FROM sign_in_failure")).one())
    assert TRAINEE not in row and "127.0.0.1" not in row


def test_two_hundred_people_behind_one_address_all_come_in(house: InnerSite) -> None:
    present = house.person(TRAINEE)
    with house.database.write() as session:
        rows = [
            {
                "username": f"person.{number}",
                "kind": "staff",
                "name_zh": "众",
                "name_en": "Many",
                "password_hash": present.password_hash,
                "created_at": clock.now(),
                "language": "en",
                "session_version": 1,
                "version": 1,
            }
            for number in range(200)
        ]
        session.execute(insert(Person), rows)
    answers = [house.guest().sign_in(f"person.{number}", PASSWORD).status_code for number in range(200)]
    assert answers == [302] * 200


# hashing


def test_an_unknown_account_costs_as_much_as_a_known_one(
    databases: Databases, tmp_path: Path, hashed: list[str]
) -> None:
    with inner_site(databases, tmp_path / "var") as house:
        for name in (TRAINEE, "nobody.here"):
            house.guest().sign_in(name, WRONG)
    parameters = {stored.rsplit("$", 2)[0] for stored in hashed}
    assert len(hashed) == 2 and parameters == {"$argon2id$v=19$m=9216,t=4,p=1"}


def test_an_account_without_password_costs_as_much_and_lets_nobody_in(house: InnerSite, hashed: list[str]) -> None:
    with house.database.write() as session:
        session.execute(update(Person).values(password_hash=None))
    assert house.guest().sign_in(TRAINEE, "nobody has this password").status_code == 422
    assert hashed == [passwords.NOBODY]


def test_no_hash_is_computed_for_who_is_not_heard(house: InnerSite, hashed: list[str]) -> None:
    fail(house, 10)
    hashed.clear()
    house.guest().sign_in(TRAINEE, PASSWORD)
    assert hashed == []


def test_never_more_hashes_at_once_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, both = threading.Lock(), threading.Barrier(2)
    running, most = [0], [0]

    class Slow:
        def verify(self, _stored: str, _password: str) -> bool:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            both.wait(30)  # two at a time, or the test does not end
            with lock:
                running[0] -= 1
            return True

    monkeypatch.setattr(passwords, "HASHER", Slow())
    found = Passwords(2)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: found.matches("stored", "typed"), range(8))) == [True] * 8
    assert most[0] == 2


def test_a_stored_hash_that_is_none_matches_nothing() -> None:
    assert not Passwords(1).matches("not a hash", "x") and not Passwords(1).matches("", "nobody has this password")

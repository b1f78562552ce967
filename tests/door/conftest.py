"""Sites with a door: one for each test, and one for tests that change nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from tests.support.databases import Databases
from tests.support.inner_site import InnerSite, inner_site
from training_app import clock
from training_app.demo import PASSWORD
from training_app.people import passwords
from training_app.people.models import Person
from training_app.people.passwords import HASHER

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def house(databases: Databases, tmp_path: Path) -> Iterator[InnerSite]:
    """The site, on both databases in turn; hashes are cheap where a test does not count them."""
    with inner_site(databases, tmp_path / "var") as opened:
        cheap = CHEAP.hash(PASSWORD)
        with opened.database.write() as session:
            session.execute(update(Person).values(password_hash=cheap))
        yield opened


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """A clock that stands until the test moves it: moment[0]."""
    present = [datetime(2026, 11, 23, 6, 30, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: present[0])
    return present


@pytest.fixture(scope="module")
def sqlite_house(sqlite_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InnerSite]:
    """One site for tests that change nothing."""
    with inner_site(sqlite_databases, tmp_path_factory.mktemp("sign-in") / "var") as opened:
        yield opened


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What every verification was made against."""
    against: list[str] = []

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            against.append(stored)
            return HASHER.verify(stored, password)

        def check_needs_rehash(self, stored: str) -> bool:
            return HASHER.check_needs_rehash(stored)

    monkeypatch.setattr(passwords, "HASHER", Counting())
    return against

"""A school for each test, on both databases in turn: people, the shipped bank, the criteria; secret items of a base."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from question_bank.items import Bank, Item
from question_bank.loading import LoadedContent
from tests.support.databases import Databases
from tests.support.house import BEGAN, House
from tests.support.school import CONTENT, school
from training_app.bank.loading import load_content
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.rules import Role

WRITERS = {"author": Role.AUTHOR, "second.author": Role.AUTHOR, "reviewer": Role.REVIEWER, "both": Role.REVIEWER}


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[House]:
    """The site with a few people and the shipped bank."""
    with school(databases, tmp_path / "var") as opened:
        yield opened


def own(number: int, **changes: object) -> Item:
    """A secret item of a base, made of the shipped one at this place."""
    return replace(
        CONTENT.bank.items[number], **{"id": f"OWN-{number:03d}", "public": False, "enemies": (), "twins": ()} | changes
    )


def load_own(home: House, *items: Item, author: str = "author") -> None:
    """The items are in the bank, written by the author, loaded by "both"."""
    content = LoadedContent(Bank(items, ()), (), MappingProxyType({}))
    hands = {"author_id": home.number(author), "loaded_by": home.number("both")}
    with home.database.write() as session:
        load_content(session, content, origin="base", now=BEGAN, **hands)


@pytest.fixture
def bank(home: House) -> House:
    """The school with authors and reviewers, and three secret items: by "author", loaded by "both"."""
    return furnish(home)


@pytest.fixture(scope="module")
def sqlite_bank(sqlite_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same for tests that only look, once for a module."""
    with school(sqlite_databases, tmp_path_factory.mktemp("bank") / "var") as opened:
        yield furnish(opened)


def furnish(home: House) -> House:
    """The house with authors, reviewers and three secret items."""
    with home.database.write() as session:
        for name, role in WRITERS.items():
            person = add_person(session, NewPerson(name, "staff", name, name.title(), f"W-{name}"), BEGAN)
            give_role(session, person, role, None, now=BEGAN)
        give_role(session, person, Role.AUTHOR, None, now=BEGAN)
    load_own(home, own(0), own(1), own(2))
    return home

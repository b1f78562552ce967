"""Secret items are confirmed by a named reviewer, never by their author, and once."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from sqlalchemy import select

from question_bank.items import Bank
from question_bank.loading import SHIPPED, LoadedContent, load_bank
from training_app.audit.models import AuditEntry
from training_app.bank.models import ItemConfirmation
from training_app.bank.review import confirm, waiting_items
from training_app.bank.services import current_bank, load_content
from training_app.db import Database
from training_app.errors import NotAllowed, NotFound
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.rules import Holder, Role
from training_app.people.signed import holder_of

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def people(database: Database) -> dict[str, Holder]:
    found = {}
    with database.write() as session:
        for name in ("author", "first", "second"):
            person = add_person(session, NewPerson(name, "staff", name, name), NOW)
            give_role(session, person, Role.REVIEWER, None, now=NOW)
            found[name] = holder_of(person)
        secret = replace(load_bank(SHIPPED).bank.items[0], id="OWN-001", public=False, enemies=(), twins=())
        content = LoadedContent(Bank((secret,), ()), (), MappingProxyType({}))
        load_content(session, content, origin="base", now=NOW, author_id=found["author"].id)
    return found


def waiting_version(database: Database, holder: Holder) -> int:
    with database.read() as session:
        return waiting_items(session, holder)[0].id


def test_a_confirmed_item_counts_as_confirmed_and_stands_in_the_audit_log(
    database: Database, people: dict[str, Holder]
) -> None:
    version = waiting_version(database, people["first"])
    with database.write() as session:
        confirm(session, people["first"], version, address="127.0.0.1", now=NOW)
    with database.read() as session:
        assert current_bank(session).confirmed == {"OWN-001"}
        assert session.scalar(select(ItemConfirmation.reviewer_id)) == people["first"].id
        assert session.scalar(select(AuditEntry.act).where(AuditEntry.object_id == "OWN-001")) == "item.confirmed"


def test_the_author_is_not_asked_and_is_refused(database: Database, people: dict[str, Holder]) -> None:
    version = waiting_version(database, people["first"])
    with database.read() as session:
        assert waiting_items(session, people["author"]) == []
    with pytest.raises(NotAllowed), database.write() as session:
        confirm(session, people["author"], version, address="127.0.0.1", now=NOW)


def test_an_item_is_confirmed_once(database: Database, people: dict[str, Holder]) -> None:
    version = waiting_version(database, people["first"])
    with database.write() as session:
        confirm(session, people["first"], version, address="127.0.0.1", now=NOW)
    with pytest.raises(NotFound), database.write() as session:
        confirm(session, people["second"], version, address="127.0.0.1", now=NOW)

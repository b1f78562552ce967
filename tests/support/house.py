"""The site in this process, over a database with a few people of each role: requests without a server or a password."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from question_bank.criteria_loading import load_criteria
from tests.support.databases import Databases, Prepare
from training_app import app as application
from training_app.acts import BASES
from training_app.audit.models import AuditEntry
from training_app.config import Settings
from training_app.db import Database
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.models import Organisation, Person, TrainingBase
from training_app.people.rules import Role
from training_app.schema import migrate

BEGAN = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SECRET = "a secret of the tests: 0123456789 abcdefgh"
USCC = "91990000MA0AE00250"
OTHER_USCC = "91990000MA0AE0015Y"

PEOPLE: tuple[tuple[str, str, str | None, tuple[tuple[Role, str | None], ...]], ...] = (
    # sign-in name, Chinese name, base of the posting, roles with their base (None: all bases)
    ("trainee", "沈知夏", "suzhou", ((Role.TRAINEE, "suzhou"),)),
    ("newcomer", "程砚", "suzhou", ()),
    ("base.admin", "秦晓岚", "suzhou", ((Role.BASE_ADMIN, "suzhou"),)),
    ("second.admin", "陆文静", "suzhou", ((Role.BASE_ADMIN, "suzhou"),)),
    ("far.trainee", "姜南", "shenzhen", ((Role.TRAINEE, "shenzhen"),)),
    ("far.admin", "黄静雯", "shenzhen", ((Role.BASE_ADMIN, "shenzhen"),)),
    ("visitor", "罗浩然", "shenzhen", ((Role.INSTRUCTOR, "shenzhen"), (Role.INSTRUCTOR, "suzhou"))),
    ("rater", "严凯风", None, ((Role.RATER, None),)),
    ("head", "白雨晨", None, ((Role.PROGRAMME_ADMIN, None),)),
    ("second.head", "孟庭玉", None, ((Role.PROGRAMME_ADMIN, None),)),
    ("auditor", "戴书韵", None, ((Role.AUDITOR, None),)),
    ("coordinator", "雷松涛", None, ((Role.COORDINATOR, None),)),
    ("contact", "金荷塘", None, ((Role.CONTACT, None),)),
)
OF_THE_FIRM = {"trainee", "contact"}
WITHOUT_PASSWORD = {"newcomer"}


@dataclass(frozen=True, slots=True)
class House:
    """The site and its database."""

    app: Flask
    database: Database

    def person(self, username: str) -> Person:
        """The person with that sign-in name, as stored now."""
        with self.database.read() as session:
            return session.scalars(select(Person).where(Person.username == username)).one()

    def number(self, username: str) -> int:
        """The id of the person with that sign-in name."""
        return self.person(username).id

    def firm(self) -> int:
        """The id of the enterprise in Suzhou."""
        with self.database.read() as session:
            return session.scalars(select(Organisation.id).where(Organisation.uscc == USCC)).one()

    def signed_in(self, username: str) -> FlaskClient:
        """A browser in which the person is signed in; pages are in English."""
        person = self.person(username)
        browser = self.app.test_client()
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.id}.{person.session_version}"
            cookie["_fresh"] = True
            cookie["language"] = "en"
        return browser

    def acts(self, act: str) -> list[AuditEntry]:
        """What the audit log holds of `act`, oldest first."""
        with self.database.read() as session:
            return list(session.scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.id)))


def fill(session: Session) -> None:
    """The people of the house, two enterprises."""
    rows = [
        {"id": slug, "code": code, "name_zh": zh, "name_en": en, "position": position}
        for position, (slug, code, zh, en) in enumerate(BASES, start=1)
    ]
    session.execute(insert(TrainingBase), rows)
    firm, far = (
        Organisation(kind="enterprise", name_zh=zh, name_en=en, uscc=uscc, base_id=base, note="", created_at=BEGAN)
        for zh, en, uscc, base in (
            ("演示家具有限公司", "Demo Furniture", USCC, "suzhou"),
            ("演示食品有限公司", "Demo Foods", OTHER_USCC, "shenzhen"),
        )
    )
    session.add_all([firm, far])
    session.flush()
    for position, (username, name, base, roles) in enumerate(PEOPLE, start=1):
        organisation = firm.id if username in OF_THE_FIRM else None
        english = username.replace(".", " ").title()
        entered = NewPerson(username, "staff", name, english, f"S-{position:03d}", None, organisation, base)
        person = add_person(session, entered, BEGAN)
        person.password_hash = None if username in WITHOUT_PASSWORD else "set"
        person.language = "en"
        for role, place in roles:
            give_role(session, person, role, place, now=BEGAN)


def _fill_new(url: str) -> None:
    database = Database(url)
    migrate(database)
    with database.write() as session:
        fill(session)
    database.dispose()


@contextmanager
def house(databases: Databases, data_dir: Path) -> Iterator[House]:
    """A house of its own, on a copy of a database that was filled once."""
    with house_over(databases, data_dir, "house", _fill_new) as opened:
        yield opened


@contextmanager
def house_over(databases: Databases, data_dir: Path, name: str, fill: Prepare) -> Iterator[House]:
    """The same on a copy of the database `name`, which `fill` filled."""
    copies = databases.prepared(name, fill)
    url = copies.take()
    try:
        with opened_house(url, data_dir) as opened:
            yield opened
    finally:
        copies.give_back(url)


@contextmanager
def opened_house(url: str, data_dir: Path) -> Iterator[House]:
    """The house over the database at `url`."""
    app = new_app({"DATA_DIR": str(data_dir), "DATABASE_URL": url, "SECRET_KEY": SECRET})
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    database: Database = app.extensions["database"]
    try:
        yield House(app, database)
    finally:
        database.dispose()


CRITERIA = load_criteria()


def new_app(environ: Mapping[str, str]) -> Flask:
    """The application with these settings; criteria are read, routes and templates compiled, once for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "load_criteria", lambda: CRITERIA)
        patch.setattr(Rule, "_compile_builder", _compiled_once)
        app = application.create_app(Settings.from_environ(environ))
    app.jinja_env.bytecode_cache = COMPILED
    return app


COMPILE = Rule._compile_builder
_builders: dict[tuple[object, ...], Callable[..., object]] = {}


def _compiled_once(rule: Rule, append_unknown: bool = True) -> Callable[..., object]:
    # most of what an application costs: the same routes compiled anew for each test
    key = (rule.rule, repr(rule._trace), repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = COMPILE(rule, append_unknown)
    return _builders[key]


class _Compiled(BytecodeCache):
    """Compiled templates, in this process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Takes what was compiled before from the same source."""
        if (bucket.key, bucket.checksum) in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED = _Compiled()

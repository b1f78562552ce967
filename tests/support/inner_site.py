"""The demonstration site in this process: requests as a browser sends them, without a server."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from tests.support.house import new_app
from tests.support.site import Account, Installation
from training_app.audit.models import AuditEntry
from training_app.db import Database
from training_app.people.models import Person

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')


@dataclass(frozen=True, slots=True)
class InnerSite:
    """The application over a copy of the demonstration data."""

    app: Flask
    database: Database
    installation: Installation

    def account(self, role: str, *, base: str | None = None) -> Account:
        """The first demonstration account that has `role`, at `base` when one is named."""
        accounts = self.installation.accounts()
        return next(one for one in accounts if role in one.roles and (base is None or one.base == base))

    def guest(self, *, language: str = "en", address: str = "127.0.0.1") -> "Guest":
        """Somebody who is not signed in."""
        return Guest(self, language, address)

    def member(self, role: str, *, base: str | None = None, language: str = "en") -> "Guest":
        """Somebody with that role who is signed in."""
        guest = self.guest(language=language)
        guest.enter(self.account(role, base=base).username)
        return guest

    def person(self, username: str) -> Person:
        """The person with that sign-in name, as stored now."""
        with self.database.read() as session:
            return session.scalars(select(Person).where(Person.username == username)).one()

    def acts(self, act: str) -> list[AuditEntry]:
        """What the audit log holds of `act`, oldest first."""
        with self.database.read() as session:
            return list(session.scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.id)))


class Guest:
    """Somebody at a browser: cookies, the page last seen, forms sent with the token of that page."""

    def __init__(self, site: InnerSite, language: str, address: str) -> None:
        self.site = site
        self.browser = site.app.test_client()
        self.language = language
        self.address = address
        self.page = ""

    def enter(self, username: str) -> None:
        """The person is signed in, without the door and its hashing."""
        person = self.site.person(username)
        with self.browser.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.id}.{person.session_version}"
            cookie["language"] = self.language[:2]

    def get(self, path: str, **headers: str) -> TestResponse:
        """The answer to a page asked for; redirects are not followed."""
        return self._keep(self.browser.get(path, headers=self._headers(headers), environ_base=self._environ()))

    def send(self, path: str, **fields: str) -> TestResponse:
        """The answer to a form with `fields` and the token of the page last seen."""
        found = TOKEN.search(self.page)
        token = {"csrf_token": found[1] or found[2]} if found else {}
        data = {**token, **fields}
        return self._keep(self.browser.post(path, data=data, headers=self._headers({}), environ_base=self._environ()))

    def sign_in(self, username: str, password: str) -> TestResponse:
        """The answer of the door."""
        self.get("/sign-in")
        return self.send("/sign-in", username=username, password=password)

    def is_signed_in(self) -> bool:
        """Whether the page of one's own account opens."""
        return self.get("/me").status_code == 200

    def _keep(self, answer: TestResponse) -> TestResponse:
        is_page = answer.mimetype == "text/html" and not 300 <= answer.status_code < 400
        self.page = answer.text if is_page else self.page
        return answer

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Accept-Language": self.language, **named}

    def _environ(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address}


@contextmanager
def inner_site(databases: Databases, data_dir: Path, **environ: str) -> Iterator[InnerSite]:
    """A site of its own over a copy of the demonstration data. environ: settings."""
    with demonstration(databases, data_dir) as installation:
        url = installation.database_url or ""
        app = new_app({"DATA_DIR": str(data_dir), "DATABASE_URL": url, **environ})
        database: Database = app.extensions["database"]
        try:
            yield InnerSite(app, database, installation)
        finally:
            database.dispose()

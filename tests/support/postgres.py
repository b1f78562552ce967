"""A PostgreSQL server for the tests: the one of TEST_DATABASE_URL, or an own one from Debian's package."""

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.support.processes import Server

INSTALLED = Path("/usr/lib/postgresql")
SETTINGS = {
    # what is lost in a crash is only a test's
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class NoPostgres(Exception):
    """There is no PostgreSQL to test on; the message says what to do."""


class Postgres:
    """A server on which databases are made and dropped. Its urls are SQLAlchemy's."""

    def __init__(self, url: URL) -> None:
        self.url = url

    def create(self, name: str, *, template: str = "template0") -> str:
        """The url of a new database `name`, a copy of `template`."""
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        """Deletes the database, whoever is still connected."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            self._run(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: sql.SQL, *names: str) -> None:
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server, ended and deleted afterwards when it is an own one. Raises NoPostgres when there is none."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield Postgres(make_url(given).set(drivername="postgresql+psycopg"))
        return
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    account = _account()
    try:
        _initialise(programs, folder, account)
        server = Server(_command(programs, folder), folder / "log", guard=_guard(folder, account))
        try:
            postgres = Postgres(
                URL.create("postgresql+psycopg", username="tests", database="postgres", query={"host": str(folder)})
            )
            server.wait_until(postgres.answers)
            yield postgres
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    versions = sorted(INSTALLED.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise NoPostgres("PostgreSQL is missing: apt-get install postgresql, or set TEST_DATABASE_URL")
    return versions[-1].parent


def _account() -> str:
    """The account to run the server as: PostgreSQL refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else getpass.getuser()


def _as_account(account: str) -> dict[str, object]:
    return {"user": account, "group": account, "extra_groups": ()} if os.geteuid() == 0 else {}


def _guard(folder: Path, account: str) -> list[str]:
    # QUIT ends at once, without writing down what is about to be deleted
    user = ["--user", account] if os.geteuid() == 0 else []
    return ["--signal", "QUIT", "--remove", str(folder), *user]


def _initialise(programs: Path, folder: Path, account: str) -> None:
    shutil.chown(folder, account)
    done = subprocess.run(
        [
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "tests",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        **_as_account(account),
    )
    if done.returncode:
        raise NoPostgres(f"PostgreSQL could not be initialised: {done.stderr}")


def _command(programs: Path, folder: Path) -> list[str]:
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [str(programs / "postgres"), "-D", str(folder / "data"), *options]

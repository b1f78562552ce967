"""A PostgreSQL server for the tests: the one of TEST_DATABASE_URL, or an own one from Debian's package."""

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.support.processes import Server

INSTALLED = Path("/usr/lib/postgresql")
MEMORY = Path("/dev/shm")
SETTINGS = {
    # what is lost in a crash is only a test's
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "listen_addresses": "",
    "max_connections": "400",
    "shared_buffers": "64MB",
}


class NoPostgres(Exception):
    """There is no PostgreSQL to test on; the message says what to do."""


class Postgres:
    """A server on which databases are made and dropped. Its urls are SQLAlchemy's."""

    def __init__(self, url: URL) -> None:
        self.url = url

    @property
    def address(self) -> str:
        """The url of the server, as TEST_DATABASE_URL has it."""
        return self.url.render_as_string(hide_password=False)

    def create(self, name: str, *, template: str = "template0") -> str:
        """The url of a new database `name`, a copy of `template`."""
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"), name, template)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        """Deletes the database, whoever is still connected."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)

    def drop_all(self, prefix: str) -> None:
        """Deletes the databases whose names begin so."""
        with self._connected() as connection:
            found = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
            names = [name for (name,) in found.fetchall()]
        for name in names:
            self.drop(name)

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            self._run(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: sql.SQL, *names: str) -> None:
        with self._connected() as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))

    def _connected(self) -> psycopg.Connection:
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server of its own below `folder`, which exists: made once by `make`, started as often as one likes."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def make(self, *more: str) -> None:
        """The data of a new server. more: options of initdb. Raises NoPostgres when that is not possible."""
        shutil.chown(self.folder, _account())
        options = ["-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", *more]
        done = subprocess.run(
            [_programs() / "initdb", "-D", self.folder / "data", *options],
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **_as_account(),
        )
        if done.returncode:
            raise NoPostgres(f"PostgreSQL could not be initialised: {done.stderr}")

    def start(self, *, remove: bool = False) -> Server:
        """The server, which may not answer yet. remove: the folder goes with it, else its data are written down."""
        settings = {**SETTINGS, **self.settings, "unix_socket_directories": str(self.folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [str(_programs() / "postgres"), "-D", str(self.folder / "data"), *options]
        user = ["--user", _account()] if os.geteuid() == 0 else []
        # QUIT ends at once, without writing down what is about to be deleted
        end = ["--signal", "QUIT", "--remove", str(self.folder)] if remove else ["--signal", "INT"]
        return Server(command, self.folder / "log", guard=[*end, *user])

    @property
    def postgres(self) -> Postgres:
        """The server by its socket."""
        query = {"host": str(self.folder)}
        return Postgres(URL.create("postgresql+psycopg", username="tests", database="postgres", query=query))


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server, ended and deleted afterwards when it is an own one. Raises NoPostgres when there is none."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield Postgres(make_url(given).set(drivername="postgresql+psycopg"))
        return
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="pg-", dir=roomy_memory())))
    try:
        cluster.make()
        server = cluster.start(remove=True)
        try:
            server.wait_until(cluster.postgres.answers)
            yield cluster.postgres
        finally:
            server.stop()
    finally:
        shutil.rmtree(cluster.folder, ignore_errors=True)


def roomy_memory() -> Path | None:
    """A folder in memory with room for the databases of a run, where the system has one: copies are cheap there."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 * 2**30 else None


def _programs() -> Path:
    versions = sorted(INSTALLED.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise NoPostgres("PostgreSQL is missing: apt-get install postgresql, or set TEST_DATABASE_URL")
    return versions[-1].parent


def _account() -> str:
    """The account to run the server as: PostgreSQL refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else getpass.getuser()


def _as_account() -> dict[str, object]:
    account = _account()
    return {"user": account, "group": account, "extra_groups": ()} if os.geteuid() == 0 else {}

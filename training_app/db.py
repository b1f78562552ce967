"""The database: ways in, column types, what a column declares of personal data, append-only tables.

SQLite (WAL, synchronous FULL) has one writer: every write transaction takes the lock of the process, then BEGIN
IMMEDIATE. PostgreSQL runs at READ COMMITTED; what must not happen twice is a constraint or a guarded statement.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Text,
    TypeDecorator,
    inspect,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

from question_bank.identifiers import mask_identity_numbers
from training_app.engines import engine_of_url, postgres_alone
from training_app.signing import Keys

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of the site."""

    metadata = MetaData(naming_convention=NAMING)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What a column with personal data declares: why it is kept and how long."""

    purpose: str
    keep: str


def personal(purpose: str, keep: str) -> dict[str, object]:
    """Column info of a column that holds personal data."""
    return {"data": PersonalData(purpose, keep)}


NOT_PERSONAL: Final[dict[str, object]] = {"data": None}
"""Column info of a text column that never tells anything of a person."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC (naive for SQLite, which knows no zones)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """The moment, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FreeText(TypeDecorator[str]):
    """Text that people type. Resident identity numbers pasted into it are masked before they are stored."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """The text with identity numbers masked and NUL removed, which PostgreSQL cannot hold."""
        return None if value is None else mask_identity_numbers(value.replace("\x00", ""))


class Database:
    """One database. Ways in: `read` and `write`, or `look` and `change` without ORM.

    keys: to sign with, in the `info` of every session.
    """

    def __init__(self, url: str, *, pool_size: int = 8, keys: Keys | None = None) -> None:
        self.keys = keys
        self._info = {"keys": keys}
        self.url = make_url(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = engine_of_url(url, pool_size)
        self._writing = self.engine.execution_options(writes=True)
        self._alone = self.engine if self.on_sqlite else postgres_alone(url, pool_size)
        self._writer = threading.Lock()

    def session(self) -> Session:
        """A session for looking, to be closed by whoever asked for it."""
        return Session(self.engine, info=dict(self._info))

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only: whatever it changed is rolled back."""
        with self.session() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any exception."""
        turn = self._writer if self.on_sqlite else nullcontext()
        info = dict(self._info)
        with turn, Session(self._writing, expire_on_commit=False, info=info) as session, session.begin():
            yield session

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection without ORM, for looking; on PostgreSQL every statement stands alone."""
        with self._alone.connect() as connection:
            yield connection

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """A connection without ORM in one transaction: committed at the end, rolled back on any exception."""
        turn = self._writer if self.on_sqlite else nullcontext()
        with turn, self._writing.begin() as connection:
            yield connection

    def change_at_once(self) -> AbstractContextManager[Connection]:
        """The same where all changes are one statement: on PostgreSQL it is its own transaction, two trips less."""
        return self.change() if self.on_sqlite else self.look()

    def dispose(self) -> None:
        """Every pooled connection is closed."""
        self.engine.dispose()
        self._alone.dispose()


Asks = Session | Connection
"""Whatever statements of Core are given to."""


def engine_of(asked: Asks) -> Engine:
    """The engine of the database that is asked."""
    bind = asked.get_bind() if isinstance(asked, Session) else asked.engine
    return bind.engine


def home_of(asked: Asks) -> str:
    """What names the database that is asked, whichever way in was taken."""
    return str(engine_of(asked).get_execution_options()["home"])


def append_only_ddl(
    connection: Connection, table: str, *, erasable: tuple[str, ...] = (), removable: str = "FALSE"
) -> list[str]:
    """Statements that make `table` refuse every delete, and every update but setting an erasable column to null.

    connection: to the database that holds the table as it stands now. erasable: columns with personal values (and their
    salt) that a logged act of erasure may null. removable: the condition on OLD under which a row may be deleted.
    """
    if connection.dialect.name == "sqlite":
        columns = [column["name"] for column in inspect(connection).get_columns(table)]
        return _append_only_sqlite(table, columns, erasable, removable)
    # as text: PostgreSQL cannot compare two values of the type json
    guard = " AND ".join(f"(NEW.{c} IS NULL OR NEW.{c}::text IS NOT DISTINCT FROM OLD.{c}::text)" for c in erasable)
    nulled = "".join(f" - '{column}'" for column in erasable)
    same = f"(to_jsonb(NEW){nulled}) = (to_jsonb(OLD){nulled})"
    allowed = f"{same} AND {guard}" if erasable else "FALSE"
    return [
        f"""CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF {allowed} THEN RETURN NEW; END IF;
            ELSIF TG_OP = 'DELETE' THEN
                IF {removable} THEN RETURN OLD; END IF;
            END IF;
            RAISE EXCEPTION '{table} is append-only';
        END $$""",
        f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_append_only()""",
        f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()""",
    ]


def _append_only_sqlite(table: str, columns: list[str], erasable: tuple[str, ...], removable: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    fixed = [f"NEW.{c} IS NOT OLD.{c}" for c in columns if c not in erasable]
    loose = [f"(NEW.{c} IS NOT NULL AND NEW.{c} IS NOT OLD.{c})" for c in erasable]
    return [
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT ({removable}) {refuse}",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} WHEN {' OR '.join(fixed + loose)} {refuse}",
    ]


def answers(database: Database) -> bool:
    """Whether the database answers a question at all."""
    with database.engine.connect() as connection:
        return connection.execute(text("SELECT 1")).scalar() == 1


def reason_of(error: SQLAlchemyError) -> str:
    """What the driver said, in one line."""
    return (str(getattr(error, "orig", error)).splitlines() or [type(error).__name__])[0]


def is_away(error: DBAPIError) -> bool:
    """Whether the database itself failed, and not a statement of ours: SQLite calls both an operational error."""
    operational = isinstance(error, OperationalError) and getattr(error.orig, "sqlite_errorname", "") != "SQLITE_ERROR"
    return operational or error.connection_invalidated

"""The schema of the database: where it stands, and forward."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from training_app.db import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def newest_revision() -> str:
    """The revision that this version of the program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def knows(revision: str) -> bool:
    """Whether this version of the program knows the revision."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def revision_of(database: Database) -> str | None:
    """The revision the database stands at; None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_empty(database: Database) -> bool:
    """Whether the database has no table at all."""
    with database.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def is_older(database: Database) -> bool:
    """Whether the database is of this site and `migrate` would change it."""
    standing = revision_of(database)
    return standing is not None and knows(standing) and standing != newest_revision()


def fault_of(database: Database) -> str | None:
    """The sentence that tells why this program cannot work on the database and what to do; None when it can."""
    if is_empty(database):
        return "The database is empty. Type `training-app init` for a real site or `training-app demo` to look around."
    standing, needed = revision_of(database), newest_revision()
    if standing is None:
        return "The database belongs to something else: it has tables, but not those of this site."
    if not knows(standing):
        return f"The database is newer ({standing}) than this program ({needed}). Install the newer program."
    if standing != needed:
        return f"The database is older ({standing}) than this program ({needed}). Type `training-app upgrade`."
    return None


def migrate(database: Database) -> None:
    """The schema is brought to the newest revision, in one transaction, or stays as it was."""
    config = _config()
    writing = database.engine.execution_options(writes=True)
    with _without_foreign_keys(writing) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("A migration left rows that point nowhere; the database stays as it was.")


@contextmanager
def _without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """A connection on which a table can be made anew: SQLite would else take its dropping for a delete of every row."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            yield connection
            return
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
        raw.execute("PRAGMA legacy_alter_table=ON")  # triggers elsewhere may name a table that is being made anew
        try:
            yield connection
        finally:
            raw.execute("PRAGMA legacy_alter_table=OFF")
            raw.execute("PRAGMA foreign_keys=ON")

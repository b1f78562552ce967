"""The schema of the database: where it stands, and forward."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

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


def migrate(database: Database) -> None:
    """The schema is brought to the newest revision, in one transaction, or stays as it was."""
    config = _config()
    writing = database.engine.execution_options(writes=True)
    with writing.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

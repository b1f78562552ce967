"""INSERT that can say what becomes of a row that is there already, in the dialect of the database."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from training_app.db import Base


def insert_into(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """The statement, to be continued with `values` and `on_conflict_do_nothing` or `on_conflict_do_update`."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)

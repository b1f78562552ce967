"""A guarded change and the rows that follow from it: all of them or none, without looking anything up first."""

from collections.abc import Mapping
from typing import Any, Final, cast

from sqlalchemy import Boolean, Column, ColumnElement, Connection, Executable, Table, Update, bindparam, insert, select
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql, sqlite

from training_app.db import Base

Row = Mapping[str, object]


class Guarded:
    """One statement on PostgreSQL; on SQLite, where a statement costs no trip, one after the other.

    change: an update of one attempt with everything that must hold in its condition. tables: where a row follows, by
    the prefix of its parameters; each has an `attempt_id`. overwritten: those that hold one row an attempt.
    """

    def __init__(self, change: Update, tables: Mapping[str, type[Base]], *, overwritten: str | None = None) -> None:
        self._change = change
        self._tables: Final = {prefix: cast("Table", model.__table__) for prefix, model in tables.items()}
        self._overwritten = overwritten
        self._together = self._in_one_statement()
        self._alone: dict[str, Executable] = {
            prefix: overwriting(sqlite.insert(table)) if prefix == overwritten else insert(table)
            for prefix, table in self._tables.items()
        }

    def run(self, connection: Connection, values: Row, rows: Mapping[str, Row]) -> bool:
        """Whether the guard held, so that everything was done. values: for the change. rows: by prefix."""
        if connection.dialect.name == "sqlite":
            if connection.execute(self._change, dict(values)).scalar_one_or_none() is None:
                return False
            for prefix, statement in self._alone.items():
                connection.execute(statement, dict(rows[prefix]))
            return True
        together = dict(values)
        for prefix, row in rows.items():
            together |= {f"{prefix}_{name}": value for name, value in row.items()}
        return connection.execute(self._together, together).scalar_one_or_none() is not None

    def _in_one_statement(self) -> Executable:
        moved = self._change.cte("moved")
        statement = select(moved.c.id)
        for prefix, table in self._tables.items():
            told = [column for column in table.c if column.name not in {"id", "attempt_id"}]
            row = select(moved.c.id, *(_parameter(prefix, column) for column in told))
            target = postgresql.insert(table).from_select(["attempt_id", *(column.name for column in told)], row)
            statement = statement.add_cte((overwriting(target) if prefix == self._overwritten else target).cte(prefix))
        return statement


def overwriting(row: Any) -> Any:
    """The insert `row`, which overwrites the row of the same attempt."""
    told = {column.name: row.excluded[column.name] for column in row.table.c if not column.primary_key}
    return row.on_conflict_do_update(index_elements=["attempt_id"], set_=told)


def _parameter(prefix: str, column: Column[Any]) -> ColumnElement[Any]:
    value = bindparam(f"{prefix}_{column.name}", type_=column.type)
    # PostgreSQL is not told what a missing truth value is
    return cast_to(value, Boolean) if isinstance(column.type, Boolean) else value

"""A guarded change and the rows that follow from it: all of them or none, without looking anything up first."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from sqlalchemy import (
    CTE,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Executable,
    Table,
    Update,
    UpdateBase,
    bindparam,
    insert,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql, sqlite

from training_app.db import Base

Row = Mapping[str, object]
Sends = Mapping[str, Callable[[Any], object] | None]
"""What the driver is sent for a value, by the name of its parameter; None where that is the value itself."""


class Ready:
    """A statement for PostgreSQL as its driver takes it, written out once: no request goes through its parts again."""

    def __init__(self, statement: UpdateBase) -> None:
        self._statement = statement
        self._written: tuple[str, Sends, Row] | None = None

    def run(self, connection: Connection, values: Row) -> CursorResult[Any]:
        """What became of it. values: by the names of its parameters."""
        self._written = self._written or self._write(connection.dialect)
        text, sends, fixed = self._written
        given = {name: send(values[name]) if send else values[name] for name, send in sends.items()}
        return connection.exec_driver_sql(text, {**fixed, **given})

    def _write(self, dialect: Dialect) -> tuple[str, Sends, Row]:
        compiled: Any = self._statement.compile(dialect=dialect)
        sends = {
            name: one.type.dialect_impl(dialect).bind_processor(dialect) for one, name in compiled.bind_names.items()
        }
        fixed = {name: one.value for one, name in compiled.bind_names.items() if not one.required}
        return str(compiled), {name: send for name, send in sends.items() if name not in fixed}, fixed


class Guarded:
    """One statement on PostgreSQL; on SQLite, where a statement costs no trip, one after the other.

    change: an update of one attempt with everything that must hold in its condition. tables: where a row follows, by
    the prefix of its parameters; each has an `attempt_id`. overwritten: those that hold one row an attempt.
    """

    def __init__(self, change: Update, tables: Mapping[str, type[Base]], *, overwritten: str | None = None) -> None:
        self._change = change
        self._tables: Final = {prefix: cast("Table", model.__table__) for prefix, model in tables.items()}
        self._overwritten = overwritten
        self._together = Ready(self._in_one_statement())
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
        return self._together.run(connection, together).rowcount > 0

    def _in_one_statement(self) -> UpdateBase:
        """The insert of the first row, which brings the change and the other rows with it."""
        moved = self._change.cte("moved")
        first, *others = (self._following(moved, prefix, table) for prefix, table in self._tables.items())
        return first.add_cte(*(other.cte(prefix) for other, prefix in zip(others, list(self._tables)[1:], strict=True)))

    def _following(self, moved: CTE, prefix: str, table: Table) -> postgresql.Insert:
        told = [column for column in table.c if column.name not in {"id", "attempt_id"}]
        row = select(moved.c.id, *(_parameter(prefix, column) for column in told))
        target = postgresql.insert(table).from_select(["attempt_id", *(column.name for column in told)], row)
        return overwriting(target) if prefix == self._overwritten else target


def overwriting(row: Any) -> Any:
    """The insert `row`, which overwrites the row of the same attempt."""
    told = {column.name: row.excluded[column.name] for column in row.table.c if not column.primary_key}
    return row.on_conflict_do_update(index_elements=["attempt_id"], set_=told)


def _parameter(prefix: str, column: Column[Any]) -> ColumnElement[Any]:
    value = bindparam(f"{prefix}_{column.name}", type_=column.type)
    # PostgreSQL is not told what a missing truth value is
    return cast_to(value, Boolean) if isinstance(column.type, Boolean) else value

"""Connections to the database, set up as the house needs them.

SQLite (WAL, synchronous FULL): every write transaction begins with BEGIN IMMEDIATE. PostgreSQL runs at READ COMMITTED.
"""

import math
import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from training_app.config import make_data_dir

RESTED_S: Final = 1.0
"""A connection that was not used for so long may have been cut meanwhile."""


def engine_of_url(url: str, pool_size: int) -> Engine:
    """Connections for transactions. pool_size: of PostgreSQL."""
    if make_url(url).get_backend_name() != "sqlite":
        return _postgres(url, pool_size)
    path = make_url(url).database
    if path and path != ":memory:":
        make_data_dir(Path(path).parent)
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 5},
        execution_options={"home": url},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres(url: str, pool_size: int, **more: object) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,  # an error goes to the log, and values are of persons
        connect_args={"connect_timeout": 5},
        execution_options={"home": url},
        **more,
    )
    _ask_after_rests(engine)
    return engine


def postgres_alone(url: str, pool_size: int) -> Engine:
    """Connections of their own for single statements, so that none is told each time that it now stands alone.

    Such statements go by keys: one plan of each is as good as any, and making another takes longer than the statement.
    """
    engine = _postgres(
        url, pool_size, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True, pool_reset_on_return=None
    )

    @event.listens_for(engine, "connect")
    def plan_once(connection: Any, _record: object) -> None:
        connection.execute("SET plan_cache_mode = force_generic_plan")

    return engine


def _ask_after_rests(engine: Engine) -> None:
    """A connection that rested is asked whether it still lives, and replaced if not. Asking each time costs a trip."""

    @event.listens_for(engine, "checkin")
    def note(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["used_s"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used_s", -math.inf) < RESTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # the driver's own, deferred BEGIN would make a read transaction that cannot be upgraded under load
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

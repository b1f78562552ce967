"""What belongs to one request: its moment, its id, its sessions of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from flask import current_app, g, request
from sqlalchemy.orm import Session

from training_app.config import Settings
from training_app.db import Database
from training_app.registry import Registry
from training_app.signing import Keys


def database() -> Database:
    """The database of this site."""
    return cast("Database", current_app.extensions["database"])


def settings() -> Settings:
    """The settings of this site."""
    return cast("Settings", current_app.extensions["settings"])


def registry() -> Registry:
    """What the features registered at start."""
    return cast("Registry", current_app.extensions["registry"])


def keys() -> Keys:
    """The keys that this site signs with."""
    return cast("Keys", current_app.extensions["keys"])


def now() -> datetime:
    """The moment at which the first line of the request arrived, UTC."""
    return cast("datetime", g.now)


def request_id() -> str:
    """The id that log line and error page share."""
    return cast("str", g.request_id)


def address() -> str:
    """The address of the client, behind as many proxies as PROXY_HOPS says; at most what a column of it holds."""
    return (request.remote_addr or "unknown")[:60]


def read_session() -> Session:
    """The session of this request for looking; closed with the request, never committed."""
    if "read_session" not in g:
        g.read_session = database().session()
    return cast("Session", g.read_session)


@contextmanager
def write_session() -> Iterator[Session]:
    """A session in one transaction, committed at the end of the block.

    On SQLite the looking session is closed first: it would keep an old view of the database.
    """
    close_read_session()
    with database().write() as session:
        yield session


def close_read_session(_error: BaseException | None = None) -> None:
    """The looking session, if there is one, is given back."""
    session = g.pop("read_session", None)
    if session is not None:
        session.close()


def local_path(target: str | None, default: str) -> str:
    """`target` when it is a path of this site, else `default`: nobody is sent to another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return default
    parts = urlsplit(target)
    clean = not parts.scheme and not parts.netloc and target.isprintable()
    return target if clean else default

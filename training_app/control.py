"""One writer on SQLite: whoever writes holds the lock of DATA_DIR, and a running site takes acts over a private socket.

`serve` holds the lock for as long as it runs; its web process listens on `control.sock` (mode 0600) and carries out
acts in the place of a command. The wire is one JSON line with the act, then lines of output, then the exit status.
"""

import fcntl
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from training_app.config import Settings, make_data_dir
from training_app.db import Database
from training_app.errors import Refused
from training_app.processes import private_socket, short_address
from training_app.signing import Keys

log = logging.getLogger("training_app.control")

LOCK = "site.lock"
SOCKET = "control.sock"
WAIT_S = 10.0
SAY_IT_WITHIN_S = 5.0
"""Who connects and gives no order in this time is sent away, so that nobody blocks the door."""
LONGEST_ORDER = 1 << 16

Say = Callable[[str], None]
Act = Callable[[Database, Settings, Mapping[str, str], Say], int]
"""(database, settings, arguments, say) -> exit status; writes in transactions of its own."""


class SiteBusy(Exception):
    """The lock is held, and nobody answers on the socket."""


@dataclass(frozen=True, slots=True)
class Order:
    """An act by name with its arguments."""

    act: str
    arguments: Mapping[str, str]


@contextmanager
def site_lock(data_dir: Path) -> Iterator[bool]:
    """Whether this process got the lock of `data_dir`; given back at the end of the block or of the process."""
    make_data_dir(data_dir)
    handle = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def carry_out(settings: Settings, acts: Mapping[str, Act], order: Order, say: Say) -> int:
    """The exit status of `order`: done here, or by the running site when that holds the lock of a SQLite database."""
    if not settings.on_sqlite:
        return _here(settings, acts, order, say)
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        with site_lock(settings.data_dir) as ours:
            if ours:
                return _here(settings, acts, order, say)
        with socket.socket(socket.AF_UNIX) as connection:
            if _is_connected(connection, settings.data_dir / SOCKET):
                return _there(connection, order, say)
        time.sleep(0.1)
    raise SiteBusy(
        f"Another process holds {settings.data_dir / LOCK} and does not answer. "
        "If the site is starting, try again in a minute."
    )


def _here(settings: Settings, acts: Mapping[str, Act], order: Order, say: Say) -> int:
    database = Database(settings.database_url, keys=Keys(settings.data_dir / "keys"))
    try:
        return acts[order.act](database, settings, order.arguments, say)
    finally:
        database.dispose()


def _there(connection: socket.socket, order: Order, say: Say) -> int:
    try:
        connection.sendall(json.dumps({"act": order.act, "arguments": dict(order.arguments)}).encode() + b"\n")
        with connection.makefile("r", encoding="utf-8") as answer:
            for line in answer:
                message = json.loads(line)
                if "exit" in message:
                    return int(message["exit"])
                say(message["line"])
    except (ConnectionError, ValueError):
        pass  # as when it ends without a word
    raise SiteBusy(
        "The running site stopped before it told how the act ended. Nothing half-written is kept; try again."
    )


def _is_connected(connection: socket.socket, path: Path) -> bool:
    try:
        with short_address(path) as address:
            connection.connect(address)
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    return True


def listen(database: Database, settings: Settings, acts: Mapping[str, Act]) -> None:
    """A thread of this process carries out orders that arrive on the socket, one at a time."""
    path = settings.data_dir / SOCKET
    path.unlink(missing_ok=True)
    server = private_socket(path)
    server.listen(8)

    def work() -> None:
        while True:
            connection, _ = server.accept()
            with connection:
                try:
                    _serve_one(connection, database, settings, acts)
                except OSError:
                    log.warning("a command went away before its act had ended")
                except Exception:
                    log.exception("an order failed")

    threading.Thread(target=work, name="control", daemon=True).start()


def _serve_one(connection: socket.socket, database: Database, settings: Settings, acts: Mapping[str, Act]) -> None:
    def tell(message: Mapping[str, object]) -> None:
        connection.sendall(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    order = _order_of(connection, acts)
    if order is None:
        tell({"line": "That is not an order of this version of training-app. Nothing was done."})
        tell({"exit": 1})
        return
    try:
        status = acts[order.act](database, settings, order.arguments, lambda line: tell({"line": line}))
    except Refused as refusal:
        tell({"line": str(refusal)})
        status = 1
    except Exception:
        log.exception("act %s failed", order.act)
        tell({"line": "The act failed; the site's log says why. Nothing half-written was kept."})
        status = 1
    tell({"exit": status})


def _order_of(connection: socket.socket, acts: Mapping[str, Act]) -> Order | None:
    """The order that the other side gives, None when it is none that can be carried out."""
    connection.settimeout(SAY_IT_WITHIN_S)
    try:
        with connection.makefile("rb") as lines:
            said = json.loads(lines.readline(LONGEST_ORDER))
    except (TimeoutError, ValueError, RecursionError):
        return None
    connection.settimeout(None)
    act, arguments = (said.get("act"), said.get("arguments")) if isinstance(said, dict) else (None, None)
    if not isinstance(arguments, dict) or not isinstance(act, str) or act not in acts:
        return None
    return Order(act, {str(name): str(value) for name, value in arguments.items()})

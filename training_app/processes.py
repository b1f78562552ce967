"""What each process of the site has: log lines, its end with the one that started it, a private socket."""

import ctypes
import json
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from question_bank.identifiers import mask_identity_numbers

SUPERVISOR = "TRAINING_APP_SUPERVISOR"
"""Environment: where a process finds the id of the one that started it."""

VALUES_OF_A_ROW = re.compile(r"(DETAIL: ).*?(?=\nHINT: |\nCONTEXT: |\n\[SQL: |\n\n|\Z)", re.DOTALL)
"""Where PostgreSQL repeats the row that it refused: names, addresses, hashes."""


class JsonLine(logging.Formatter):
    """A record as one line of JSON: at, level, logger, message, and whatever was given as `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without line breaks and with identity numbers masked."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = VALUES_OF_A_ROW.sub(r"\1…", self.formatException(record.exc_info))
        return mask_identity_numbers(json.dumps(line, ensure_ascii=False, default=str))


def configure_logging(level: str) -> None:
    """Every logger of the process writes JSON lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its set-up each time it is asked


def end_with_supervisor() -> None:
    """This process gets SIGTERM when the one that started it ends."""
    end_with_parent(signal.SIGTERM, int(os.environ.get(SUPERVISOR, os.getppid())))


def end_with_parent(number: signal.Signals, parent: int) -> None:
    """On Linux, this process gets signal `number` when `parent` ends, so that nothing is left behind by a kill -9."""
    if sys.platform != "linux":
        return
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, int(number))
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), number)


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """The address of a socket at `path`: the kernel takes 107 bytes, so that a long one goes over the open folder."""
    if len(os.fsencode(path)) < 100 or sys.platform != "linux":
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def private_socket(path: Path) -> socket.socket:
    """A socket bound at `path`, where nothing is yet, for this account alone (mode 0600)."""
    server = socket.socket(socket.AF_UNIX)
    previous = os.umask(0o177)
    try:
        with short_address(path) as address:
            server.bind(address)
    except BaseException:
        server.close()
        raise
    finally:
        os.umask(previous)
    return server

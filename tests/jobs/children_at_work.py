"""Functions that tests call in a child process."""

import os
import signal
import sqlite3
import threading
from types import MappingProxyType

from training_app.errors import Refused


def doubled(numbers: list[int]) -> dict[str, object]:
    """What comes back, after something was printed."""
    print("words on the way")  # noqa: T201 - what is printed must not spoil the outcome
    return {"doubled": [2 * number for number in numbers], "frozen": MappingProxyType({"a": 1})}


def refuse(sentence: str) -> None:
    raise Refused(sentence)


def raise_what_does_not_travel() -> None:
    class Local(Exception):
        pass

    raise Local("of here only")


def return_what_does_not_travel() -> object:
    return threading.Lock()


def wait_for_ever() -> None:
    threading.Event().wait()


def take_memory(megabytes: int) -> int:
    return len(b"x" * (megabytes << 20))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def open_the_database() -> None:
    sqlite3.connect(":memory:")


def environment() -> dict[str, str]:
    return dict(os.environ)


def process() -> int:
    return os.getpid()

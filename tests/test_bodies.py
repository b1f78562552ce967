"""Turns of a worker: given in order, and given back whatever happens."""

import threading
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from training_app.web.bodies import Turns


class Counter:
    """An application that notes who is in it, and holds everybody until told."""

    def __init__(self) -> None:
        self.served: list[str] = []
        self.inside = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
        self.inside.release()
        assert self.go.acquire(timeout=20)
        self.served.append(environ["PATH_INFO"])
        return []


def ask(turns: Turns, path: str) -> None:
    turns({"PATH_INFO": path}, lambda *_: pytest.fail("nothing is answered here"))


def asking(turns: Turns, *paths: str) -> threading.Thread:
    """Somebody who asks for one path after the other, without a pause."""

    def ask_all() -> None:
        for path in paths:
            ask(turns, path)

    thread = threading.Thread(target=ask_all)
    thread.start()
    return thread


def until(condition: Any) -> None:
    """Waits until it holds, for at most 20 s."""
    tick = threading.Event()
    for _ in range(2000):
        if condition():
            return
        tick.wait(0.01)
    pytest.fail("it never came to that")


def test_who_asks_again_at_once_stands_behind_those_who_wait() -> None:
    application = Counter()
    turns = Turns(application, longest=0, at_once=1)
    threads = [asking(turns, "first", "first again")]
    assert application.inside.acquire(timeout=20)
    for number, path in enumerate(("second", "third"), 1):
        threads.append(asking(turns, path))
        until(lambda number=number: len(turns._turns._waiting) == number)
    for _ in range(4):
        application.go.release()
    for thread in threads:
        thread.join()
    assert application.served == ["first", "second", "third", "first again"]


def test_a_request_that_fails_gives_its_turn_back() -> None:
    def fails(_environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
        raise RuntimeError("it failed")

    turns = Turns(fails, longest=0, at_once=1)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="it failed"):
            ask(turns, "any")

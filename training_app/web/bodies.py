"""What a request carries is read before it takes its turn, so that connections that stall keep nobody else out.

A thread of the server waits for a body as long as the other side likes, and the network of a laptop may go in the
middle of a form. So there are more threads than turns: a thread waits for its body first, and only then for its turn.
"""

import os
import socket
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, has_request_context, request
from werkzeug.exceptions import BadRequest, RequestTimeout

from training_app.web.requests import close_read_session

SPARE_THREADS: Final = 60
"""Threads of a worker beyond its turns: so many bodies may be on their way at once."""

KEEPALIVE: Final = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""After these seconds of silence, and so many unanswered calls, the other side is given up: within a minute."""

TURNS: Final = "training_app.turns"
BROKEN_OFF: Final = "training_app.body_broke_off"

LONGEST_UPLOAD: Final = 16 << 20
"""What a form with a file may carry at most; until its turn comes it waits on the disk."""

PIECE: Final = 1 << 16

View = TypeVar("View", bound=Callable[..., object])


def takes_upload(most_bytes: int) -> Callable[[View], View]:
    """Declares that the view takes a form with a file of `most_bytes` together, instead of what every view takes."""
    if most_bytes > LONGEST_UPLOAD:
        raise ValueError(f"no view takes more than {LONGEST_UPLOAD} bytes")

    def declare(view: View) -> View:
        setattr(view, "upload_limit", most_bytes)  # noqa: B010 - a function has no such attribute by itself
        return view

    return declare


class _Queue:
    """So many turns, given in the order in which they are asked for.

    A semaphore would do but for crowds: whoever gives a turn back and asks again at once gets it before those who wait.
    """

    def __init__(self, turns: int) -> None:
        self._free = turns
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        """Waits for a turn, behind everybody who waits already."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            call = threading.Lock()
            call.acquire()
            self._waiting.append(call)
        call.acquire()

    def release(self) -> None:
        """The turn goes to whoever has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class Turns:
    """The application, called at most `at_once` times at a time, with bodies that are already here."""

    def __init__(self, application: WSGIApplication, *, longest: int, at_once: int) -> None:
        self._application = application
        self._longest = longest
        self._turns = _Queue(at_once)
        self._called = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer of the application; a body that is longer than allowed is left to it unread."""
        if not self._called:
            self._called = True
            give_up_silent_connections()
        length = str(environ.get("CONTENT_LENGTH") or "")
        if length.isdecimal() and 0 < int(length) <= self._longest:
            body = environ["wsgi.input"].read(int(length))
            environ[BROKEN_OFF] = len(body) < int(length)
            environ["wsgi.input"] = BytesIO(body)
        elif length.isdecimal() and self._longest < int(length) <= LONGEST_UPLOAD and _has_a_file(environ):
            with TemporaryFile() as file:
                environ[BROKEN_OFF] = _copied(environ["wsgi.input"], file, int(length)) < int(length)
                file.seek(0)
                environ["wsgi.input"] = file
                return self._answer(environ, start_response)
        return self._answer(environ, start_response)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[TURNS] = self._turns
        self._turns.acquire()
        try:
            return self._application(environ, start_response)
        finally:
            self._turns.release()


@contextmanager
def without_turn() -> Iterator[None]:
    """What this request waits for keeps nobody else waiting: its turn is given back, and taken again afterwards.

    Its looking session is closed, since there are no more connections to the database than turns.
    """
    turns = request.environ.get(TURNS) if has_request_context() else None
    if turns is None:
        yield
        return
    close_read_session()
    turns.release()
    try:
        yield
    finally:
        turns.acquire()


def _has_a_file(environ: WSGIEnvironment) -> bool:
    return str(environ.get("CONTENT_TYPE") or "").startswith("multipart/form-data")


def _copied(source: IO[bytes], target: IO[bytes], length: int) -> int:
    """How many bytes of `length` arrived, piece by piece."""
    arrived = 0
    while arrived < length and (piece := source.read(min(PIECE, length - arrived))):
        target.write(piece)
        arrived += len(piece)
    return arrived


def give_up_silent_connections() -> None:
    """On Linux, connections that this process accepts from now on end when the other side is gone without a word."""
    descriptors = Path("/proc/self/fd")
    for entry in list(descriptors.iterdir()) if descriptors.is_dir() else ():
        with suppress(OSError):
            _keep_alive(int(entry.name))


def _keep_alive(descriptor: int) -> None:
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return
    # a copy, since closing the object must not close what it stands for
    with socket.socket(fileno=os.dup(descriptor)) as found:
        if found.family != socket.AF_UNIX and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in KEEPALIVE.items():
                found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def init_bodies(app: Flask, *, at_once: int) -> None:
    """`app` is called `at_once` times at a time; a body that broke off or tells no length is refused."""
    app.wsgi_app = Turns(  # type: ignore[method-assign]  # Flask's documented way
        app.wsgi_app, longest=int(app.config["MAX_CONTENT_LENGTH"]), at_once=at_once
    )

    @app.before_request
    def refuse() -> None:
        view = app.view_functions.get(request.endpoint or "")
        limit = getattr(view, "upload_limit", None)
        if limit is not None:
            request.max_content_length = limit  # before anything looks into the form
        if request.environ.get(BROKEN_OFF):
            raise RequestTimeout
        if request.content_length is None and "Transfer-Encoding" in request.headers:
            raise BadRequest

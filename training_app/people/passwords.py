"""Password hashing: argon2id, t=4, 9 MiB, p=1. All web workers together never compute more hashes at once than set.

Hashes are computed by threads of their own, which step back behind requests; whoever waits for one holds no turn of the
site. More than MOST_WAITING are asked to come again, so that a crowd at the door keeps nobody from an exam.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from flask_babel import lazy_gettext as _l

from training_app.config import make_data_dir
from training_app.errors import Busy
from training_app.web.bodies import without_turn

# of the settings that OWASP's Password Storage Cheat Sheet calls equal, one that costs a sixth less CPU than its first
HASHER = PasswordHasher(time_cost=4, memory_cost=9 * 1024, parallelism=1)
NOBODY = HASHER.hash("nobody has this password")
"""Verified for unknown accounts, so that the answer takes as long as for known ones."""

MOST_WAITING: Final = 40
"""People of one worker whose hash waits or is computed; fewer than bodies.SPARE_THREADS, or requests wait for them."""
COME_AGAIN_S: Final = 5
BEHIND_REQUESTS: Final = 10
"""Added to the niceness of the hashing threads, where the system knows it for threads (Linux)."""

CROWD = _l(
    "Many people are signing in at this moment. Wait %(seconds)s seconds and try again; nothing is wrong with your "
    "password.",
    seconds=COME_AGAIN_S,
)

T = TypeVar("T")


class Passwords:
    """Hashes and verifies with at most `at_once` computations at a time; some others wait, more are sent away.

    slots: a folder that all processes share, which then compute so many together. busy: how many are computed or wait.
    """

    def __init__(self, at_once: int, slots: Path | None = None) -> None:
        if slots:
            make_data_dir(slots)
        self._slots = [slots / f"hashing-{number}.lock" for number in range(at_once)] if slots else []
        self._threads = ThreadPoolExecutor(at_once, "hashing", initializer=_step_back)
        self._lock = threading.Lock()
        self.busy = 0

    def hash(self, password: str) -> str:
        """The hash to store. Raises Busy when too many wait."""
        return self._compute(lambda: HASHER.hash(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` belongs to `stored`; None (no account, no password yet) takes as long, never matches.

        Raises Busy when too many wait.
        """
        return self._compute(lambda: _verified(stored or NOBODY, password)) and bool(stored)

    def _compute(self, work: Callable[[], T]) -> T:
        with self._lock:
            if self.busy >= MOST_WAITING:
                raise Busy(CROWD, retry_after_s=COME_AGAIN_S)
            self.busy += 1
        try:
            with without_turn():
                return self._threads.submit(self._in_a_slot, work).result()
        finally:
            with self._lock:
                self.busy -= 1

    def _in_a_slot(self, work: Callable[[], T]) -> T:
        with _one_of(self._slots):
            return work()


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than new ones are."""
    return HASHER.check_needs_rehash(stored)


def _verified(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


@contextmanager
def _one_of(slots: list[Path]) -> Iterator[None]:
    """One of the locks is held, the first that is free; a process that is killed gives its own back."""
    handles = [os.open(slot, os.O_RDWR | os.O_CREAT, 0o600) for slot in slots]
    try:
        if handles and not any(map(_is_taken, handles)):
            fcntl.flock(handles[threading.get_ident() % len(handles)], fcntl.LOCK_EX)
        yield
    finally:
        for handle in handles:
            os.close(handle)


def _is_taken(slot: int) -> bool:
    """Whether the lock is held now by whoever asks."""
    try:
        fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _step_back() -> None:
    with suppress(OSError, AttributeError):  # where a thread has no niceness of its own, all stay equal
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + BEHIND_REQUESTS)

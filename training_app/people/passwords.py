"""Password hashing: argon2id with t=2, 19 MiB, p=1, never more at once than this worker's share of the cores."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODY = HASHER.hash("nobody has this password")
"""Verified for unknown accounts, so that the answer takes as long as for known ones."""


class Passwords:
    """Hashes and verifies with at most `at_once` computations at a time; the others wait their turn."""

    def __init__(self, at_once: int) -> None:
        self._turns = threading.BoundedSemaphore(at_once)

    def hash(self, password: str) -> str:
        """The hash to store."""
        with self._turns:
            return HASHER.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` belongs to `stored`; None (no account, no password yet) takes as long, never matches."""
        with self._turns:
            try:
                return HASHER.verify(stored or NOBODY, password) and bool(stored)
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False

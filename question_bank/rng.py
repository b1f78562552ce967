"""Seeded randomness that is the same on every Python and every machine."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class SeededRandom:
    """Random choices from SHA-256 in counter mode over a seed.

    Block n is SHA-256 of the seed in UTF-8, a zero byte and n in eight bytes; numbers take bytes from the blocks in
    turn. Not for secrets: who knows the seed knows every choice.
    """

    def __init__(self, seed: str) -> None:
        self._prefix = seed.encode("utf-8", "surrogatepass") + b"\0"
        self._counter = 0
        self._bytes = b""

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit - 1, each equally likely. Raises ValueError when limit is below 1."""
        if limit < 1:
            raise ValueError(f"There is no number below {limit}.")
        size = ((limit - 1).bit_length() + 7) // 8
        excess = (1 << 8 * size) % limit
        while True:
            # What lies in the last, incomplete run of `limit` numbers is thrown away: small numbers would be favoured.
            number = int.from_bytes(self._take(size), "big")
            if number < (1 << 8 * size) - excess:
                return number % limit

    def choice(self, candidates: Sequence[T]) -> T:
        """One of `candidates`. Raises ValueError when there is none."""
        return candidates[self.below(len(candidates))]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """A new list of `things` in random order, each order equally likely."""
        order = list(things)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def sample(self, things: Sequence[T], count: int) -> list[T]:
        """`count` different entries of `things` in random order. Raises ValueError when there are fewer."""
        if not 0 <= count <= len(things):
            raise ValueError(f"{count} of {len(things)} cannot be drawn.")
        pool = list(things)
        for position in range(count):
            other = position + self.below(len(pool) - position)
            pool[position], pool[other] = pool[other], pool[position]
        return pool[:count]

    def _take(self, size: int) -> bytes:
        while len(self._bytes) < size:
            block = hashlib.sha256(self._prefix + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
            self._bytes += block
        taken, self._bytes = self._bytes[:size], self._bytes[size:]
        return taken

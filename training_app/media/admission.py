"""Whether another viewer can be let in: those who watch must never notice that more want to."""

import asyncio
import statistics
import time
from collections import deque
from typing import Final

WINDOW: Final = 25
"""Samples that are looked at, EVERY_S apart: a rush of a second at the start of an observation is no overload."""
EVERY_S: Final = 0.2
MOST_LAG_S: Final = 0.05
MOST_CPU: Final = 0.8
"""Of one core, which is all that an event loop has."""
MOST_CONNECTING: Final = 24
"""Viewers whose connection is being made at the same time; more wait for their turn."""
MOST_WAITING: Final = 400
WAIT_S: Final = 8.0


class Full(Exception):
    """Nobody else is let in now."""


class Admission:
    """Measures the event loop, and gives turns to those who come."""

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=WINDOW)
        self._spent: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self._turns = asyncio.Semaphore(MOST_CONNECTING)
        self._waiting = 0

    async def run(self) -> None:
        """Measures, until it is cancelled."""
        while True:
            due = time.monotonic() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self.measure(time.monotonic() - due, time.monotonic(), time.thread_time())

    def measure(self, lag_s: float, now: float, spent_s: float) -> None:
        """A sample. lag_s: how late the loop was. spent_s: what its thread has computed so far."""
        self._lags.append(lag_s)
        self._spent.append((now, spent_s))

    @property
    def lag_s(self) -> float:
        """How late the event loop is, in the middle of the last samples."""
        return statistics.median(self._lags) if self._lags else 0.0

    @property
    def cpu(self) -> float:
        """What the thread of the event loop computes, as a part of a core."""
        if len(self._spent) < 2:
            return 0.0
        (since, before), (until, after) = self._spent[0], self._spent[-1]
        return (after - before) / max(1e-9, until - since)

    @property
    def is_full(self) -> bool:
        """Whether one more viewer could disturb the others."""
        return len(self._lags) == WINDOW and (self.lag_s > MOST_LAG_S or self.cpu > MOST_CPU)

    async def take_turn(self) -> None:
        """It is the caller's turn to connect; whoever calls this calls `give_back`. Raises Full."""
        if self.is_full or self._waiting >= MOST_WAITING:
            raise Full
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turns.acquire(), WAIT_S)
        except TimeoutError:
            raise Full from None
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        """The caller has connected, or never will."""
        self._turns.release()

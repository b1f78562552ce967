"""A job in the hands of a worker: its steps, its transactions, its signs of life."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from training_app import clock
from training_app.db import Database, reason_of
from training_app.jobs import services
from training_app.jobs.services import STALE_AFTER, Claimed, LostClaim
from training_app.jobs.words import in_both_languages
from training_app.registry import Registry

log = logging.getLogger("training_app.jobs")

BEATS_EACH_S: Final = 5.0
TELLS_EACH_S: Final = 0.5
"""A job that steps fast writes no more often than this."""


class Cancelled(Exception):
    """Somebody cancelled the job."""


class Interrupted(Exception):
    """The worker is stopping; another will go on with the job."""


@dataclass(frozen=True, slots=True)
class Loop:
    """How a worker is set up. context: of an application, in which everything runs; stop: set when it has to end."""

    database: Database
    registry: Registry
    context: Callable[[], AbstractContextManager[object]]
    stop: threading.Event
    beats_each_s: float = BEATS_EACH_S
    stale_after: timedelta = STALE_AFTER


class Held:
    """A job that this worker runs; what its function is handed as `Work`."""

    def __init__(self, loop: Loop, job: Claimed) -> None:
        self._loop = loop
        self._job = job
        self._told = float("-inf")
        self._total: int | None = None
        self._cancelled = threading.Event()
        self._lost = threading.Event()

    @property
    def arguments(self) -> Mapping[str, object]:
        """What is to be done."""
        return self._job.arguments

    def step(self, progress: int, total: int | None = None, message: object = "") -> None:
        """Progress is told, and the job goes on. Raises Cancelled, Interrupted or LostClaim when it does not."""
        self._go_on()
        self._total = total if total is not None else self._total
        moment = time.monotonic()
        if moment - self._told < TELLS_EACH_S and progress != self._total:
            return
        self._told = moment
        with self._loop.database.write() as session:
            if not services.beat(session, self._job, clock.now()):
                self._cancelled.set()
            words = in_both_languages(message)
            services.report(session, self._job, progress, total=self._total, message=words)
        self._go_on()

    def read(self) -> AbstractContextManager[Session]:
        """A session for looking."""
        return self._loop.database.read()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction that holds the job: who lost it writes nothing. Raises LostClaim."""
        self._go_on()
        with self._loop.database.write() as session:
            services.beat(session, self._job, clock.now())
            yield session

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody cancelled it, as far as was heard."""
        return self._cancelled.is_set()

    def is_over(self) -> bool:
        """Whether nobody wants the outcome any more, or not of this worker."""
        return self._cancelled.is_set() or self._lost.is_set() or self._loop.stop.is_set()

    def _go_on(self) -> None:
        if self._lost.is_set():
            raise LostClaim
        if self._cancelled.is_set():
            raise Cancelled
        if self._loop.stop.is_set():
            raise Interrupted

    @contextmanager
    def alive(self) -> Iterator[None]:
        """While the block runs, the job shows signs of life, and hears of being cancelled or lost."""
        done = threading.Event()

        def work() -> None:
            while not done.wait(self._loop.beats_each_s):
                try:
                    with self._loop.database.write() as session:
                        if not services.beat(session, self._job, clock.now()):
                            self._cancelled.set()
                except LostClaim:
                    self._lost.set()
                    return
                except DBAPIError as error:
                    log.warning("a sign of life was not heard: %s", reason_of(error))

        thread = threading.Thread(target=work, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

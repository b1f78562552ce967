"""A worker over a house: kinds of jobs and turns are those of the test."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.house import House, house
from training_app.jobs.holding import Loop
from training_app.jobs.models import Job
from training_app.jobs.services import Order, begin
from training_app.registry import JobKind, Registry

MakeLoop = Callable[..., Loop]


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[House]:
    """A house on both databases in turn."""
    with house(databases, tmp_path / "var") as opened:
        yield opened


@pytest.fixture
def loop_with(home: House) -> MakeLoop:
    """A function that sets a worker up with kinds of jobs."""

    def make(stale_after: timedelta = timedelta(seconds=45), beats_each_s: float = 60, **kinds: JobKind) -> Loop:
        registry = Registry()
        registry.job_kinds.update(kinds)
        stop = threading.Event()
        return Loop(home.database, registry, home.app.app_context, stop, beats_each_s, stale_after)

    return make


@pytest.fixture
def order(home: House):
    """A function that asks for work and returns its id."""

    def ask(kind: str, now, **how: object) -> int:
        with home.database.write() as session:
            return begin(session, Order(kind, **how), now).id

    return ask


@pytest.fixture
def stored(home: House):
    """A function that reads a job as it stands now."""

    def read(number: int) -> Job:
        with home.database.read() as session:
            return session.get_one(Job, number)

    return read

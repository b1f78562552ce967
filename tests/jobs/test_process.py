"""The worker of a real site: it takes its turns, does jobs and stops. tests/soak kills it with a job in its hands."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.databases import Databases, PostgresDatabases
from tests.support.demonstration import demonstration
from tests.support.family import descendants, runs
from tests.support.site import Installation, Site
from training_app.db import Database
from training_app.jobs.models import Job
from training_app.jobs.services import Order, begin


@pytest.fixture
def running(postgres_databases: PostgresDatabases, tmp_path: Path) -> Iterator[Site]:
    """A site on PostgreSQL that may be killed."""
    with demonstration(postgres_databases, tmp_path / "var") as installation, installation.serving() as site:
        yield site


def eventually(site: Site, holds: Callable[[], bool], *, timeout_s: float = 120) -> None:
    ended = threading.Event()
    timer = threading.Timer(timeout_s, ended.set)
    timer.start()
    try:
        while not holds():
            assert not ended.wait(0.1), site.server.output()
    finally:
        timer.cancel()


def worker_part(site: Site) -> dict[str, object]:
    found: dict[str, object] = json.loads(site.get("/healthz")[2])["parts"]["worker"]
    return found


def worker_of(site: Site) -> int:
    """The process of the worker: it started nobody, and the supervisor started it."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in descendants(site.server.pid)}
    return next(pid for pid, command in commands.items() if command.endswith(b"\0worker\0"))


class Records:
    """The database of a site, beside it."""

    def __init__(self, installation: Installation) -> None:
        self._database = Database(installation.database_url or "")

    def order(self) -> int:
        with self._database.write() as session:
            return begin(session, Order("records.check"), datetime.now(UTC)).id

    def job(self, number: int) -> Job:
        with self._database.read() as session:
            return session.scalars(select(Job).where(Job.id == number)).one()

    def close(self) -> None:
        self._database.dispose()


@pytest.fixture
def records(running: Site) -> Iterator[Records]:
    opened = Records(running.installation)
    yield opened
    opened.close()


def test_the_worker_takes_its_turns_and_jobs_in_a_process_of_its_own(running: Site, records: Records) -> None:
    eventually(running, lambda: worker_part(running)["state"] == "up")
    number = records.order()
    eventually(running, lambda: records.job(number).state == "done")
    assert runs(worker_of(running)) and worker_part(running)["failing"] == []


def test_the_site_answers_while_its_worker_is_down(running: Site) -> None:
    os.kill(worker_of(running), signal.SIGSTOP)
    assert running.answers()


def test_it_ends_with_its_site(running: Site) -> None:
    worker = worker_of(running)
    running.server.interrupt()
    assert running.server._guard.wait(60) == 0 and not runs(worker)


def test_on_sqlite_the_worker_lives_in_the_web_process(sqlite_databases: Databases, tmp_path: Path) -> None:
    with demonstration(sqlite_databases, tmp_path / "var") as installation, installation.serving() as site:
        eventually(site, lambda: worker_part(site)["state"] == "up")
        commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in descendants(site.server.pid)]
        assert not any(command.endswith(b"\0worker\0") for command in commands)
        records = Records(installation)
        number = records.order()
        eventually(site, lambda: records.job(number).state == "done")
        records.close()

"""A real site under measurement: a server, its database, its floor, and candidates with their cookies."""

import asyncio
import atexit
import itertools
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select, update

from question_bank.items import Item
from tests.support.examination import fill_new
from tests.support.house import CRITERIA
from tests.support.postgres import Cluster
from tests.support.processes import Server, free_port
from tests.support.site import Installation, Site
from training_app.bank.models import BlueprintVersion
from training_app.clock import now, shanghai_day
from training_app.db import Database
from training_app.exams.attempts import paper_of_form
from training_app.exams.models import Attempt
from training_app.exams.rehearsal.line import Line, site_of
from training_app.exams.rehearsal.preparing import Wanted, prepare
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.web.lasting import KEPT_UNTIL

SECRET: Final = "a secret of the benchmarks: 0123456789 abcdefgh"
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
CONNECTIONS: Final = 8
TOKEN: Final = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True, slots=True)
class Seated:
    """A candidate with a place, an attempt and the cookie of a session."""

    person: int
    username: str
    place: int
    attempt: int
    cookie: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Measured:
    """A site and its floor on one database. items: of the paper, in order. lines: kept, as browsers keep them."""

    site: Site
    floor: Site | None
    database: Database
    cluster: Server | None
    seated: tuple[Seated, ...]
    items: tuple[tuple[int, Item], ...]
    password: str
    guest: str
    runner: asyncio.Runner
    lines: dict[int, list[Line]] = field(default_factory=dict)

    def cpu_ms(self, of: Site, asks: Sequence[Ask]) -> float:
        """CPU ms of the server and its database for each of these requests, CONNECTIONS at a time."""
        return self.cpu_s(lambda: self._ask_all(of, asks), of) * 1000 / len(asks)

    def cpu_s(self, work: Callable[[], Coroutine[None, None, None]], of: Site | None = None) -> float:
        """Seconds of CPU of the server and its database, while `work` is done."""
        pids = [(of or self.site).server.pid, *([self.cluster.pid] if self.cluster else [])]
        before = sum(map(cpu_s_of_tree, pids))
        self.runner.run(work())
        return sum(map(cpu_s_of_tree, pids)) - before

    async def leave(self) -> None:
        """The kept lines are closed."""
        for line in itertools.chain.from_iterable(self.lines.values()):
            line.close()
        await asyncio.sleep(0)  # a closed line is gone a turn later

    async def _ask_all(self, of: Site, asks: Sequence[Ask]) -> None:
        lines = self.lines.setdefault(of.port, [Line(site_of(of.url)) for _ in range(CONNECTIONS)])

        async def ask_some(line: Line, mine: Sequence[Ask]) -> None:
            for one in mine:
                answer = await line.ask(one.method, one.path, one.headers, one.body)
                if answer.status != one.status:
                    raise AssertionError(f"{one.path}: {answer.status} {answer.body[:300]!r}")

        async with asyncio.TaskGroup() as group:
            for number, line in enumerate(lines):
                group.create_task(ask_some(line, asks[number::CONNECTIONS]))


def cpu_s_of_tree(root: int) -> float:
    """Seconds of CPU that the threads of a process and of everything below it have used so far."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it ended meanwhile
                parents.setdefault(_parent_of(entry), []).append(int(entry.name))
    waiting, total_ns = [root], 0
    while waiting:
        one = waiting.pop()
        total_ns += _ns_of(Path(f"/proc/{one}/task"))
        waiting += parents.get(one, [])
    return total_ns / 1e9


def _parent_of(process: Path) -> int:
    return int((process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])


def _ns_of(threads: Path) -> int:
    with suppress(OSError):
        return sum(int((one / "schedstat").read_text(encoding="ascii").split()[0]) for one in threads.iterdir())
    return 0


@contextmanager
def measured(
    candidates: int, *, on_sqlite: bool = False, with_floor: bool = True, state: str = "running"
) -> Iterator[Measured]:
    """A site with so many candidates in their waiting room. state: of their sitting."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        cluster, url = _new_database("sqlite" if on_sqlite else "postgresql", folder)
        database = Database(url)
        stack.callback(database.dispose)
        password, seated, items = _seat(database, candidates, state)
        installation = Installation(folder / "var", url)
        site = stack.enter_context(installation.serving(SECRET_KEY=SECRET, LOG_LEVEL="INFO"))
        floor = _floor(stack, folder, installation, items) if with_floor else None
        runner = stack.enter_context(asyncio.Runner())
        bench = Measured(site, floor, database, cluster, seated, items, password, _cookie({}), runner)
        yield bench
        runner.run(bench.leave())


_numbers = itertools.count(1)


def _new_database(kind: str, folder: Path) -> tuple[Server | None, str]:
    """A copy of a site's database, and the server that holds it."""
    if kind == "sqlite":
        return None, f"sqlite:///{shutil.copyfile(_filled_file(), folder / 'site.sqlite')}"
    cluster, server = _filled_cluster()
    return server, cluster.postgres.create(f"bench_{next(_numbers)}", template="bench")


@cache
def _kept_folder() -> Path:
    """A folder for what all measurements of this process share."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    return folder


@cache
def _filled_file() -> Path:
    path = _kept_folder() / "filled.sqlite"
    path.touch()
    fill_new(f"sqlite:///{path}")
    return path


@cache
def _filled_cluster() -> tuple[Cluster, Server]:
    cluster = Cluster(_kept_folder() / "postgres", DURABLE)
    cluster.folder.mkdir()
    cluster.make()
    server = cluster.start()
    atexit.register(server.stop)
    server.wait_until(cluster.postgres.answers)
    fill_new(cluster.postgres.create("bench"))
    return cluster, server


def _seat(
    database: Database, candidates: int, state: str
) -> tuple[str, tuple[Seated, ...], tuple[tuple[int, Item], ...]]:
    with database.write() as session:
        blueprint = session.scalars(
            select(BlueprintVersion.id).where(BlueprintVersion.purpose == "certification").order_by(BlueprintVersion.id)
        ).first()
        assert blueprint is not None
        wanted = Wanted(candidates, "suzhou", blueprint, shanghai_day(now()))
        prepared = prepare(session, wanted, CRITERIA, by=None, now=now() - timedelta(seconds=60))
        sitting = prepared.marked_id
        session.execute(update(Sitting).where(Sitting.id == sitting).values(state=state))
        session.execute(update(RosterPlace).where(RosterPlace.sitting_id == sitting).values(entered_at=now()))
        session.execute(update(Attempt).where(Attempt.sitting_id == sitting).values(state="waiting"))
        rows = session.execute(
            select(RosterPlace.id, RosterPlace.person_id, RosterPlace.attempt_id, Attempt.form_id)
            .join(Attempt, Attempt.id == RosterPlace.attempt_id)
            .where(RosterPlace.sitting_id == sitting)
            .order_by(RosterPlace.id)
        ).all()
        paper = paper_of_form(session, rows[0].form_id)
    csrf = str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(TOKEN))
    names = {place: username for place, username, _, _ in prepared.places}
    seated = tuple(
        Seated(row.person_id, names[row.id], row.id, row.attempt_id, _cookie({"_user_id": f"{row.person_id}.1"}), csrf)
        for row in rows
    )
    return prepared.password, seated, tuple((place.version_id, place.item) for place in paper)


def _cookie(who: Mapping[str, object]) -> str:
    app = Flask("cookies")
    app.secret_key = SECRET
    sign = SecureCookieSessionInterface().get_signing_serializer(app)
    assert sign is not None
    session = {"_fresh": True, "_permanent": True, "csrf_token": TOKEN, KEPT_UNTIL: int(time.time()) + 86400, **who}
    return f"training={sign.dumps(session)}"


def _floor(stack: ExitStack, folder: Path, installation: Installation, items: Sequence[tuple[int, Item]]) -> Site:
    content = folder / "content.json"
    content.write_text(json.dumps({"title": "A paper", "items": [_plain(*one) for one in items]}), encoding="utf-8")
    port = free_port()
    environ = installation.environ(CONTENT=str(content))
    command = [sys.executable, "-m", "benchmarks.floor", str(port), str(os.cpu_count() or 1), "4"]
    server = Server(command, folder / "floor.log", environ=environ)
    stack.callback(server.stop)
    floor = Site(installation, port, server)
    server.wait_until(lambda: _answers(floor))
    return floor


def _answers(floor: Site) -> bool:
    try:
        return floor.get("/page")[0] == 200
    except OSError:
        return False


def _plain(version: int, item: Item) -> dict[str, object]:
    parts = item.options or item.elements or item.premises
    options = [{"id": part.id, "zh": part.text.zh, "en": part.text.en} for part in parts]
    return {"id": version, "zh": item.stem.zh, "en": item.stem.en, "options": options}

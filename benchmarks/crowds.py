"""Crowds against a real site: a herd that starts at once, candidates that save on and on, people who sign in.

Each tells the time of requests at the client, on the same machine as the site, and what failed or was lost.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import insert, select

from benchmarks.hot import DEVICE, page_of, save_of, sign_of_life, start_of
from benchmarks.measuring import Figure
from benchmarks.served import Ask, Measured, Seated, measured
from training_app.clock import now
from training_app.exams.models import ResponseEvent
from training_app.exams.rehearsal.driver import allow_connections
from training_app.exams.rehearsal.line import Line, Unreachable, site_of
from training_app.exams.rehearsal.tally import percentile
from training_app.people.models import Person, RoleGrant
from training_app.people.passwords import HASHER
from training_app.people.rules import Role

EVERY_S: Final = 10.0
Talk = Callable[[Line, Seated], Awaitable[None]]


@dataclass(slots=True)
class Heard:
    """What a crowd met. took_s: of each request that was answered well. stored: what was acknowledged."""

    took_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    busy: int = 0
    stored: set[tuple[int, int, int]] = field(default_factory=set)

    async def ask(self, line: Line, one: Ask) -> bytes:
        """The body of the answer; empty when there was no good one, which is noted."""
        begun = time.perf_counter()
        try:
            answer = await line.ask(one.method, one.path, one.headers, one.body)
        except Unreachable as fault:
            self.faults.append(f"{one.path}: {fault}")
            return b""
        if answer.status == one.status:
            self.took_s.append(time.perf_counter() - begun)
            return answer.body
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and "retry-after" in answer.headers:
            self.busy += 1
        else:
            self.faults.append(f"{one.path}: {answer.status} {answer.body[:200]!r}")
        return b""

    def told(self, lost: int | None = None) -> str:
        """Percentiles in ms, the number of requests, errors, and what was lost."""
        found = sorted(self.took_s) or [0.0]
        shown = " ".join(f"p{percent} {percentile(found, percent) * 1000:.0f}" for percent in (50, 95, 99))
        more = f", {lost} lost" if lost is not None else ""
        more += f", {self.busy} asked to come again" if self.busy else ""
        return f"{shown} max {found[-1] * 1000:.0f} ms of {len(self.took_s):,}, {len(self.faults)} errors{more}"


def herd(*, short: bool) -> Iterator[Figure]:
    """Everybody starts and gets the first page at the same moment, over a fifth as many connections."""
    candidates, connections = (40, 20) if short else (5000, 1000)
    with measured(candidates, with_floor=False, state="open") as bench:
        heard = Heard()

        async def begin(line: Line, one: Seated) -> None:
            await heard.ask(line, start_of(bench, one, 0))
            await heard.ask(line, page_of(bench, one, 0))

        begun = time.perf_counter()
        cpu_s = bench.cpu_s(lambda: _over(bench, connections, begin))
        took_s = time.perf_counter() - begun
        what = f"{candidates:,} start and get their page, {connections:,} connections"
        yield Figure(what, cpu_s * 1000 / (2 * candidates), told=f"in {took_s:.1f} s: {heard.told()}")
        _complain(heard)


def savers(*, short: bool) -> Iterator[Figure]:
    """Everybody saves each ten seconds: on PostgreSQL, on SQLite, and while a crowd signs in."""
    crowds = ((2000, False, 0), (500, True, 0), (500, False, 200))
    for candidates, on_sqlite, guests in crowds[2:] if short else crowds:
        count, people = (20, min(guests, 5)) if short else (candidates, guests)
        yield from _saving(count, on_sqlite=on_sqlite, guests=people, lasts_s=1.0 if short else 60.0)


def _saving(candidates: int, *, on_sqlite: bool, guests: int, lasts_s: float) -> Iterator[Figure]:
    every_s = min(EVERY_S, lasts_s / 2)
    with measured(candidates, with_floor=False, on_sqlite=on_sqlite) as bench:
        heard, doors = Heard(), Heard()

        async def work() -> None:
            await _over(bench, 50, lambda line, one: _begin(bench, heard, line, one))
            heard.took_s.clear()
            until = time.perf_counter() + lasts_s
            async with asyncio.TaskGroup() as group:
                for number, one in enumerate(bench.seated):
                    group.create_task(_save_on(bench, heard, one, (number / candidates * every_s, every_s, until)))
                for one in bench.seated[:guests]:
                    group.create_task(_sign_in_on(bench, doors, one, until))
            await asyncio.sleep(0)

        cpu_s = bench.cpu_s(work)
        on = "SQLite" if on_sqlite else "PostgreSQL"
        beside = f", {guests} sign in beside them" if guests else ""
        what = f"{candidates:,} save every {every_s:g} s on {on}{beside}"
        yield Figure(what, cpu_s * 1000 / max(1, len(heard.took_s)), told=heard.told(_lost(bench, heard)))
        if guests:
            yield Figure("the sign-ins beside them", cpu_s * 1000 / max(1, len(doors.took_s)), told=doors.told())
        _complain(heard, doors)


def sign_in(*, short: bool) -> Iterator[Figure]:
    """A sign-in with its hash, against the hash alone."""
    with measured(1, with_floor=False) as bench:
        asks = [_sign_in_of(bench, name) for name in _real_people(bench, 16 if short else 160)]
        bench.cpu_ms(bench.site, asks[: len(asks) // 4])
        mine = bench.cpu_ms(bench.site, asks)
        hashed, rounds = HASHER.hash("a password"), 5 if short else 50
        begun = time.process_time()
        for _ in range(rounds):
            HASHER.verify(hashed, "a password")
        least = (time.process_time() - begun) * 1000 / rounds
        yield Figure("a sign-in", mine, mine / least, "its argon2id hash alone")


def _real_people(bench: Measured, count: int) -> list[str]:
    """Names of so many accounts that are no simulated ones."""
    names = [f"door.{number}" for number in range(count)]
    hashed = HASHER.hash(bench.password)
    row = {"kind": "staff", "name_zh": "考生", "name_en": "Candidate", "password_hash": hashed, "created_at": now()}
    with bench.database.write() as session:
        people = session.scalars(
            insert(Person).returning(Person.id, sort_by_parameter_order=True), [{"username": n, **row} for n in names]
        ).all()
        grant = {"role": Role.TRAINEE.value, "base_id": "suzhou", "granted_at": now()}
        session.execute(insert(RoleGrant), [{"person_id": one, **grant} for one in people])
    return names


async def _over(bench: Measured, connections: int, talk: Talk) -> None:
    """`talk` with everybody, over so many connections."""
    allow_connections(connections)
    where = site_of(bench.site.url)

    async def some(mine: Sequence[Seated]) -> None:
        line = Line(where)
        for one in mine:
            await talk(line, one)
        line.close()

    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            group.create_task(some(bench.seated[number::connections]))
    await asyncio.sleep(0)  # a closed line is gone a turn later


async def _begin(bench: Measured, heard: Heard, line: Line, one: Seated) -> None:
    await heard.ask(line, start_of(bench, one, 0))
    await heard.ask(line, sign_of_life(bench, one, 0))


async def _save_on(bench: Measured, heard: Heard, one: Seated, times: tuple[float, float, float]) -> None:
    """times: seconds before the first save, between two, and the moment of the end."""
    first_s, every_s, until = times
    line, turn = Line(site_of(bench.site.url)), 0
    due = time.perf_counter() + first_s
    while due < until:
        await asyncio.sleep(due - time.perf_counter())
        body = await heard.ask(line, save_of(bench, one, turn))
        for stored in json.loads(body)["stored"] if body else ():
            heard.stored.add((one.attempt, stored["item"], stored["seq"]))
        turn += 1
        due += every_s
    line.close()


async def _sign_in_on(bench: Measured, heard: Heard, one: Seated, until: float) -> None:
    line, random = Line(site_of(bench.site.url)), Random(one.person)
    while time.perf_counter() < until:
        if not await heard.ask(line, _sign_in_of(bench, one.username)):
            await asyncio.sleep(random.uniform(0.1, 1))
    line.close()


def _sign_in_of(bench: Measured, username: str) -> Ask:
    fields = {"username": username, "password": bench.password, "csrf_token": bench.seated[0].csrf}
    headers = {"Cookie": bench.guest, "Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    return Ask("POST", "/sign-in", urlencode(fields).encode(), headers, HTTPStatus.FOUND)


def _lost(bench: Measured, heard: Heard) -> int:
    """How many acknowledged answers the database does not have."""
    columns = (ResponseEvent.attempt_id, ResponseEvent.item_version_id, ResponseEvent.client_seq)
    with bench.database.read() as session:
        kept = {tuple(row) for row in session.execute(select(*columns).where(ResponseEvent.device == DEVICE))}
    return len(heard.stored - kept)


def _complain(*all_heard: Heard) -> None:
    faults = [fault for heard in all_heard for fault in heard.faults]
    if faults:
        raise AssertionError(f"{len(faults)} requests failed, the first with {faults[0]}")

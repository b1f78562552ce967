"""A rehearsal driven: candidates arrive, wait for the common start, answer for some minutes, hand in, look back.

No Flask, no database: it may run anywhere, in a child process of the worker as well.
"""

import asyncio
import contextlib
import resource
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from training_app.exams.rehearsal.candidate import Account, Candidate
from training_app.exams.rehearsal.line import Lines, Site
from training_app.exams.rehearsal.sheets import Answers
from training_app.exams.rehearsal.tally import Tally, report_of

ARRIVING_PER_S: Final = 25
"""How many people come to the doors in a second, when nobody says otherwise."""
DOOR_CLOSES_S: Final = 60.0
"""So long, and as long again as people came, everybody still outside is waited for after the last arrival."""
BEGIN_WITHIN_S: Final = 60.0
"""So long everybody tries to begin, in a shorter rehearsal as well: who meets a slow server is late, not absent."""
HAND_IN_WITHIN_S: Final = 60.0
LONGEST_SPREAD_S: Final = 10.0
READ_BACK_AT_ONCE: Final = 8
TELLS_EACH_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a rehearsal goes. arrive_s: over how long people come; spread_s: of first pages and hand-ins, at the longest.

    connections: None gives everybody an own one.
    """

    minutes: float
    think_s: float
    seed: str = "rehearsal"
    arrive_s: float | None = None
    spread_s: float | None = None
    connections: int | None = None

    @property
    def answering_s(self) -> float:
        """How long answers are given."""
        return self.minutes * 60

    @property
    def longest_spread_s(self) -> float:
        """Never more than a tenth of the time, so that a short rehearsal stays one."""
        return min(LONGEST_SPREAD_S, self.answering_s / 10) if self.spread_s is None else self.spread_s

    def arriving_s(self, candidates: int) -> float:
        """Over how long so many people come."""
        return candidates / ARRIVING_PER_S if self.arrive_s is None else self.arrive_s


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rehearsal is. phase: arriving, answering, handing_in, reading_back."""

    phase: str
    candidates: int
    entered: int
    started: int
    handed_in: int
    saves: int
    errors: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. stored: what was acknowledged, (attempt, item, number) -> answer."""

    report: dict[str, object]
    stored: dict[tuple[int, int, int], object]


Tell = Callable[[Progress], None]


@dataclass(slots=True)
class _Hall:
    """What all candidates of a run share. inside: those who have entered or gave up."""

    plan: Plan
    tally: Tally
    random: Random
    candidates: list[Candidate]
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    all_here: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0
    begin_until: float = 0.0
    ends_at: float = 0.0
    phase: str = "arriving"
    forms: dict[tuple[int, ...], Answers] = field(default_factory=dict)

    def progress(self) -> Progress:
        reached = self.tally.reached
        return Progress(
            self.phase,
            len(self.candidates),
            reached["entered"],
            reached["started"],
            reached["handed_in"],
            self.tally.saves,
            self.tally.errors,
        )

    def count_in(self) -> None:
        self.inside += 1
        if self.inside == len(self.candidates):
            self.all_here.set()


def drive(accounts: Sequence[Account], site: Site, plan: Plan, tell: Tell) -> Outcome:
    """The outcome of a whole rehearsal. tell: is called about each second."""
    allow_connections(plan.connections or len(accounts))
    return asyncio.run(run(accounts, site, plan, tell))


def allow_connections(count: int) -> None:
    """This process may hold so many connections, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 100
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def run(accounts: Sequence[Account], site: Site, plan: Plan, tell: Tell) -> Outcome:
    """The outcome of a whole rehearsal, in a loop that runs already."""
    lines, tally = Lines(site, plan.connections), Tally()
    people = [Candidate(one, lines.line(), tally, seed=f"{plan.seed}/{one.place}") for one in accounts]
    hall = _Hall(plan, tally, Random(plan.seed), people)  # noqa: S311 - a schedule, no secret
    telling = asyncio.create_task(_tell_each_second(hall, tell))
    try:
        await _sit(hall)
        hall.phase = "reading_back"
        await _read_back(hall)
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
        await lines.close()
    tell(hall.progress())
    stored = {(one.attempt or 0, *number): answer for one in people for number, answer in one.stored.items()}
    return Outcome(report_of(tally, len(people)), stored)


async def _tell_each_second(hall: _Hall, tell: Tell) -> None:
    while True:
        tell(hall.progress())
        await asyncio.sleep(TELLS_EACH_S)


async def _sit(hall: _Hall) -> None:
    arriving_s = hall.plan.arriving_s(len(hall.candidates))
    closes = asyncio.get_running_loop().time() + 2 * arriving_s + DOOR_CLOSES_S
    async with asyncio.TaskGroup() as group:
        for one in hall.candidates:
            group.create_task(_sit_one(hall, one, hall.random.uniform(0, arriving_s), closes))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(closes):
                await hall.all_here.wait()
        opened_at = asyncio.get_running_loop().time()
        hall.ends_at = opened_at + hall.plan.longest_spread_s + hall.plan.answering_s
        hall.begin_until = max(hall.ends_at, opened_at + BEGIN_WITHIN_S)
        hall.phase = "answering"
        hall.opened.set()


async def _sit_one(hall: _Hall, one: Candidate, comes_after_s: float, closes: float) -> None:
    tally, loop = hall.tally, asyncio.get_running_loop()
    await asyncio.sleep(comes_after_s)
    is_in = await one.until_done("sign_in", one.sign_in, closes) and await one.until_done("entry", one.enter, closes)
    tally.reached["entered"] += is_in
    hall.count_in()
    if not is_in:
        return
    spread_s = hall.plan.longest_spread_s
    await one.wait(hall.opened, spread_s)
    if not await one.until_done("start", one.begin, hall.begin_until):
        return
    tally.reached["started"] += 1
    if not await one.until_done("page", lambda: one.open(hall.forms), hall.begin_until):
        return
    if await one.until_done("alive", one.arrive, hall.begin_until):
        await one.answer_until(hall.ends_at, hall.plan.think_s)
        hall.phase = "handing_in"
        await asyncio.sleep(one.share * spread_s)
        is_over = await one.until_done("hand_in", one.hand_in, loop.time() + HAND_IN_WITHIN_S)
        tally.reached["handed_in"] += is_over


async def _read_back(hall: _Hall) -> None:
    turns = asyncio.Semaphore(READ_BACK_AT_ONCE)

    async def look_back(one: Candidate) -> None:
        async def look() -> None:
            found = await one.count_lost()
            hall.tally.lost += found

        async with turns:
            if not await one.until_done("reading_back", look, asyncio.get_running_loop().time() + HAND_IN_WITHIN_S):
                hall.tally.unread += len(one.stored)

    looks: list[Awaitable[None]] = [look_back(one) for one in hall.candidates if one.stored]
    await asyncio.gather(*looks)

"""Viewers of 720p a core: CPU of the relay beside Janus in turns, and with how many all still get everything."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, Protocol

import aiohttp

from benchmarks.measuring import Figure
from benchmarks.streams.content import Content, Player
from benchmarks.streams.janus import NoJanus, janus
from benchmarks.streams.peers import Viewer
from benchmarks.streams.relay import relay

MEASURED_S: Final = 8.0
SETTLES: Final = 0.25
"""Of the time of a measurement: so long nothing is measured before it."""
AT_ONCE: Final = 25
TOLERATED: Final = 0.02
"""The part by which the packets of a span of time may differ from those of another span."""


class Engine(Protocol):
    """What is measured: a relay, or Janus."""

    def cpu_s(self) -> float:
        """Seconds of CPU that it has used."""

    async def watch(self, http: aiohttp.ClientSession, viewer: Viewer, number: int, /) -> None:
        """The viewer is connected."""


@dataclass(frozen=True, slots=True)
class Fed:
    """An engine, and what it is fed by."""

    engine: Engine
    player: Player
    what: Content


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. alone, full: per cent of a core without viewers and with all.

    missing: packets that the probe did not get. pace: what was sent, as a part of what should have been in that time.
    """

    viewers: int
    alone: float
    full: float
    missing: int
    pace: float
    took_s: float

    @property
    def of_a_viewer(self) -> float:
        """Milliseconds of CPU for a second of one viewer, at the full rate of packets."""
        return (self.full - self.alone) * 10 / self.viewers / self.pace


async def measure(fed: Fed, viewers: int, lasts_s: float) -> Row:
    """Viewers come, one of them a probe, and watch for so long. Raises AssertionError when the probe lacks much."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        await asyncio.sleep(lasts_s * SETTLES)
        alone = await cpu_share(fed.engine, lasts_s / 2)
        crowd = [Viewer(is_probe=number == 0) for number in range(viewers)]
        begun = time.perf_counter()
        await join(fed.engine, http, crowd)
        took_s = time.perf_counter() - begun
        await asyncio.sleep(lasts_s * SETTLES)
        crowd[0].restart()
        before, begun = fed.player.sent, time.perf_counter()
        full = await cpu_share(fed.engine, lasts_s)
        counts = list(crowd[0].counts.values())
        sent, span_s = fed.player.sent - before, time.perf_counter() - begun
        await asyncio.gather(*(one.leave() for one in crowd))
    got, missing = sum(one.packets for one in counts), sum(one.lost for one in counts)
    if len(counts) != 2 or abs(got - sent) > max(8, TOLERATED * sent):
        raise AssertionError(f"the probe among {viewers} got {got} packets of {len(counts)} streams, not {sent}")
    return Row(viewers, alone, full, missing, sent / span_s / fed.what.packets_in_1_s, took_s)


async def cpu_share(process: Engine, lasts_s: float) -> float:
    """Per cent of a core that the process uses for so many seconds from now on."""
    begun, used_s = time.perf_counter(), process.cpu_s()
    await asyncio.sleep(lasts_s)
    return (process.cpu_s() - used_s) / (time.perf_counter() - begun) * 100


async def join(engine: Engine, http: aiohttp.ClientSession, crowd: list[Viewer]) -> None:
    """All are connected, some at a time."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def come(number: int, viewer: Viewer) -> None:
        async with turns:
            await engine.watch(http, viewer, number + 1)

    await asyncio.gather(*(come(*one) for one in enumerate(crowd)))


@asynccontextmanager
async def relayed(folder: Path, what: Content, prefix: tuple[str, ...]) -> AsyncIterator[Fed]:
    """A relay on the air, with a publisher."""
    with relay(folder, prefix) as found:
        async with aiohttp.ClientSession() as http:
            await found.set_stage()
            publisher = await found.publish(http, what)
            assert publisher.player is not None
            yield Fed(found, publisher.player, what)
            await publisher.leave()


@asynccontextmanager
async def beside(folder: Path, what: Content, prefix: tuple[str, ...]) -> AsyncIterator[Fed]:
    """A Janus with the same content."""
    with janus(folder, prefix) as found:
        async with found.fed(what) as player:
            yield Fed(found, player, what)


@contextmanager
def pinned() -> Iterator[tuple[str, ...]]:
    """This process keeps to the last core meanwhile; the prefix of a command that has the first one for itself."""
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        yield ()
        return
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield ("taskset", "-c", str(min(cores)))
    finally:
        os.sched_setaffinity(0, cores)


def in_turns(what: Content, viewers: int, pairs: int, lasts_s: float = MEASURED_S) -> Iterator[Figure]:
    """The relay and Janus one after the other, so many times."""
    ours: list[Row] = []
    theirs: list[Row] = []
    with pinned() as prefix, tempfile.TemporaryDirectory(prefix="bench-") as folder:

        async def run() -> None:
            for number in range(pairs):
                async with relayed(Path(folder) / f"relay{number}", what, prefix) as fed:
                    ours.append(await measure(fed, viewers, lasts_s))
                async with beside(Path(folder) / f"janus{number}", what, prefix) as fed:
                    theirs.append(await measure(fed, viewers, lasts_s))

        absent = ""
        try:
            asyncio.run(run())
        except NoJanus as fault:
            absent = str(fault)
    yield from _told(ours, theirs, absent)


def _told(ours: list[Row], theirs: list[Row], absent: str) -> Iterator[Figure]:
    mine = median(row.of_a_viewer for row in ours)
    viewers = ours[0].viewers
    if absent:
        yield Figure(f"a viewer of {viewers}, each second", mine, told=absent)
        return
    least = median(row.of_a_viewer for row in theirs)
    yield Figure(f"a viewer of {viewers}, each second", mine, mine / least, "one of Janus with one event loop")
    whole, other = (median(row.full for row in rows) for rows in (ours, theirs))
    what = f"all {viewers} with taking, keeping and HLS, each second"
    yield Figure(what, whole * 10, whole / other, "Janus, which only passes on")
    for name, rows in (("relay", ours), ("Janus", theirs)):
        told = ", ".join(f"{row.alone:.1f} → {row.full:.1f} %" for row in rows)
        told += f" at {min(row.pace for row in rows):.0%} of the pace or more"
        missing = sum(row.missing for row in rows)
        cost = median(row.full for row in rows) * 10
        yield Figure(f"{name}, none and {viewers} viewers", cost, told=f"{told}; the probes missed {missing}")


def capacity(what: Content, viewers: int, lasts_s: float = MEASURED_S) -> Iterator[Figure]:
    """So many viewers of one relay on one core."""
    with pinned() as prefix, tempfile.TemporaryDirectory(prefix="bench-") as folder:

        async def run() -> Row:
            async with relayed(Path(folder) / "relay", what, prefix) as fed:
                return await measure(fed, viewers, lasts_s)

        row = asyncio.run(run())
    told = f"{row.full:.1f} % of a core, the probe missed {row.missing}; all there after {row.took_s:.1f} s"
    yield Figure(f"{viewers} viewers, each second", row.full * 10, told=told)

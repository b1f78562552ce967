"""A crowd that comes at once, and how soon somebody who comes alone sees a picture."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

import aiohttp

from benchmarks.measuring import Figure
from benchmarks.streams.content import Content
from benchmarks.streams.fanout import pinned
from benchmarks.streams.peers import Viewer
from benchmarks.streams.relay import Relay, relay

LOOKS: Final = 9
SETTLES_S: Final = 0.5
PICTURE_WITHIN_S: Final = 10.0


def joins(what: Content, people: int, looks: int = LOOKS) -> Iterator[Figure]:
    """So many viewers ask at the same moment; then so many come one after the other."""
    with (
        pinned() as prefix,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        relay(Path(folder) / "relay", prefix) as found,
    ):
        yield from asyncio.run(_all(found, what, people, looks))


async def _all(found: Relay, what: Content, people: int, looks: int) -> list[Figure]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        await found.set_stage()
        publisher = await found.publish(http, what)
        await asyncio.sleep(SETTLES_S)
        figures = [await _crowd(found, http, people), await _first_pictures(found, http, looks)]
        await publisher.leave()
        return figures


async def _crowd(found: Relay, http: aiohttp.ClientSession, people: int) -> Figure:
    crowd = [Viewer() for _ in range(people)]
    for viewer in crowd:  # their own half of the work is done before, as it is on computers of their own
        await viewer.offer()
    used_s, begun = found.cpu_s(), time.perf_counter()
    await asyncio.gather(*(found.watch(http, viewer, number) for number, viewer in enumerate(crowd, start=1)))
    took_s, cpu_ms = time.perf_counter() - begun, (found.cpu_s() - used_s) * 1000 / people
    await asyncio.gather(*(one.leave() for one in crowd))
    told = f"all connected after {took_s:.2f} s; asked to come again: {found.refused}"
    return Figure(f"a join, {people} at once", cpu_ms, told=told)


async def _first_pictures(found: Relay, http: aiohttp.ClientSession, looks: int) -> Figure:
    """From the request to the last packet of a keyframe; the publisher makes one when it is asked."""
    took_ms: list[float] = []
    used_s = found.cpu_s()
    for number in range(looks):
        viewer = Viewer(is_probe=True)
        await viewer.offer()
        begun = time.perf_counter()
        await found.watch(http, viewer, 1000 + number)
        async with asyncio.timeout(PICTURE_WITHIN_S):
            while viewer.picture_at is None:
                await asyncio.sleep(0.005)
        took_ms.append((viewer.picture_at - begun) * 1000)
        await viewer.leave()
    told = f"half within {median(took_ms):.0f} ms, the slowest of {looks} after {max(took_ms):.0f} ms"
    return Figure("a first picture", (found.cpu_s() - used_s) * 1000 / looks, told=told)

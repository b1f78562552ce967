"""`python -m tests.soak.streaming [--seed N] [--minutes M] [--seats S]`: streams under people who come and go.

The media process must hold no more memory, files or threads in the end than when it had warmed up, log no error, and
never leave the one who stays without the program.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median

import aiohttp

from benchmarks.streams.content import content
from benchmarks.streams.relay import Relay, relay
from tests.soak.hall import PATIENCE_S, Hall, Resources, resources

GROWS_KIB = 6 * 1024
"""So much more memory may stand between the first third and the last: allocators keep what was once in use."""
MORE_FILES, MORE_THREADS = 4, 4
"""What may be open besides when everybody has left: lines that HTTP keeps for a while, threads that wait for work."""
ERROR = '"level": "ERROR"'


def main() -> int:
    """0 when everything held, 1 with what did not."""
    parser = argparse.ArgumentParser(prog="tests.soak.streaming", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--turns", type=int, default=3, help="at least so many")
    parser.add_argument("--seats", type=int, default=8)
    parser.add_argument("--small", action="store_true", help="180 lines instead of 720")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder,
        relay(Path(folder)) as found,
    ):
        wrongs = asyncio.run(_run(found, chosen))
        wrongs += [f"logged: {line[:400]}" for line in found.log() if ERROR in line]
    for wrong in wrongs:
        _say(f"WRONG {wrong}")
    return 1 if wrongs else 0


async def _run(found: Relay, chosen: argparse.Namespace) -> list[str]:
    """What was wrong."""
    what = content(320, 180, 200_000, 2) if chosen.small else content()
    samples: list[Resources] = []
    begun = time.monotonic()
    empty = resources(found.server.pid)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True), cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as http:
        hall = Hall(found, http, what, Random(chosen.seed), chosen.seats)
        await hall.open()
        while len(samples) < chosen.turns or time.monotonic() - begun < chosen.minutes * 60:
            await hall.turn()
            samples.append(resources(found.server.pid))
            _say(f"turn {len(samples):4} {time.monotonic() - begun:7.0f} s {hall.came:6} came {_told(samples[-1])}")
        await hall.close()
        left = await _when_left(found, empty)
    _say(f"{hall.came} viewers came, {hall.read >> 10} KiB read by HLS; when all had left: {_told(left)}")
    return _wrongs(samples, empty, left, is_long=chosen.minutes > 0)


async def _when_left(found: Relay, empty: Resources) -> Resources:
    """What is held when what belonged to people is given back, or should have been."""
    left = resources(found.server.pid)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while left.files > empty.files + MORE_FILES:
                await asyncio.sleep(0.1)
                left = resources(found.server.pid)
    return left


def _wrongs(samples: list[Resources], empty: Resources, left: Resources, *, is_long: bool) -> list[str]:
    found = []
    if left.files > empty.files + MORE_FILES:
        found.append(f"{left.files - empty.files} files more are open than at the beginning")
    if left.threads > samples[0].threads + MORE_THREADS:
        found.append(f"{left.threads} threads run, {samples[0].threads} after the first turn")
    third = len(samples) // 3
    if is_long and third:
        first, last = (median(one.kib for one in part) for part in (samples[third : 2 * third], samples[-third:]))
        _say(f"memory in the middle {first / 1024:.1f} MiB, in the end {last / 1024:.1f} MiB")
        if last - first > GROWS_KIB:
            found.append(f"memory grew by {(last - first) / 1024:.1f} MiB")
    return found


def _told(one: Resources) -> str:
    return f"{one.kib / 1024:7.1f} MiB {one.files:5} files {one.threads:3} threads"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

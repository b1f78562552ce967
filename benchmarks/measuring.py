"""CPU time of a piece of work against that of a floor, both measured in turns in one run."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. cpu_ms: median of the rounds, or of a request. ratio: to the floor, which is named.

    told: what else there is to say, where there is no floor.
    """

    what: str
    cpu_ms: float
    ratio: float | None = None
    floor: str = ""
    told: str = ""


def against(what: str, work: Callable[[], object], floor: tuple[str, Callable[[], object]], rounds: int) -> Figure:
    """The work and its floor, `rounds` times in turns: another load on the machine slows both."""
    name, least = floor
    pairs = [(_cpu_s(work), _cpu_s(least)) for _ in range(rounds)]
    mine, theirs = (median(column) for column in zip(*pairs, strict=True))
    return Figure(what, mine * 1000, mine / theirs, name)


def _cpu_s(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started

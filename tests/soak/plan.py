"""Which faults strike, and after how many answers: from the seed alone."""

from dataclasses import dataclass
from typing import Final

from question_bank.rng import SeededRandom

ON_BOTH: Final = (
    "site_killed",
    "web_killed",
    "web_worker_killed",
    "connections_cut",
    "answers_swallowed",
    "disk_full",
    "clock_stepped",
)
KINDS: Final = {
    "sqlite": ON_BOTH,
    "postgresql": (*ON_BOTH, "worker_killed", "database_killed", "backend_killed", "database_cut"),
}
A_ROUND: Final = 12
"""Faults that one room of candidates lives through."""
STEPS_S: Final = (-900, -120, -7, 15, 90, 400, 900)


@dataclass(frozen=True, slots=True)
class Fault:
    """kind: one of KINDS. after: acknowledged answers since the last fault was mended. step_s: of the clock."""

    kind: str
    after: int
    step_s: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.step_s:+d} s" if self.step_s else self.kind


def plan(seed: int, count: int, database: str) -> list[Fault]:
    """So many faults: each kind once in random order, then each once more, and so on."""
    random = SeededRandom(f"faults/{seed}/{database}")
    found: list[Fault] = []
    while len(found) < count:
        found += [_fault(random, kind) for kind in random.shuffled(KINDS[database])]
    return found[:count]


def _fault(random: SeededRandom, kind: str) -> Fault:
    step_s = STEPS_S[random.below(len(STEPS_S))] if kind == "clock_stepped" else 0
    return Fault(kind, 5 + random.below(60), step_s)


def rounds(faults: list[Fault]) -> list[list[Fault]]:
    """The faults, by the room that they strike."""
    return [faults[start : start + A_ROUND] for start in range(0, len(faults), A_ROUND)]

"""What a rehearsal counts: how long each step took, what was stored, what failed; and the report of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

STEPS: Final = ("sign_in", "entry", "start", "page", "save", "hand_in")
"""What a candidate does, in order. Each lasts from the click until the page that follows is there."""


@dataclass(slots=True)
class Tally:
    """Counts of one run. took: seconds by step. slowest_s: of a single request. reached: candidates by how far.

    unread: answers that could not be read back. told_to_wait: how often the site asked to come again in a while.
    """

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: "Counter[str]" = field(default_factory=Counter)
    reached: "Counter[str]" = field(default_factory=Counter)
    saves: int = 0
    lost: int = 0
    unread: int = 0
    told_to_wait: int = 0
    requests: int = 0
    slowest_s: float = 0.0

    def note(self, step: str, took_s: float) -> None:
        """A step was done."""
        self.took[step].append(took_s)

    def fail(self, step: str, why: str) -> None:
        """A request of that step had no good answer; the candidate tries again."""
        self.faults[f"{step}: {why}"] += 1

    @property
    def errors(self) -> int:
        """How many requests had no good answer."""
        return self.faults.total()


def percentile(values: list[float], percent: int) -> float:
    """The smallest of the sorted values that `percent` of them do not exceed."""
    return values[max(0, -(-len(values) * percent // 100) - 1)]


def report_of(tally: Tally, candidates: int) -> dict[str, object]:
    """What was measured, ready for JSON; times in ms."""
    return {
        "candidates": candidates,
        "starts": tally.reached["started"],
        "saves": tally.saves,
        "errors": tally.errors,
        "lost": tally.lost,
        "handed_in": tally.reached["handed_in"],
        "unread": tally.unread,
        "told_to_wait": tally.told_to_wait,
        "requests": tally.requests,
        "slowest": round(tally.slowest_s * 1000, 1),
        "steps": {step: _in_ms(sorted(tally.took[step])) for step in STEPS},
        "faults": dict(tally.faults.most_common(20)),
    }


def _in_ms(values: list[float]) -> dict[str, object]:
    if not values:
        return {"count": 0, "p50": None, "p95": None, "p99": None, "max": None}
    shown = {f"p{percent}": round(percentile(values, percent) * 1000, 1) for percent in (50, 95, 99)}
    return {"count": len(values), **shown, "max": round(values[-1] * 1000, 1)}

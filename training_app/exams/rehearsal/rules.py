"""What a rehearsal may be, which answers are the same, what its report says of the machine. Pure decisions."""

from collections.abc import Mapping
from typing import Any, Final

MOST_CANDIDATES: Final = 20_000
MOST_MINUTES: Final = 180
MOST_CANDIDATES_ON_PAGE: Final = 5_000

QUICK_SAVE_MS: Final = 100
LONGEST_WAIT_MS: Final = 3_000
TOLERATED: Final = 0.001
"""The share of requests that may fail and be repeated without anybody noticing much."""


def username_of(series: str, number: int) -> str:
    """The sign-in name of a simulated candidate, from number 0 on."""
    return f"rehearsal-{series}-{number + 1:05d}"


def is_same_answer(one: object, other: object) -> bool:
    """Whether two answers are the same; the site brings chosen options into its own order."""
    if one == other:
        return True
    return isinstance(one, list) and isinstance(other, list) and len(one) == len(other) and set(one) == set(other)


def verdict_of(report: Mapping[str, Any]) -> str:
    """What the report says of the machine: "lost", "not_all", "faulty", "slow" or "holds"."""
    if report["lost"]:
        return "lost"
    if min(report["starts"], report["handed_in"]) < report["candidates"]:
        return "not_all"
    if report["errors"] > TOLERATED * report["requests"] or report["unread"]:
        return "faulty"
    steps = report["steps"]
    waits = [steps[step]["p99"] or 0 for step in ("entry", "start", "page", "hand_in")]
    is_slow = (steps["save"]["p95"] or 0) > QUICK_SAVE_MS or max(waits) > LONGEST_WAIT_MS
    return "slow" if is_slow else "holds"

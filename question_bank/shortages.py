"""What lacks when no form meets a blueprint: cells that hold too few items, else demands that cannot go together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from question_bank.demands import Demand
from question_bank.drawing import Problem
from question_bank.errors import Shortage
from question_bank.rng import SeededRandom
from question_bank.texts import Text
from question_bank.whole_search import Undecided, solve

# The conflict is found by many small searches; each may take fewer steps than the one for a form.
_ATTEMPTS: Final = (300, 3000)


def shortages_of(problem: Problem) -> tuple[Shortage, ...]:
    """What lacks in a problem that has no solution, in the order of the demands; never empty."""
    alone = tuple(
        _lacking(demand, most)
        for demand, weights in zip(problem.demands, problem.weights, strict=True)
        if (most := _most(problem, weights)) < (demand.lower or 0)
    )
    return alone or _together(problem)


def _most(problem: Problem, weights: Sequence[int]) -> int:
    """The greatest sum the pool could give if nothing else were demanded."""
    return sum(max(weight, 0) * len(units) for weight, units in zip(weights, problem.classes, strict=True))


def _lacking(demand: Demand, found: int) -> Shortage:
    wanted = demand.lower or 0
    said = Text(
        f"{demand.title.zh}：需要{wanted}，题库中可用{found}。",
        f"{demand.title.en}: {wanted} wanted, {found} can be drawn.",
    )
    return Shortage(demand.title.en, wanted, found, said)


def _together(problem: Problem) -> tuple[Shortage, ...]:
    """The demands of a smallest set that cannot be met together."""
    kept = list(range(len(problem.demands)))
    for number in reversed(range(1, len(problem.demands))):
        without = [other for other in kept if other != number]
        if not _can_hold(problem, without, with_enemies=True):
            kept = without
    with_enemies = _can_hold(problem, kept, with_enemies=False)
    found = [_in_conflict(problem, kept, number, with_enemies) for number in kept if number > 0 or len(kept) == 1]
    return (*found, *([_ENEMIES] if with_enemies else []))


def _can_hold(problem: Problem, demands: Sequence[int], with_enemies: bool, instead: Demand | None = None) -> bool:
    """Whether these demands have a form. instead: stands for the first of them, with other bounds."""
    first, rest = demands[:1], demands[1:]
    limits = problem.limits(rest if instead else demands, with_enemies)
    if instead:
        limits += problem.limits_of(first[0], instead)
    try:
        return solve(problem.sizes, limits, SeededRandom("shortages"), _ATTEMPTS) is not None
    except Undecided:
        return False


def _in_conflict(problem: Problem, kept: Sequence[int], number: int, with_enemies: bool) -> Shortage:
    """How far the other demands of the conflict let this one be met."""
    demand = problem.demands[number]
    others = [other for other in kept if other != number]
    if not demand.counted:
        said = Text(f"{demand.title.zh}：与其他要求不能同时满足。", f"{demand.title.en}: not together with the others.")
        return Shortage(demand.title.en, 0, 0, said, together=True)
    lower, upper = demand.lower or 0, demand.upper
    for less in range(lower - 1, -1, -1):
        if _can_hold(problem, [number, *others], with_enemies, replace(demand, lower=less or None)):
            return _held_back(demand.title, lower, less)
    for more in range(upper + 1, problem.items + 1) if upper is not None else ():
        if _can_hold(problem, [number, *others], with_enemies, replace(demand, upper=more)):
            return _forced_up(demand.title, upper or 0, more)
    return _held_back(demand.title, lower, 0)


def _held_back(title: Text, wanted: int, found: int) -> Shortage:
    said = Text(
        f"{title.zh}：需要{wanted}，与其他要求同时满足时最多{found}。",
        f"{title.en}: {wanted} wanted, at most {found} together with the other demands.",
    )
    return Shortage(title.en, wanted, found, said, together=True)


def _forced_up(title: Text, wanted: int, found: int) -> Shortage:
    said = Text(
        f"{title.zh}：最多允许{wanted}，与其他要求同时满足时至少{found}。",
        f"{title.en}: at most {wanted} allowed, at least {found} together with the other demands.",
    )
    return Shortage(title.en, wanted, found, said, together=True)


_ENEMIES: Final = Shortage(
    "enemy items",
    0,
    0,
    Text("互斥题不能同卷。", "Enemy items cannot stand on one form."),
    together=True,
)

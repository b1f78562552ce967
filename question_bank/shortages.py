"""What lacks when no form meets a blueprint: cells that hold too few items, else demands that cannot go together."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from question_bank.demands import Demand
from question_bank.drawing import Problem
from question_bank.errors import Shortage
from question_bank.rng import SeededRandom
from question_bank.texts import Text
from question_bank.whole_search import Undecided, solve

# The conflict is found by many small searches. Each may take this many steps, and all together not many times more.
_ATTEMPTS: Final = (10_000, 20_000)
_UNDECIDED_AT_MOST: Final = 3
_NAMED_AT_MOST: Final = 6

_ENEMIES: Final = Shortage(
    "enemy items", 0, 0, Text("互斥题不能同卷。", "Enemy items cannot stand on one form."), together=True
)


def shortages_of(problem: Problem) -> tuple[Shortage, ...]:
    """What lacks in a problem that has no solution, in the order of the demands; never empty."""
    return plain_shortages(problem) or _Conflict(problem).shortages()


def plain_shortages(problem: Problem) -> tuple[Shortage, ...]:
    """The demands that the pool could not meet if nothing else were demanded: told without any search."""
    return tuple(
        _lacking(demand, most)
        for demand, weights in zip(problem.demands, problem.weights, strict=True)
        if (most := _most(problem, weights)) < (demand.lower or 0)
    )


def _most(problem: Problem, weights: Sequence[int]) -> int:
    """The greatest sum the pool could give if nothing else were demanded."""
    return sum(max(weight, 0) * len(units) for weight, units in zip(weights, problem.classes, strict=True))


def _lacking(demand: Demand, found: int) -> Shortage:
    wanted = demand.lower or 0
    said = Text(
        f"{demand.title.zh}：需要{wanted}，题库中可用{found}。",
        f"{demand.title.en}: {wanted} wanted, {found} can be drawn.",
    )
    return Shortage(demand.title.en, wanted, found if demand.counted else 0, said)


def tightest(problem: Problem) -> tuple[Shortage, ...]:
    """The demands that leave least to choose from: where to add items when no conflict could be made out."""
    scarce = sorted(
        (Fraction(_most(problem, weights), demand.lower), number)
        for number, (demand, weights) in enumerate(zip(problem.demands, problem.weights, strict=True))
        if demand.counted and demand.lower
    )
    return tuple(_tight(problem, number) for _, number in scarce[:_NAMED_AT_MOST])


def _tight(problem: Problem, number: int) -> Shortage:
    demand, most = problem.demands[number], _most(problem, problem.weights[number])
    wanted = demand.lower or 0
    said = Text(
        f"{demand.title.zh}：需要{wanted}，题库中可用仅{most}；与其他要求一起未能组成试卷。",
        f"{demand.title.en}: {wanted} wanted of only {most} that can be drawn; no form was found with the rest.",
    )
    return Shortage(demand.title.en, wanted, most, said, together=True)


class _Conflict:
    """A set of demands that no form meets together, as small as the steps allow.

    A demand is left out only when the rest is proved to have no form either, so that none that matters gets lost.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._undecided = 0
        self._enemies = True
        self._kept = list(range(len(problem.demands)))

    def shortages(self) -> tuple[Shortage, ...]:
        for number in range(len(self._kept) - 1, 0, -1):
            without = [other for other in self._kept if other != number]
            if self._has_form(without) is False:
                self._kept = without
        if self._problem.enemies:
            self._enemies = False
            self._enemies = self._has_form(self._kept) is not False
        else:
            self._enemies = False
        # The number of items in all is part of every conflict; it is named when nothing else is.
        named = self._kept[1:] or self._kept
        if self._undecided and len(named) > _NAMED_AT_MOST:
            return tightest(self._problem)
        return (*map(self._shortage, named), *([_ENEMIES] if self._enemies else []))

    def _has_form(self, numbers: Sequence[int], instead: tuple[int, Demand] | None = None) -> bool | None:
        """Whether these demands, and one with other bounds, have a form; None when the steps do not suffice to tell."""
        if self._undecided >= _UNDECIDED_AT_MOST:
            return None
        limits = self._problem.limits(numbers, self._enemies)
        if instead is not None:
            limits += self._problem.limits_of(*instead)
        try:
            return solve(self._problem.sizes, limits, SeededRandom("shortages"), _ATTEMPTS) is not None
        except Undecided:
            self._undecided += 1
            return None

    def _shortage(self, number: int) -> Shortage:
        """How far the other demands of the conflict let this one be met."""
        demand = self._problem.demands[number]
        others = [other for other in self._kept if other != number]
        lower, upper = demand.lower or 0, demand.upper
        eased = [replace(demand, lower=less or None) for less in range(lower - 1, -1, -1)]
        if upper is not None:
            eased += [replace(demand, upper=more) for more in range(upper + 1, self._problem.items + 1)]
        for easier in eased if demand.counted else ():
            holds = self._has_form(others, (number, easier))
            if holds is None:
                break
            if holds:
                return _eased(demand, easier)
        said = Text(
            f"{demand.title.zh}：不能与其他要求同时满足。", f"{demand.title.en}: not together with the other demands."
        )
        return Shortage(demand.title.en, lower, 0, said, together=True)


def _eased(demand: Demand, easier: Demand) -> Shortage:
    """The shortage of a demand that, together with the others, could be met only as `easier` says."""
    title = demand.title
    if easier.lower != demand.lower:
        wanted, found = demand.lower or 0, easier.lower or 0
        said = Text(
            f"{title.zh}：需要{wanted}，与其他要求同时满足时最多{found}。",
            f"{title.en}: {wanted} wanted, at most {found} together with the other demands.",
        )
    else:
        wanted, found = demand.upper or 0, easier.upper or 0
        said = Text(
            f"{title.zh}：最多允许{wanted}，与其他要求同时满足时至少{found}。",
            f"{title.en}: at most {wanted} allowed, at least {found} together with the other demands.",
        )
    return Shortage(title.en, wanted, found, said, together=True)

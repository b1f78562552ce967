"""Whole numbers within linear limits: an exact, seeded backtracking search.

Each variable says how many of a class of like things are taken, 0 to its size. The search takes one more thing of a
class, or none any more, and after each step narrows what every limit still allows; so it is complete: given enough
steps it finds a solution or proves that there is none. Which solution it finds depends on the seed alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from question_bank.rng import SeededRandom

# Steps of each attempt, a step being one look at one limit. A wrong early choice costs less by starting again than by
# searching everything below it.
ATTEMPTS: Final = (20_000, 20_000, 40_000, 80_000)


@dataclass(frozen=True, slots=True)
class Limit:
    """lower ≤ Σ weight · variable ≤ upper. weights: variable -> whole number other than 0; None: no bound."""

    weights: Mapping[int, int]
    lower: int | None
    upper: int | None


class Undecided(Exception):
    """Neither a solution nor a proof that there is none was found within the steps allowed."""


def solve(
    sizes: Sequence[int],
    limits: Sequence[Limit],
    random: SeededRandom,
    attempts: Sequence[int] = ATTEMPTS,
) -> list[int] | None:
    """How many of each class to take so that all limits hold; None when nothing does.

    Raises Undecided when all attempts end before an answer.
    """
    for steps in attempts:
        search = _Search(sizes, limits, random)
        try:
            return search.run(steps)
        except _OutOfSteps:
            continue
    raise Undecided


class _OutOfSteps(Exception):
    pass


@dataclass(slots=True)
class _Sum:
    """A limit at work: the least and most it may still come to, and what has been taken so far.

    order: variable, weight and how far it can move the sum; those that move it furthest first.
    """

    lower: int | None
    upper: int | None
    order: list[tuple[int, int, int]]
    least: int
    most: int
    taken: int = 0

    def gap(self) -> int | None:
        """How far the limit still is from being out of reach; None when what is taken already meets it."""
        if self.lower is not None and self.taken < self.lower:
            return self.most - self.lower
        if self.upper is not None and self.taken > self.upper:
            return self.upper - self.least
        return None

    def steers(self) -> bool:
        """Whether taking nothing more can fail it, so that it has a say in what to take."""
        return self.lower is not None or (self.upper is not None and any(weight < 0 for _, weight, _ in self.order))


class _Search:
    def __init__(self, sizes: Sequence[int], limits: Sequence[Limit], random: SeededRandom) -> None:
        self._low = [0] * len(sizes)
        self._high = list(sizes)
        self._random = random
        self._sums = [self._sum(limit, sizes) for limit in limits]
        self._limits_of: list[list[tuple[int, int]]] = [[] for _ in sizes]
        for number, total in enumerate(self._sums):
            for variable, weight, _ in total.order:
                self._limits_of[variable].append((number, weight))
        self._steps = 0
        self._trail: list[tuple[int, int, bool]] = []
        self._queue = dict.fromkeys(range(len(limits)))
        self._steering = [number for number, total in enumerate(self._sums) if total.steers()]

    @staticmethod
    def _sum(limit: Limit, sizes: Sequence[int]) -> _Sum:
        order = [(variable, weight, abs(weight) * sizes[variable]) for variable, weight in limit.weights.items()]
        order.sort(key=lambda entry: (-entry[2], entry[0]))
        moves = [weight * sizes[variable] for variable, weight in limit.weights.items()]
        return _Sum(limit.lower, limit.upper, order, sum(m for m in moves if m < 0), sum(m for m in moves if m > 0))

    def run(self, steps: int) -> list[int] | None:
        """The solution found; None when everything was tried. Raises _OutOfSteps."""
        self._steps = steps
        decisions: list[tuple[int, int]] = []
        sound = self._narrow()
        while True:
            if sound:
                variable = self._choose()
                if variable is None:
                    return self._low
                decisions.append((len(self._trail), variable))
                sound = self._set_low(variable, self._low[variable] + 1) and self._narrow()
            elif decisions:
                length, variable = decisions.pop()
                self._undo(length)
                sound = self._set_high(variable, self._low[variable]) and self._narrow()
            else:
                return None

    def _choose(self) -> int | None:
        """A class to take one more of, for the tightest limit not yet met, else any; None when all is settled."""
        unmet = [(gap, number) for number in self._steering if (gap := self._sums[number].gap()) is not None]
        for _, number in sorted(unmet):
            if found := self._towards(self._sums[number]):
                return self._weighted(found)
        rest = [(v, high - low) for v, (low, high) in enumerate(zip(self._low, self._high, strict=True)) if high > low]
        return self._weighted(rest) if rest else None

    def _towards(self, total: _Sum) -> list[tuple[int, int]]:
        """Classes that bring the sum nearer to its bound, each with how many may still be taken of it."""
        sign = 1 if total.lower is not None and total.taken < total.lower else -1
        return [
            (variable, self._high[variable] - self._low[variable])
            for variable, weight, _ in total.order
            if weight * sign > 0 and self._high[variable] > self._low[variable]
        ]

    def _weighted(self, entries: list[tuple[int, int]]) -> int:
        at = self._random.below(sum(count for _, count in entries))
        for variable, count in entries:
            at -= count
            if at < 0:
                return variable
        raise AssertionError("below() keeps its limit")

    def _set_low(self, variable: int, value: int) -> bool:
        if value > self._high[variable]:
            return False
        change = value - self._low[variable]
        self._trail.append((variable, self._low[variable], True))
        self._low[variable] = value
        for number, weight in self._limits_of[variable]:
            total = self._sums[number]
            total.taken += weight * change
            if weight > 0:
                total.least += weight * change
            else:
                total.most += weight * change
            self._queue[number] = None
        return True

    def _set_high(self, variable: int, value: int) -> bool:
        if value < self._low[variable]:
            return False
        change = value - self._high[variable]
        self._trail.append((variable, self._high[variable], False))
        self._high[variable] = value
        for number, weight in self._limits_of[variable]:
            if weight > 0:
                self._sums[number].most += weight * change
            else:
                self._sums[number].least += weight * change
            self._queue[number] = None
        return True

    def _undo(self, length: int) -> None:
        while len(self._trail) > length:
            variable, value, is_low = self._trail.pop()
            bounds = self._low if is_low else self._high
            change = value - bounds[variable]
            bounds[variable] = value
            for number, weight in self._limits_of[variable]:
                total = self._sums[number]
                if is_low:
                    total.taken += weight * change
                if (weight > 0) == is_low:
                    total.least += weight * change
                else:
                    total.most += weight * change
        self._queue.clear()

    def _narrow(self) -> bool:
        """Whether all limits can still hold; narrows the variables to what each limit by itself allows."""
        while self._queue:
            number = next(iter(self._queue))
            del self._queue[number]
            self._steps -= 1
            if self._steps < 0:
                raise _OutOfSteps
            total = self._sums[number]
            if not (self._narrow_above(total) and self._narrow_below(total)):
                return False
        return True

    def _narrow_above(self, total: _Sum) -> bool:
        if total.upper is None:
            return True
        for variable, weight, furthest in total.order:
            room = total.upper - total.least
            if room < 0:
                return False
            if furthest <= room:
                return True
            if not self._keep_within(variable, weight, room):
                return False
        return total.least <= total.upper

    def _narrow_below(self, total: _Sum) -> bool:
        if total.lower is None:
            return True
        for variable, weight, furthest in total.order:
            room = total.most - total.lower
            if room < 0:
                return False
            if furthest <= room:
                return True
            if not self._keep_within(variable, -weight, room):
                return False
        return total.most >= total.lower

    def _keep_within(self, variable: int, weight: int, room: int) -> bool:
        """Narrows one variable so that, with all others at their cheapest, it spends at most `room`."""
        low, high = self._low[variable], self._high[variable]
        reach = room // abs(weight)
        if high - low <= reach:
            return True
        return self._set_high(variable, low + reach) if weight > 0 else self._set_low(variable, high - reach)

"""Forms that share nothing but anchors, and are alike in all that is counted.

How many units of each class a form takes is sought first, units of a class counting the same for everything that the
blueprint demands; later forms repeat the counts of the first, kind by kind and cell by cell. Then units are dealt and
exchanged within their class until predicted mean and spread agree.
"""

from collections.abc import Sequence

from question_bank.demands import Unit
from question_bank.drawing import problem_of
from question_bank.levelling import Slots, levelled
from question_bank.rng import SeededRandom
from question_bank.share_bounds import sparse
from question_bank.whole_search import Limit, Undecided, solve
from question_bank.wishes import Found, Task, shapes

ROUNDS = 3
"""How often forms are sought: where enemies are so many that they meet again and again, more rounds do not help."""


def disjoint(task: Task, random: SeededRandom) -> Found | None:
    """Forms that share nothing but anchors, alike in all that is counted, levelled; None when none were found."""
    strange = frozenset().union(*(ids for ids, _ in task.wishes.elsewhere))
    units = [unit for unit in task.units if strange.isdisjoint(item.id for item in unit)]
    for _ in range(ROUNDS):
        found = _Apart(task, units, random).forms()
        if found is not None:
            return found
    return None


class _Apart:
    """Forms that share nothing but anchors: how many of each class each takes, and how many are left."""

    def __init__(self, task: Task, units: Sequence[Unit], random: SeededRandom) -> None:
        self._task = task
        self._random = random
        counted = [demand for demand in task.demands if not demand.by_difficulty]
        self._problem = problem_of(units, [*counted, *shapes(units)], task.blueprint.items, enemies=False)
        self._lawful = self._problem.limits(range(len(counted)))
        self._left = [len(members) for members in self._problem.classes]
        self._anchors: list[list[Unit]] = [[] for _ in self._left]
        self._takes: list[list[int]] = []

    def forms(self) -> Found | None:
        """The units of each form, and the anchors; None when a form lacks units or they cannot be levelled."""
        for number in range(self._task.wishes.forms):
            counts = self._counts(self._task.wishes.forms - number)
            if counts is None or (number == 0 and not self._set_anchors(counts)):
                return None
            takes = [count - len(fixed) for count, fixed in zip(counts, self._anchors, strict=True)]
            self._left = [room - take for room, take in zip(self._left, takes, strict=True)]
            self._takes.append(takes)
        common = [unit for units in self._anchors for unit in units]
        task = self._task
        slots = Slots(self._pools(), self._takes, common, task.hostile, task.predicted)
        forms = levelled(slots, self._random, task.progress)
        return None if forms is None else (forms, common)

    def _counts(self, forms: int) -> list[int] | None:
        """How many of each class the next form takes, anchors among them: as the first form if that can be, else
        lawful; its fair share of each class if that will do. forms: how many are still to draw.
        """
        fixed = [len(units) for units in self._anchors]
        lawful = [*self._lawful, *(Limit({place: 1}, count, None) for place, count in enumerate(fixed) if count)]
        fair = [count // forms + more for count, more in zip(self._left, fixed, strict=True)]
        everything = [count + more for count, more in zip(self._left, fixed, strict=True)]
        alike = [*lawful, *self._as_first(fixed)]
        for limits, sizes in ((alike, fair), (alike, everything), (lawful, everything)):
            try:
                found = solve([min(size, self._problem.items) for size in sizes], limits, self._random)
            except Undecided:
                continue
            if found is not None:
                return found
        return None

    def _as_first(self, fixed: Sequence[int]) -> list[Limit]:
        if not self._takes:
            return []
        first = [count + more for count, more in zip(self._takes[0], fixed, strict=True)]
        lines = self._problem.weights
        sums = [sum(weight * count for weight, count in zip(line, first, strict=True)) for line in lines]
        return [Limit(sparse(line), total, total) for line, total in zip(lines, sums, strict=True)]

    def _set_anchors(self, counts: Sequence[int]) -> bool:
        """Whether there are single items for every form; they are spread evenly over the classes of a form."""
        candidates = [
            (place, unit)
            for place, (units, count) in enumerate(zip(self._problem.classes, counts, strict=True))
            for unit in [unit for unit in self._random.shuffled(units) if self._task.may_anchor(unit)][:count]
        ]
        wanted = self._task.wishes.anchors
        for number in range(min(wanted, len(candidates))):
            place, unit = candidates[number * len(candidates) // wanted]
            self._anchors[place].append(unit)
            self._left[place] -= 1
        return len(candidates) >= wanted

    def _pools(self) -> list[list[Unit]]:
        """By class the units that are no anchors, those with most room in front."""
        return [
            sorted(
                (unit for unit in self._random.shuffled(units) if unit not in fixed),
                key=lambda unit: -self._task.wishes.room(unit),
            )
            for units, fixed in zip(self._problem.classes, self._anchors, strict=True)
        ]

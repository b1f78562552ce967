"""Parallel forms: several forms of one blueprint that are as alike as the pool allows, and say how far they differ.

Forms that share nothing are sought first; where the pool is too small for that, forms that share what they may.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from question_bank.assembly import Drawing, form_of
from question_bank.blueprint import Blueprint, CriteriaTree, Reason
from question_bank.demands import Demand, demands_of
from question_bank.disjoint_forms import disjoint
from question_bank.drawing import Problem, Sieve, problem_of
from question_bank.errors import CannotAssemble, Shortage
from question_bank.form import AssembledForm
from question_bank.items import Bank
from question_bank.rng import SeededRandom
from question_bank.sharing_forms import one_by_one
from question_bank.shortages import plain_shortages, shortages_of, tightest
from question_bank.texts import Text
from question_bank.whole_search import Undecided, solve
from question_bank.wishes import Task, Wishes, hostile_in

__all__ = [
    "Difference",
    "ParallelForms",
    "Wishes",
    "assemble_parallel",
    "difference_of",
    "labels",
    "shortage_for",
    "spread_of",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """How far forms differ.

    means: least and most predicted points, in hundredths. spreads: least and most variance of the difficulties of their
    items by points, in percent squared. shared: the most items that two share beside anchors. same_cells: whether every
    counted line of their coverage sheets agrees.
    """

    means: tuple[int, int]
    spreads: tuple[int, int]
    shared: int
    same_cells: bool


@dataclass(frozen=True, slots=True)
class ParallelForms:
    """Forms of one blueprint in the order of their labels, the ids of their anchors, and how far they differ."""

    forms: tuple[AssembledForm, ...]
    anchors: frozenset[str]
    difference: Difference


def assemble_parallel(  # noqa: PLR0913 - what `assemble` takes, and the wishes
    blueprint: Blueprint,
    pool: Bank,
    seed: str,
    day: date,
    *,
    wishes: Wishes,
    criteria: CriteriaTree,
    demonstration: bool = False,
    confirmed: frozenset[str] = frozenset(),
    progress: Callable[[int, int], None] | None = None,
) -> ParallelForms:
    """Forms that each meet the blueprint and keep the wishes; the same seed gives the same forms on every Python.

    progress: told how many of how many steps are done. Raises CannotAssemble with the cells that lack items.
    """
    sieve = Sieve(blueprint, day, criteria, demonstration=demonstration, confirmed=confirmed)
    task, excluded = _task(sieve, (blueprint, pool), wishes, progress or _unheard)
    if lacking := plain_shortages(_together(task)):
        raise CannotAssemble(lacking, excluded)
    random = SeededRandom(f"{blueprint.id}\n{seed}\n{wishes.forms}")
    found = disjoint(task, random) or one_by_one(task, random)
    if found is None:
        shortages = _lacking(task)
        raise CannotAssemble(shortages or tightest(_together(task)), excluded, proved=bool(shortages))
    drawn, anchors = found
    drawing = Drawing(pool, sieve.rows_of, task.demands, random)
    forms = tuple(
        form_of(blueprint, f"{seed}/{label}", day, form, drawing=drawing)
        for label, form in zip(labels(wishes.forms), drawn, strict=True)
    )
    names = frozenset(item.id for unit in anchors for item in unit)
    task.progress(wishes.forms, wishes.forms)
    return ParallelForms(forms, names, difference_of(forms, names))


def shortage_for(
    blueprint: Blueprint,
    pool: Bank,
    day: date,
    *,
    wishes: Wishes,
    criteria: CriteriaTree,
    demonstration: bool = False,
    confirmed: frozenset[str] = frozenset(),
) -> CannotAssemble | None:
    """The cells that hold too few items for all forms together, without drawing one; None when none can be named.

    None proves nothing: enemies and what two forms may share are not looked at.
    """
    sieve = Sieve(blueprint, day, criteria, demonstration=demonstration, confirmed=confirmed)
    task, excluded = _task(sieve, (blueprint, pool), wishes, _unheard)
    shortages = _lacking(task)
    return CannotAssemble(shortages, excluded) if shortages else None


def _task(
    sieve: Sieve, drawn: tuple[Blueprint, Bank], wishes: Wishes, progress: Callable[[int, int], None]
) -> tuple[Task, tuple[tuple[Text, int], ...]]:
    """What is to be drawn from what, and why items of the pool cannot be drawn."""
    blueprint, pool = drawn
    drawable = sieve.units_of(pool)
    units = tuple(unit for unit in drawable if wishes.room(unit))
    worn = sum(len(unit) for unit in drawable) - sum(len(unit) for unit in units)
    excluded = (*sieve.excluded(), *([(Reason.EXPOSED.said, worn)] if worn else []))
    task = Task(blueprint, wishes, units, demands_of(blueprint, sieve.rows_of), hostile_in(units), progress)
    return task, excluded


def _unheard(_done: int, _total: int) -> None:
    pass


def labels(count: int) -> list[str]:
    """A, B, … of that many forms."""
    return [chr(ord("A") + number) for number in range(count)]


def difference_of(forms: Sequence[AssembledForm], anchors: frozenset[str]) -> Difference:
    """How far the forms differ."""
    means = [form.coverage.predicted for form in forms]
    spreads = [spread_of(form) for form in forms]
    ids = [frozenset(entry.item.id for entry in form.entries) - anchors for form in forms]
    lines = {tuple((line.title, line.drawn) for line in form.coverage.lines) for form in forms}
    shared = max((len(one & other) for one, other in combinations(ids, 2)), default=0)
    return Difference((min(means), max(means)), (min(spreads), max(spreads)), shared, len(lines) == 1)


def spread_of(form: AssembledForm) -> int:
    """Variance of the difficulties of its items by points, in percent squared."""
    points = form.points
    squares = sum(entry.points * entry.item.difficulty**2 for entry in form.entries)
    return (points * squares - form.coverage.predicted**2) // points**2


# what lacks


def _lacking(task: Task) -> tuple[Shortage, ...]:
    """The cells that are proved to hold too few items for all forms together; none when that cannot be proved."""
    problem = _together(task)
    try:
        if solve(problem.sizes, problem.limits(range(len(problem.demands))), SeededRandom("lacking")) is None:
            return shortages_of(problem)
    except Undecided:
        pass
    return ()


def _together(task: Task) -> Problem:
    """All forms as one: every demand so many times, every unit as often as it may stand on them."""
    wishes = task.wishes
    times = wishes.forms if wishes.overlap or wishes.anchors else 1
    demands = tuple(_times(demand, wishes.forms) for demand in task.demands)
    units = tuple(unit for unit in task.units for _ in range(min(times, wishes.room(unit))))
    return problem_of(units, demands, task.blueprint.items * wishes.forms, enemies=False)


def _times(demand: Demand, forms: int) -> Demand:
    return replace(
        demand,
        lower=None if demand.lower is None else demand.lower * forms,
        upper=None if demand.upper is None else demand.upper * forms,
    )

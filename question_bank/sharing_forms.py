"""Forms drawn one after another from a pool that is too small for disjoint ones: what two may share is bounded."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from question_bank.demands import Demand, Unit
from question_bank.drawing import Problem, problem_of
from question_bank.rng import SeededRandom
from question_bank.texts import Text
from question_bank.whole_search import Limit, Undecided, solve
from question_bank.wishes import ROUNDS, Found, Task, shapes


def one_by_one(task: Task, random: SeededRandom) -> Found | None:
    """The units of each form, and the anchors, found in one of several rounds; None when no round gave all forms.

    First rounds take nothing but forms that count the same in every cell; later ones what there is.
    """
    for number in range(2 * ROUNDS):
        first = _next_form(task, [], [], random)
        anchors = None if first is None else _anchors(task, first)
        if first is None or anchors is None:
            continue
        forms = [first]
        while len(forms) < task.wishes.forms:
            task.progress(len(forms), task.wishes.forms)
            form = _next_form(task, forms, anchors, random, alike=number < ROUNDS)
            if form is None:
                break
            forms.append(form)
        else:
            return forms, anchors
    return None


def _anchors(task: Task, first: Sequence[Unit]) -> list[Unit] | None:
    """Anchors chosen evenly from the first form; None when too few of its items may stand on every form."""
    wanted = task.wishes.anchors
    fit = [unit for unit in first if task.may_anchor(unit)]
    return [fit[place * len(fit) // wanted] for place in range(wanted)] if len(fit) >= wanted else None


def _next_form(
    task: Task,
    forms: Sequence[Sequence[Unit]],
    anchors: Sequence[Unit],
    random: SeededRandom,
    *,
    alike: bool = False,
) -> list[Unit] | None:
    """A form that shares with the earlier ones and with those of other bases no more than it may.

    alike: it must count the same as the first in every cell, and be spread nearly as far.
    """
    wishes = task.wishes
    used = [_ids(form) - _ids(anchors) for form in forms]
    shares = [*((ids, wishes.overlap) for ids in used), *wishes.elsewhere]
    fixed = _ids(anchors)
    left = [unit for unit in task.units if _stands_on(unit, forms) < wishes.room(unit) or unit[0].id in fixed]

    def apart(unit: Unit) -> tuple[bool, ...]:
        ids = {item.id for item in unit}
        return (bool(ids & fixed), *(not ids.isdisjoint(shared) for shared, _ in shares))

    for demands in [_same(task, forms[0])] if alike and forms else _narrower(task, forms):
        problem = problem_of(left, demands, task.blueprint.items, apart=apart)
        limits = problem.limits(range(len(demands))) + _sharing(problem, shares, fixed)
        try:
            counts = solve(problem.sizes, limits, random)
        except Undecided:
            continue
        if counts is not None:
            return [
                unit
                for units, count in zip(problem.classes, counts, strict=True)
                for unit in random.sample(units, count)
            ]
    return None


def _ids(units: Iterable[Unit]) -> frozenset[str]:
    return frozenset(item.id for unit in units for item in unit)


def _stands_on(unit: Unit, forms: Sequence[Sequence[Unit]]) -> int:
    return sum(unit in form for form in forms)


def _sharing(problem: Problem, shares: Sequence[tuple[frozenset[str], int]], fixed: frozenset[str]) -> list[Limit]:
    limits = []
    for ids, most in shares:
        weights = {
            place: count
            for place, units in enumerate(problem.classes)
            if (count := sum(item.id in ids for item in units[0]))
        }
        limits.append(Limit(weights, None, most))
    for place, units in enumerate(problem.classes):
        if units[0][0].id in fixed:
            limits.append(Limit({place: 1}, len(units), None))
    return limits


def _narrower(task: Task, forms: Sequence[Sequence[Unit]]) -> Iterable[tuple[Demand, ...]]:
    """The demands with the kinds and nearly the predicted share of the first form, then less of it, then plain."""
    if forms:
        target = _share(forms[0])
        same = [_fixed(demand, forms[0]) for demand in shapes(task.units)]
        yield (*task.demands, *same, *_near(target, 5))
        yield (*task.demands, *same, *_near(target, 20))
        yield (*task.demands, *_near(target, 20))
    yield task.demands


def _same(task: Task, first: Sequence[Unit]) -> tuple[Demand, ...]:
    """The demands with all that the first form counts, nearly its predicted share and nearly its spread."""
    counted = [demand for demand in task.demands if demand.counted and not demand.by_difficulty]
    fixed = [_fixed(demand, first) for demand in (*counted, *shapes(task.units))]
    target = _share(first)
    return (*task.demands, *fixed, *_near(target, 5), _spread(first, target // 10))


def _share(form: Sequence[Unit]) -> int:
    """The predicted share of its points, in tenths of a percent."""
    items = [item for unit in form for item in unit]
    return sum(item.points * item.difficulty for item in items) * 10 // sum(item.points for item in items)


def _spread(first: Sequence[Unit], centre: int) -> Demand:
    """Squares of how far difficulties lie from the centre, by points, as the first form has them within a tenth."""

    def squares(unit: Unit) -> int:
        return sum(item.points * (item.difficulty - centre) ** 2 for item in unit)

    total = sum(map(squares, first))
    said = Text("难度离散度相近", "a like spread of difficulties")
    return Demand(said, total * 9 // 10, total * 11 // 10, squares, counted=False)


def _fixed(demand: Demand, form: Sequence[Unit]) -> Demand:
    total = sum(map(demand.weigh, form))
    return replace(demand, lower=total, upper=total)


def _near(target: int, slack: int) -> list[Demand]:
    """A predicted share within `slack` tenths of a percent of `target`."""
    said = Text("预计得分率相近", "a like predicted share")

    def above(unit: Unit) -> int:
        return sum(item.points * (10 * item.difficulty - target + slack) for item in unit)

    def below(unit: Unit) -> int:
        return sum(item.points * (10 * item.difficulty - target - slack) for item in unit)

    return [Demand(said, 0, None, above, counted=False), Demand(said, None, 0, below, counted=False)]

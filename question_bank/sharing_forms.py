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
    """The units of each form, and the anchors, found in one of several rounds; None when no round gave all forms."""
    for _ in range(ROUNDS):
        first = _next_form(task, [], [], random)
        anchors = None if first is None else _anchors(task, first)
        if first is None or anchors is None:
            continue
        forms = [first]
        while len(forms) < task.wishes.forms:
            task.progress(len(forms), task.wishes.forms)
            form = _next_form(task, forms, anchors, random)
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
    task: Task, forms: Sequence[Sequence[Unit]], anchors: Sequence[Unit], random: SeededRandom
) -> list[Unit] | None:
    """A form that shares with the earlier ones and with those of other bases no more than it may."""
    wishes = task.wishes
    used = [_ids(form) - _ids(anchors) for form in forms]
    shares = [*((ids, wishes.overlap) for ids in used), *wishes.elsewhere]
    fixed = _ids(anchors)
    left = [unit for unit in task.units if _stands_on(unit, forms) < wishes.room(unit) or unit[0].id in fixed]

    def apart(unit: Unit) -> tuple[bool, ...]:
        ids = {item.id for item in unit}
        return (bool(ids & fixed), *(not ids.isdisjoint(shared) for shared, _ in shares))

    for demands in _narrower(task, forms):
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
    """The demands with all that the first form counts and nearly its predicted share, then less of it, then plain."""
    if forms:
        first = [item for unit in forms[0] for item in unit]
        target = sum(item.points * item.difficulty for item in first) * 10 // sum(item.points for item in first)
        same = [_fixed(demand, forms[0]) for demand in shapes(task.units)]
        cells = [_fixed(demand, forms[0]) for demand in task.demands if demand.counted and not demand.by_difficulty]
        yield (*task.demands, *cells, *same, *_near(target, 5))
        yield (*task.demands, *same, *_near(target, 5))
        yield (*task.demands, *same, *_near(target, 20))
        yield (*task.demands, *_near(target, 20))
    yield task.demands


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

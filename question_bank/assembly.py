"""A form that meets its blueprint, drawn by seed from a pool; the same seed gives the same form on every Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from question_bank.blueprint import Blueprint, CriteriaTree
from question_bank.coverage import coverage_of
from question_bank.demands import Demand, Unit, demands_of
from question_bank.drawing import Problem, Sieve, problem_of
from question_bank.errors import CannotAssemble
from question_bank.form import AssembledForm, FormEntry, form_to_json, hash_of_form
from question_bank.items import Bank, Case, Kind
from question_bank.rng import SeededRandom
from question_bank.shortages import shortages_of
from question_bank.shuffling import shown_orders
from question_bank.whole_search import Undecided, solve

__all__ = ["AssembledForm", "FormEntry", "assemble", "form_to_json"]


def assemble(
    blueprint: Blueprint,
    pool: Bank,
    seed: str,
    day: date,
    *,
    criteria: CriteriaTree,
    demonstration: bool = False,
    confirmed: frozenset[str] = frozenset(),
) -> AssembledForm:
    """A form of `pool` for `day` that keeps every demand of the blueprint, without enemies, cases whole.

    The order of the pool has no meaning. confirmed: ids of items that a named reviewer has confirmed in this version.
    Raises CannotAssemble, naming what lacks, when there is no such form.
    """
    sieve = Sieve(blueprint, day, criteria, demonstration=demonstration, confirmed=confirmed)
    units = sieve.units_of(pool)
    demands = demands_of(blueprint, sieve.rows_of)
    problem = problem_of(units, demands, blueprint.items)
    random = SeededRandom(f"{blueprint.id}\n{seed}")  # the id parts two blueprints that are drawn with one seed
    try:
        drawn = _drawn(problem, random)
    except Undecided:
        raise CannotAssemble(shortages_of(problem), sieve.excluded(), proved=False) from None
    if drawn is None:
        raise CannotAssemble(shortages_of(problem), sieve.excluded())
    return form_of(blueprint, seed, day, drawn, drawing=Drawing(pool, sieve.rows_of, demands, random))


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a form is drawn from and by: the pool, the rows of its items, the demands, the chance that orders it."""

    pool: Bank
    rows_of: Mapping[str, frozenset[str]]
    demands: Sequence[Demand]
    random: SeededRandom


def form_of(blueprint: Blueprint, seed: str, day: date, units: Sequence[Unit], *, drawing: Drawing) -> AssembledForm:
    """The form of these units, in the order in which papers are printed, with the sheet that proves it."""
    ordered = _in_order(units, drawing.random)
    entries = _entries(ordered, {case.id: case for case in drawing.pool.cases}, drawing.random)
    digest = hash_of_form(blueprint, seed, day, entries)
    sheet = coverage_of((blueprint, seed, day, digest), ordered, drawing.rows_of, drawing.demands)
    return AssembledForm(blueprint, seed, day, entries, sheet, digest)


def _drawn(problem: Problem, random: SeededRandom) -> list[Unit] | None:
    counts = solve(problem.sizes, problem.limits(range(len(problem.demands))), random)
    if counts is None:
        return None
    return [unit for units, count in zip(problem.classes, counts, strict=True) for unit in random.sample(units, count)]


def _in_order(units: Sequence[Unit], random: SeededRandom) -> list[Unit]:
    """Kind by kind as papers here are printed, cases last; within these by chance."""
    order = list(Kind)
    return sorted(
        random.shuffled(units),
        key=lambda unit: len(order) if unit[0].case is not None else order.index(unit[0].kind),
    )


def _entries(units: Sequence[Unit], cases: dict[str, Case], random: SeededRandom) -> tuple[FormEntry, ...]:
    items = [item for unit in units for item in unit]
    orders = shown_orders(items, random)
    return tuple(
        FormEntry(position, item, item.points, order, cases[item.case] if item.case else None)
        for position, (item, order) in enumerate(zip(items, orders, strict=True), 1)
    )

"""Units of a pool and the demands of a blueprint as a problem in whole numbers.

Items are drawn in units: an item by itself, or a case with all its items. Units that count the same in every demand and
have no enemies are alike: the search only finds how many of each class to take, chance takes which.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from question_bank.blueprint import Blueprint, CriteriaTree, Purpose, Reason, eligible
from question_bank.demands import Demand, Unit
from question_bank.items import Bank, Item
from question_bank.share_bounds import Share, bound_by_shares, outside_of, sparse
from question_bank.texts import Text
from question_bank.whole_search import Limit


class Sieve:
    """What of a pool may be drawn for one blueprint on one day, and how much of it could not, by reason."""

    def __init__(
        self,
        blueprint: Blueprint,
        day: date,
        criteria: CriteriaTree,
        *,
        demonstration: bool,
        confirmed: frozenset[str],
    ) -> None:
        self.rows_of: dict[str, frozenset[str]] = {}
        self._blueprint = blueprint
        self._day = day
        self._criteria = criteria
        self._demonstration = demonstration
        self._confirmed = confirmed
        self._sections: dict[str, str] = {}
        self._reasons: Counter[Reason] = Counter()

    def units_of(self, pool: Bank) -> tuple[Unit, ...]:
        """The units that may be drawn, in the order of their ids, so that the order of the pool has no meaning."""
        found: list[tuple[str, Unit]] = []
        for identity, unit in (
            *((item.id, (item,)) for item in pool.items),
            *((case.id, case.items) for case in pool.cases),
        ):
            reasons = [self._why_not(item) for item in unit]
            if any(reasons):
                self._reasons.update(reason or Reason.CASE for reason in reasons)
            elif unit:
                found.append((identity, unit))
        return tuple(unit for _, unit in sorted(found, key=lambda entry: entry[0]))

    def excluded(self) -> tuple[tuple[Text, int], ...]:
        """Why items could not be drawn, and how many for each reason, most first."""
        return tuple((reason.said, count) for reason, count in self._reasons.most_common())

    def _why_not(self, item: Item) -> Reason | None:
        reason = eligible(
            item,
            self._blueprint.purpose,
            self._day,
            demonstration=self._demonstration,
            confirmed=item.id in self._confirmed,
        )
        if reason is None and item.certainty not in self._blueprint.certainty:
            reason = Reason.CERTAINTY
        return reason or self._why_not_by_code(item)

    def _why_not_by_code(self, item: Item) -> Reason | None:
        try:
            sections = {self._section_of(code) for code in item.codes}
            reason = self._why_not_by_criteria(item)
        except KeyError:
            return Reason.UNKNOWN_CODE
        rows = frozenset(row.id for row in self._blueprint.rows if not sections.isdisjoint(row.sections))
        self.rows_of[item.id] = rows
        return reason if rows or reason else Reason.OUTSIDE

    def _section_of(self, code: str) -> str:
        if code not in self._sections:
            self._sections[code] = self._criteria.section_of(code)
        return self._sections[code]

    def _why_not_by_criteria(self, item: Item) -> Reason | None:
        """A criterion that closed after the item was written closes the item; comparisons live by their own dates."""
        if item.comparison or self._blueprint.purpose is Purpose.PRACTICE:
            return None
        first, last = self._criteria.interval(item.codes)
        if first is None:
            return Reason.START_UNKNOWN
        if last is not None and last < self._day:
            return Reason.CLOSED
        return Reason.NOT_YET if self._day < first else None


@dataclass(frozen=True, slots=True)
class Problem:
    """classes: units that are alike. weights: for each demand what one unit of each class adds. enemies: of classes."""

    classes: tuple[tuple[Unit, ...], ...]
    demands: tuple[Demand, ...]
    weights: tuple[tuple[int, ...], ...]
    enemies: tuple[tuple[int, int], ...]
    items: int

    @property
    def sizes(self) -> list[int]:
        """How many of each class there are to take."""
        return [min(len(units), self.items) for units in self.classes]

    def limits(self, demands: Sequence[int], with_enemies: bool = True) -> list[Limit]:
        """The demands of these numbers as limits of the search, with what follows from them and the number of items."""
        found = [limit for number in demands for limit in self.limits_of(number, self.demands[number])]
        families = self._families(demands)
        found += [outside_of(self._shares(members), self._total) for members in families.values()]
        for number in demands:
            for family, members in families.items():
                if is_shared_out(self.demands[number].family, family):
                    found += self._bounds(number, self._shares(members))
        if with_enemies:
            found += [Limit({one: 1, other: 1}, None, 1) for one, other in self.enemies]
        return found

    @property
    def _total(self) -> tuple[Sequence[int], int]:
        return self.weights[0], self.items

    def _families(self, demands: Sequence[int]) -> dict[str, list[int]]:
        families: dict[str, list[int]] = defaultdict(list)
        for number in demands:
            if number > 0 and self.demands[number].family:
                families[self.demands[number].family].append(number)
        return families

    def _shares(self, members: Sequence[int]) -> list[Share]:
        return [Share(self.weights[m], self.demands[m].lower or 0, self.demands[m].upper) for m in members]

    def _bounds(self, number: int, shares: Sequence[Share]) -> list[Limit]:
        """What a sum such as points, and the counts of a family such as kinds, say together but not each alone."""
        demand, weights = self.demands[number], self.weights[number]
        limits: list[Limit] = []
        if demand.lower is not None:
            limits.append(bound_by_shares(weights, demand.lower, shares, self._total))
        if demand.upper is not None:
            limits.append(bound_by_shares([-weight for weight in weights], -demand.upper, shares, self._total))
        return limits

    def limits_of(self, number: int, demand: Demand) -> list[Limit]:
        """A demand as one or two limits; `demand` may stand for the one with this number, with other bounds."""
        weights = self.weights[number]
        limits = [Limit(sparse(weights), demand.lower, demand.upper)]
        # Of a fixed number of items, those that a demand leaves over are bounded too: Σ(most·items − weight)·x is at
        # most most·total − lower. It says nothing new, but lets the search see much earlier that it has gone astray.
        counts = [len(units[0]) for units in self.classes]
        if demand.lower is not None and counts and number > 0:
            most = max(-(-weight // count) for weight, count in zip(weights, counts, strict=True))
            spare = [most * count - weight for weight, count in zip(weights, counts, strict=True)]
            limits.append(Limit(sparse(spare), None, most * self.items - demand.lower))
        if demand.upper is not None and counts and min(weights) < 0:
            least = min(weight // count for weight, count in zip(weights, counts, strict=True))
            excess = [weight - least * count for weight, count in zip(weights, counts, strict=True)]
            limits.append(Limit(sparse(excess), None, demand.upper - least * self.items))
        return limits


def is_shared_out(counted: str, family: str) -> bool:
    """Whether the counts of `family` say something of what a demand of family `counted` counts.

    They do of every sum that is no count, and of a margin when they are its cells.
    """
    return not counted or (counted != family and counted in family.split("×"))


def problem_of(
    units: Sequence[Unit],
    demands: Sequence[Demand],
    items: int,
    *,
    apart: Callable[[Unit], Hashable] = lambda unit: None,  # noqa: ARG005 - nothing more parts classes
    enemies: bool = True,
) -> Problem:
    """The problem of drawing `items` items in `units` so that `demands` hold; the first demand is that number.

    apart: what else must be equal for two units to be alike. enemies: whether they must not meet.
    """
    pairs = enemies_of(units) if enemies else []
    at_war = {number for pair in pairs for number in pair}
    classes: dict[Hashable, list[int]] = defaultdict(list)
    weights = [tuple(demand.weigh(unit) for demand in demands) for unit in units]
    for number, unit in enumerate(units):
        classes[weights[number], apart(unit), number if number in at_war else -1].append(number)
    class_of = {number: place for place, members in enumerate(classes.values()) for number in members}
    first = [weights[members[0]] for members in classes.values()]
    return Problem(
        classes=tuple(tuple(units[number] for number in members) for members in classes.values()),
        demands=tuple(demands),
        weights=tuple(tuple(line[place] for line in first) for place in range(len(demands))),
        enemies=tuple((class_of[one], class_of[other]) for one, other in pairs),
        items=items,
    )


def enemies_of(units: Sequence[Unit]) -> list[tuple[int, int]]:
    """Pairs of units, by number, that hold enemies of each other; named on one side is enough."""
    unit_of = {item.id: number for number, unit in enumerate(units) for item in unit}
    pairs = {
        (min(number, unit_of[other]), max(number, unit_of[other]))
        for number, unit in enumerate(units)
        for item in unit
        for other in (*item.enemies, *item.twins)
        if unit_of.get(other, number) != number
    }
    return sorted(pairs)

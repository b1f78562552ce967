"""What several forms of one blueprint may have in common, and the task of drawing them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from question_bank.blueprint import Blueprint
from question_bank.demands import Demand, Unit
from question_bank.drawing import enemies_of
from question_bank.texts import Text

ROUNDS = 5
"""How often forms are sought in one way, each time by other chance, before it is given up."""

Found = tuple[list[list[Unit]], list[Unit]]
"""The units of each form, and those that are anchors."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How many forms, and what they may have in common.

    anchors: items that stand on every form. overlap: items beside these that two forms may share. exposed: item id ->
    forms it stood on so far; cap: on how many it may stand in all. elsewhere: items of forms of other bases, and how
    many of each a form may share.
    """

    forms: int
    anchors: int = 0
    overlap: int = 0
    exposed: Mapping[str, int] = field(default_factory=dict)
    cap: int | None = None
    elsewhere: tuple[tuple[frozenset[str], int], ...] = ()

    def room(self, unit: Unit) -> int:
        """On how many of the forms the unit may stand."""
        if self.cap is None:
            return self.forms
        return max(0, min(self.forms, self.cap - max(self.exposed.get(item.id, 0) for item in unit)))


@dataclass(frozen=True, slots=True)
class Task:
    """Forms to draw: from these units, by these demands.

    hostile: item id -> ids that it must not meet. progress: told how many of how many steps are done.
    """

    blueprint: Blueprint
    wishes: Wishes
    units: tuple[Unit, ...]
    demands: tuple[Demand, ...]
    hostile: Mapping[str, frozenset[str]]
    progress: Callable[[int, int], None]

    @property
    def predicted(self) -> tuple[int | None, int | None]:
        """Percent of the points that a form must be predicted to earn, least and most."""
        wanted = self.blueprint.predicted
        return wanted.minimum or None, wanted.maximum

    def may_anchor(self, unit: Unit) -> bool:
        """Whether the unit may stand on every form: a single item without enemies that is not worn."""
        return len(unit) == 1 and unit[0].id not in self.hostile and self.wishes.room(unit) >= self.wishes.forms


def hostile_in(units: Sequence[Unit]) -> dict[str, frozenset[str]]:
    """Item id -> ids of the items that it must not meet."""
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in enemies_of(units):
        for item in units[one]:
            found[item.id].update(rival.id for rival in units[other])
        for item in units[other]:
            found[item.id].update(rival.id for rival in units[one])
    return {item: frozenset(rivals) for item, rivals in found.items()}


def shapes(units: Sequence[Unit]) -> list[Demand]:
    """How many items of each kind with so many points: free for the first form, the same for the others."""
    found = sorted({(str(item.kind), item.points) for unit in units for item in unit})
    return [Demand(Text(kind, kind), None, None, _of_shape(kind, points), family="shape") for kind, points in found]


def _of_shape(kind: str, points: int) -> Callable[[Unit], int]:
    return lambda unit: sum(str(item.kind) == kind and item.points == points for item in unit)

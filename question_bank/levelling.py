"""Units dealt to forms and exchanged until the forms are alike: predicted mean and spread agree, no enemies meet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from question_bank.demands import Unit
from question_bank.rng import SeededRandom

STEPS_PER_UNIT: Final = 60
MOST_STEPS: Final = 60_000
_MEAN_WEIGHS: Final = 100  # a spread is a sum of squares of percents, a mean of percents: this makes them comparable
_ENEMIES_WEIGH: Final = 10**15


@dataclass(frozen=True, slots=True)
class Slots:
    """What there is to deal.

    pools: for each class its units, those to be taken first in front. takes: for each form how many of each class.
    anchors: units that every form has beside these. hostile: item id -> ids it must not meet. predicted: least and most
    percent of a form's points; None is open.
    """

    pools: Sequence[Sequence[Unit]]
    takes: Sequence[Sequence[int]]
    anchors: Sequence[Unit]
    hostile: Mapping[str, frozenset[str]]
    predicted: tuple[int | None, int | None]


def levelled(slots: Slots, random: SeededRandom, progress: Callable[[int, int], None]) -> list[list[Unit]] | None:
    """The units of each form, anchors first; None when enemies still meet or a predicted share lies outside."""
    table = _Table(slots, random)
    forms = len(slots.takes)
    steps = min(MOST_STEPS, STEPS_PER_UNIT * sum(map(sum, slots.takes)))
    for step in range(steps):
        if step % 500 == 0:
            progress(step * forms // steps, forms)
            if table.is_level():
                break
        table.try_exchange()
    return table.forms() if table.is_lawful() else None


def _weight(unit: Unit) -> int:
    """Predicted points in hundredths."""
    return sum(item.points * item.difficulty for item in unit)


class _Table:
    def __init__(self, slots: Slots, random: SeededRandom) -> None:
        self._slots = slots
        self._random = random
        self._hands: list[list[list[Unit]]] = [[] for _ in slots.takes]
        self._spare: list[list[Unit]] = []
        for place, pool in enumerate(slots.pools):
            self._deal(pool, [takes[place] for takes in slots.takes])
        self._ids = [{item.id for unit in form for item in unit} for form in self.forms()]
        self._points = [sum(item.points for unit in form for item in unit) for form in self.forms()]
        self._mean = [sum(map(_weight, form)) for form in self.forms()]
        mean = self._target()
        self._centre = mean // max(1, self._points[0])
        self._spread = [sum(map(self._scatter, form)) for form in self.forms()]
        self._aim = (mean, sum(self._spread) // len(self._spread))
        # where an exchange can change anything: (form, class) once for each unit held
        self._seats = [
            (form, place)
            for form, takes in enumerate(slots.takes)
            for place, take in enumerate(takes)
            for _ in range(take)
            if len(slots.pools[place]) > take
        ]

    def _deal(self, pool: Sequence[Unit], takes: Sequence[int]) -> None:
        """To and fro by difficulty, so that forms begin nearly alike."""
        turns = [
            form
            for row in range(max(takes, default=0))
            for form in (range(len(takes)) if row % 2 == 0 else range(len(takes) - 1, -1, -1))
            if takes[form] > row
        ]
        hands: list[list[Unit]] = [[] for _ in takes]
        chosen = sorted(pool[: len(turns)], key=lambda unit: (_weight(unit), unit[0].id))
        for form, unit in zip(turns, chosen, strict=True):
            hands[form].append(unit)
        for hand, units in zip(self._hands, hands, strict=True):
            hand.append(units)
        self._spare.append(list(pool[len(turns) :]))

    def forms(self) -> list[list[Unit]]:
        return [[*self._slots.anchors, *(unit for units in hand for unit in units)] for hand in self._hands]

    def _target(self) -> int:
        """The mean that every form is to have: the average, brought well within the predicted share."""
        mean = sum(self._mean) // len(self._mean)
        least, most = self._slots.predicted
        inside = Fraction(1) if least is None or most is None else Fraction(most - least, 4)
        if least is not None:
            mean = max(mean, int((least + inside) * max(self._points)))
        return mean if most is None else min(mean, int((most - inside) * min(self._points)))

    def _scatter(self, unit: Unit) -> int:
        """Squares of how far the unit's difficulties lie from the mean, by points."""
        return sum(item.points * (item.difficulty - self._centre) ** 2 for item in unit)

    def is_level(self) -> bool:
        """Whether no enemies meet, means agree within 0.1 percent of the points and spreads within 2 percent."""
        mean, spread = self._aim
        near = all(abs(one - mean) * 10 <= points for one, points in zip(self._mean, self._points, strict=True))
        even = all(abs(one - spread) * 50 <= spread for one in self._spread)
        return near and even and not any(map(self._quarrels, self._ids))

    def is_lawful(self) -> bool:
        """Whether no enemies meet and every form is predicted as the blueprint wants it."""
        least, most = self._slots.predicted
        return not any(map(self._quarrels, self._ids)) and all(
            (least is None or mean >= least * points) and (most is None or mean <= most * points)
            for mean, points in zip(self._mean, self._points, strict=True)
        )

    def try_exchange(self) -> None:
        """One unit for another of its class, of another form or left over, when that makes nothing worse."""
        if not self._seats:
            return
        form, place = self._random.choice(self._seats)
        mine = self._hands[form][place]
        at, other = self._random.below(len(mine)), self._random.below(len(self._slots.pools[place]) - len(mine))
        for rival, hand in enumerate(self._hands):
            if rival == form:
                continue
            if other < len(hand[place]):
                self._try((form, mine, at), (rival, hand[place], other))
                return
            other -= len(hand[place])
        self._try((form, mine, at), (None, self._spare[place], other))

    def _try(self, one: tuple[int, list[Unit], int], two: tuple[int | None, list[Unit], int]) -> None:
        forms = [form for form in (one[0], two[0]) if form is not None]
        before = sum(map(self._cost, forms))
        self._swap(one, two)
        if sum(map(self._cost, forms)) > before:
            self._swap(one, two)

    def _swap(self, one: tuple[int, list[Unit], int], two: tuple[int | None, list[Unit], int]) -> None:
        (form, mine, at), (rival, theirs, there) = one, two
        given, taken = mine[at], theirs[there]
        mine[at], theirs[there] = taken, given
        self._count(form, given, taken)
        if rival is not None:
            self._count(rival, taken, given)

    def _count(self, form: int, gone: Unit, come: Unit) -> None:
        self._mean[form] += _weight(come) - _weight(gone)
        self._spread[form] += self._scatter(come) - self._scatter(gone)
        self._ids[form].difference_update(item.id for item in gone)
        self._ids[form].update(item.id for item in come)

    def _cost(self, form: int) -> int:
        mean, spread = self._aim
        apart = ((self._mean[form] - mean) * _MEAN_WEIGHS) ** 2 + (self._spread[form] - spread) ** 2
        return apart + _ENEMIES_WEIGH * self._quarrels(self._ids[form])

    def _quarrels(self, ids: set[str]) -> int:
        return sum(len(self._slots.hostile[one] & ids) for one in ids & self._slots.hostile.keys())

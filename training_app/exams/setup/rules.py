"""Parallel forms of a sitting: what is wished, and who gets which, so that neighbours never have the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from question_bank.rng import SeededRandom

MOST_FORMS: Final = 8
USUAL_DAYS: Final = 365

Place = tuple[int, int, int]
"""Where a seat stands: its room, its row, its place in the row."""


@dataclass(frozen=True, slots=True)
class FormWishes:
    """How many forms are drawn for a sitting and what they may have in common; the words are those of `Sitting`."""

    form_count: int = 1
    anchors: int = 0
    overlap: int = 0
    exposure_cap: int | None = None
    base_overlap: int | None = None
    exposure_days: int = USUAL_DAYS


ONE_FORM: Final = FormWishes()


@dataclass(frozen=True, slots=True)
class Seated:
    """Who sits where. seen: form -> how many of its items the person saw at earlier sittings. has: the form so far."""

    id: int
    at: Place
    seen: Mapping[int, int] = field(default_factory=dict)
    has: int | None = None


def deal(seated: Sequence[Seated], forms: Sequence[int], seed: str) -> dict[int, int]:
    """The form of everybody, by id: with two forms or more, nobody beside, in front or behind has the same one.

    Among the forms that this leaves, people get one of which they saw least, then the one they have, then one that
    nobody has diagonally, then the rarest. Who has no neighbours counts too. The same seed gives the same.
    """
    ranked = SeededRandom(f"forms/{seed}").shuffled(sorted(forms))
    table = _Table(seated, ranked)
    if len(ranked) == 2:  # then one seat decides for all that hang together with it
        for group in table.groups():
            table.give_in_turns(group)
    else:
        for one in table.in_rows():
            table.give(one)
    return table.given


def alike(given: Mapping[Place, int]) -> list[tuple[Place, Place]]:
    """Pairs of neighbouring seats whose people have the same form, each pair once."""
    return [
        (place, other)
        for place, form in sorted(given.items())
        for other in beside(place)
        if place < other and given.get(other) == form
    ]


def beside(place: Place) -> tuple[Place, ...]:
    """The seats beside, in front and behind."""
    room, row, number = place
    return ((room, row, number - 1), (room, row, number + 1), (room, row - 1, number), (room, row + 1, number))


def _diagonal(place: Place) -> tuple[Place, ...]:
    room, row, number = place
    return tuple((room, row + down, number + aside) for down in (-1, 1) for aside in (-1, 1))


class _Table:
    def __init__(self, seated: Sequence[Seated], ranked: Sequence[int]) -> None:
        self._by_place = {one.at: one for one in seated}
        self._ranked = ranked
        self._at: dict[Place, int] = {}
        self._count = dict.fromkeys(ranked, 0)
        self.given: dict[int, int] = {}

    def in_rows(self) -> Iterator[Seated]:
        """Everybody room by room, row by row: of whom two neighbours at most have a form already."""
        return (self._by_place[place] for place in sorted(self._by_place))

    def groups(self) -> Iterator[list[Seated]]:
        """People who hang together by sitting next to each other."""
        left = set(self._by_place)
        for first in sorted(self._by_place):
            if first not in left:
                continue
            left.discard(first)
            group = [first]
            for place in group:
                found = [other for other in beside(place) if other in left]
                left.difference_update(found)
                group.extend(found)
            yield [self._by_place[place] for place in group]

    def give(self, one: Seated) -> None:
        """The best form that no neighbour has."""
        taken = {self._at.get(place) for place in beside(one.at)}
        free = [form for form in self._ranked if form not in taken] or self._ranked
        self._set(one, min(free, key=lambda form: self._cost(one, form)))

    def give_in_turns(self, group: Sequence[Seated]) -> None:
        """Two forms like the colours of a chess board, begun with the better one."""
        first = sum(group[0].at)
        dealt = [
            [(one, forms[(sum(one.at) - first) % 2]) for one in group]
            for forms in (self._ranked, [*reversed(self._ranked)])
        ]
        best = min(
            dealt, key=lambda each: [sum(part) for part in zip(*(self._cost(*one) for one in each), strict=True)]
        )
        for one, form in best:
            self._set(one, form)

    def _cost(self, one: Seated, form: int) -> tuple[int, int, int, int]:
        near = sum(self._at.get(place) == form for place in _diagonal(one.at))
        return one.seen.get(form, 0), one.has is not None and one.has != form, near, self._count[form]

    def _set(self, one: Seated, form: int) -> None:
        self._at[one.at] = self.given[one.id] = form
        self._count[form] += 1

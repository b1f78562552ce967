"""Sittings: lawful changes of state, ticket numbers, who sits where. Pure decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final

from question_bank.rng import SeededRandom

SITTING_CHANGES: Final[Mapping[str, frozenset[str]]] = {
    "planned": frozenset({"prepared", "cancelled"}),
    "prepared": frozenset({"planned", "open", "cancelled"}),
    "open": frozenset({"running", "closed", "void", "cancelled"}),
    "running": frozenset({"closed", "void"}),
    "closed": frozenset({"released", "void"}),
    "released": frozenset({"void"}),
    "cancelled": frozenset(),
    "void": frozenset(),
}
"""state → states that may follow."""

PLACE_CHANGES: Final[Mapping[str, frozenset[str]]] = {
    "expected": frozenset({"sat", "absent", "deferred", "expelled", "void", "withdrawn"}),
    "sat": frozenset({"expelled", "void"}),
    "absent": frozenset({"deferred", "void"}),
    "deferred": frozenset({"absent", "void"}),
    "expelled": frozenset({"void"}),
    "void": frozenset(),
    "withdrawn": frozenset(),
}
"""How a place may end, and what a correction may still make of it."""

CHANGEABLE: Final = frozenset({"planned", "prepared"})
"""States in which times, rooms and roster may still change."""

FARTHEST: Final = timedelta(days=5 * 365)
"""How far ahead a sitting is planned: a later year is a slip."""

CAN_BE_SET_ANEW: Final = frozenset({"void", "cancelled"})
FORMER_PLACES: Final = frozenset({"sat", "absent", "deferred", "expelled", "void"})
"""States of a place after which another one of the same person is a resit 补考."""


def may_become(changes: Mapping[str, frozenset[str]], before: str, after: str) -> bool:
    """Whether `after` may follow `before`."""
    return after in changes.get(before, frozenset())


def ticket_number(base_code: str, day: date, sitting: int, place: int) -> str:
    """The number on an admission ticket: base, day, sitting, place and a check digit, such as `SZV261203-012-0347`.

    The check digit (the last one) catches a mistyped or exchanged digit: Luhn over all digits before it.
    """
    digits = f"{day:%y%m%d}{sitting % 1000:03d}{place % 1000:03d}"
    check = luhn_digit(digits)
    return f"{base_code}{digits[:6]}-{digits[6:9]}-{digits[9:]}{check}"


def is_ticket_number(text: str) -> bool:
    """Whether the text has the form and the check digit of a ticket number."""
    digits = "".join(character for character in text if character.isdigit())
    return len(digits) == 13 and luhn_digit(digits[:-1]) == int(digits[-1])


def luhn_digit(digits: str) -> int:
    """The check digit after `digits` (ISO/IEC 7812-1 annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * 2 if position % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


@dataclass(frozen=True, slots=True)
class Times:
    """When a sitting is: beginning, latest beginning, until when its rooms are kept; thinking time of one person."""

    starts_at: datetime
    latest_start_at: datetime
    ends_at: datetime
    length: timedelta

    def room_for(self, personal: timedelta) -> bool:
        """Whether who begins at the latest moment still has the length and the personal time before the end."""
        return self.latest_start_at + self.length + personal <= self.ends_at


def times_fault(times: Times, now: datetime) -> str | None:
    """What is wrong with the times of a sitting: "past", "far", "latest_start" or "end"; None when nothing is."""
    if times.starts_at <= now:
        return "past"
    if times.starts_at > now + FARTHEST:
        return "far"
    if times.latest_start_at < times.starts_at:
        return "latest_start"
    return None if times.room_for(timedelta()) else "end"


@dataclass(frozen=True, slots=True)
class FreeSeat:
    """A usable seat of a room of the sitting, at its row and its place in the row."""

    id: int
    room_id: int
    row: int
    place: int


def allocate(places: Sequence[int], seats: Sequence[FreeSeat], seed: str) -> dict[int, int]:
    """The seat id of each roster place id: places shuffled by `seed`, on the first seats of `filling_order`.

    Raises ValueError when there are fewer seats than places.
    """
    if len(seats) < len(places):
        raise ValueError(f"{len(places)} places, but only {len(seats)} seats")
    shuffled = SeededRandom(f"seats/{seed}").shuffled(sorted(places))
    return {place: seat.id for place, seat in zip(shuffled, filling_order(seats), strict=False)}


def filling_order(seats: Sequence[FreeSeat]) -> list[FreeSeat]:
    """All seats in the order in which they are filled: rooms in proportion to their size, in each room gaps first.

    A room is filled like a chess board: first the colour with more seats, on which nobody has a neighbour beside, in
    front or behind, then the other. So nobody sits next to anybody as long as at most half of the seats are taken.
    """
    rooms: dict[int, list[FreeSeat]] = {}
    for seat in sorted(seats, key=lambda seat: (seat.room_id, seat.row, seat.place)):
        rooms.setdefault(seat.room_id, []).append(seat)
    ranked = [
        (Fraction(2 * rank + 1, 2 * len(room)), seat)
        for room in rooms.values()
        for rank, seat in enumerate(_gaps_first(room))
    ]
    return [seat for _, seat in sorted(ranked, key=lambda entry: entry[0])]


def _gaps_first(room: Sequence[FreeSeat]) -> list[FreeSeat]:
    colours: tuple[list[FreeSeat], list[FreeSeat]] = ([], [])
    for seat in room:
        colours[(seat.row + seat.place) % 2].append(seat)
    larger, smaller = sorted(colours, key=len, reverse=True)
    return [*larger, *smaller]

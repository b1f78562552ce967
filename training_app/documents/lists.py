"""Lists of a room on exam day: the door list with signatures, and the seat plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from question_bank.texts import Text


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate as the lists of a room name him. staff_number: "" when there is none."""

    name_zh: str
    name_en: str
    staff_number: str
    ticket_number: str
    personal_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat at its row and place, row 1 at the front, place 1 at the left of who faces the front."""

    label: str
    row: int
    place: int
    usable: bool = True
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class RoomSheet:
    """One room of one sitting. unseated: candidates of this room who have no seat yet."""

    title: Text
    base: Text
    room: Text
    starts_at: datetime
    length_minutes: int
    seats: tuple[Seat, ...]
    demonstration: bool
    unseated: tuple[Candidate, ...] = ()


def door_list(rooms: Iterable[RoomSheet], language: str, made_at: datetime) -> bytes:
    """A PDF with two lists a room: by name for the door, and by seat with a column for signatures."""
    raise NotImplementedError


def seat_plan(rooms: Iterable[RoomSheet], language: str, made_at: datetime) -> bytes:
    """A PDF with a page for each room: seats by row and place, the front marked, names in the cells."""
    raise NotImplementedError

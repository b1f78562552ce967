"""The board of a console: every place of a sitting at a moment, read with the same few statements however many sit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from training_app.bookings.models import Room
from training_app.exams.console.reading import answered_items, happenings, late_answers, places, working_since
from training_app.exams.console.rules import (
    AT_WORK,
    Known,
    Trouble,
    common_end,
    foremost,
    group_of,
    paused_rooms,
    stage_of,
    troubles_of,
    urgency,
)
from training_app.exams.day_models import TimeProposal
from training_app.exams.models import FormItem
from training_app.exams.paper.standing import TRANSPORT_GRACE
from training_app.exams.sitting_models import Sitting, SittingForm, SittingRoom
from training_app.people.models import TrainingBase

HAS_BEGUN: Final = frozenset({"open", "running"})
GROUPS: Final = ("trouble", "working", "waiting", "coming", "handed_in", "gone")


@dataclass(frozen=True, slots=True)
class Tile:
    """One place as the board shows it. number: row and place of the seat. unsent: answers its page still keeps."""

    place_id: int
    attempt_id: int | None
    person: Row[Any]
    seat: str | None
    number: tuple[int, int]
    room_id: int | None
    known: Known
    stage: str
    troubles: tuple[Trouble, ...]
    answered: int
    submitted_at: datetime | None
    position: int | None
    unsent: int
    device: str | None
    full_screen: bool | None
    secure: bool | None
    personal_s: int

    @property
    def group(self) -> str:
        """Where on the board the tile stands."""
        return group_of(self.stage, self.troubles)

    @property
    def name_zh(self) -> str:
        """As `name_of` reads it."""
        return str(self.person.name_zh)

    @property
    def name_en(self) -> str:
        """As `name_of` reads it."""
        return str(self.person.name_en)


@dataclass(frozen=True, slots=True)
class Board:
    """A sitting at the moment `now`. ends_at: the end most share; last_end: the latest end of anybody at work.

    proposals: how many proposals of time wait for a second person.
    """

    sitting: Sitting
    base: TrainingBase
    rooms: Sequence[Room]
    tiles: tuple[Tile, ...]
    items: int
    proposals: int
    ends_at: datetime | None
    last_end: datetime | None
    now: datetime

    def group(self, name: str, room: int | None = None) -> list[Tile]:
        """The tiles of a group, in a room when one is chosen: trouble by urgency, the others by seat."""
        found = [tile for tile in self.tiles if tile.group == name and room in {None, tile.room_id}]
        return sorted(found, key=lambda tile: urgency(tile.troubles)) if name == "trouble" else found

    def count(self, *stages: str) -> int:
        """How many places are in one of the stages."""
        return sum(tile.stage in stages for tile in self.tiles)

    @property
    def insecure(self) -> int:
        """How many computers at work cannot open their paper again without the network."""
        return sum(tile.stage in AT_WORK and tile.secure is False for tile in self.tiles)

    @property
    def late(self) -> int:
        """How many answers wait in the late pile."""
        return sum(tile.known.late for tile in self.tiles)

    def tile(self, place_id: int) -> Tile | None:
        """The tile of a place."""
        return next((tile for tile in self.tiles if tile.place_id == place_id), None)


def board_of(session: Session, sitting: Sitting, now: datetime) -> Board:
    """The board of the sitting at this moment."""
    items = _items_of_a_form(session, sitting)
    rooms = session.scalars(
        select(Room).join(SittingRoom).where(SittingRoom.sitting_id == sitting.id).order_by(Room.id)
    ).all()
    tiles = _tiles(session, sitting, items, now)
    ends = [tile.known.deadline_at for tile in tiles if tile.stage in AT_WORK and tile.known.deadline_at]
    waiting = select(func.count()).where(TimeProposal.sitting_id == sitting.id, TimeProposal.decision.is_(None))
    return Board(
        sitting=sitting,
        base=session.get_one(TrainingBase, sitting.base_id),
        rooms=rooms,
        tiles=tiles,
        items=items,
        proposals=session.scalar(waiting) or 0,
        ends_at=common_end(ends),
        last_end=max(ends, default=None),
        now=now,
    )


def _items_of_a_form(session: Session, sitting: Sitting) -> int:
    """How many items a form has; every form of a sitting has as many."""
    first = select(SittingForm.form_id).where(SittingForm.sitting_id == sitting.id, SittingForm.given_up.is_(False))
    counted = select(func.count()).where(FormItem.form_id == first.limit(1).scalar_subquery())
    return session.scalar(counted) or 0


def _tiles(session: Session, sitting: Sitting, items: int, now: datetime) -> tuple[Tile, ...]:
    rows = places(session, sitting.id)
    answered, working = answered_items(session, sitting.id), working_since(session, sitting.id)
    late, happened = late_answers(session, sitting.id), happenings(session, sitting.id)
    begun = (sitting.start_at or sitting.starts_at) if sitting.state in HAS_BEGUN else None
    found: list[tuple[Row[Any], Known, str]] = []
    for row in rows:
        number = row.attempt_id or 0
        waiting = late.get(number)
        known = Known(
            place_state=row.state,
            attempt_state=row.attempt_state,
            deadline_at=row.deadline_at,
            paused_at=row.paused_at,
            working_since=working.get(number),
            seen_at=row.seen_at,
            stored_at=row.stored_at,
            entered_at=row.entered_at,
            document=row.document_outcome,
            document_at=row.document_seen_at,
            late=waiting.count if waiting else 0,
            late_since=waiting.last_at if waiting else None,
            all_answered=bool(items) and answered.get(number, 0) >= items,
            happened=happened.get(number, {}),
        )
        found.append((row, known, stage_of(known, now, TRANSPORT_GRACE)))
    resting = paused_rooms((row.room_id, stage) for row, _, stage in found)
    tiles = [
        _tile(row, known, stage, _shown(known, stage, begun, now, resting=row.room_id in resting), answered)
        for row, known, stage in found
    ]
    return tuple(sorted(tiles, key=lambda tile: (tile.room_id or 0, tile.number, tile.place_id)))


def _shown(known: Known, stage: str, begun: datetime | None, now: datetime, *, resting: bool) -> tuple[Trouble, ...]:
    found = troubles_of(known, stage, started_at=begun, now=now)
    return foremost([trouble for trouble in found if not (resting and trouble.kind == "paused")])


def _tile(  # noqa: PLR0917 - one place at one moment
    row: Row[Any], known: Known, stage: str, troubles: tuple[Trouble, ...], answered: Mapping[int, int]
) -> Tile:
    return Tile(
        place_id=row.id,
        attempt_id=row.attempt_id,
        person=row,
        seat=row.label,
        number=(row.row_number or 0, row.place_number or 0),
        room_id=row.room_id,
        known=known,
        stage=stage,
        troubles=troubles,
        answered=answered.get(row.attempt_id or 0, 0),
        submitted_at=row.submitted_at,
        position=row.position,
        unsent=row.unsent or 0,
        device=row.device,
        full_screen=row.full_screen,
        secure=row.secure,
        personal_s=row.personal_time_s,
    )

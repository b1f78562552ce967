"""The board of a console: every place of a sitting at a moment, read with the same few statements however many sit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Text, cast, func, select
from sqlalchemy.orm import Session

from training_app.bookings.models import Room, Seat
from training_app.exams.console.rules import (
    AT_WORK,
    Happened,
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
from training_app.exams.day_models import LateEvent, PaperFact, Presence, TimeProposal
from training_app.exams.models import Attempt, AttemptEvent, FormItem, ResponseEvent
from training_app.exams.paper.standing import TRANSPORT_GRACE
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent, SittingRoom
from training_app.people.models import Person, TrainingBase

EMPTY_PAYLOADS: Final = ("[]", "{}", '""', "null")
"""Payloads by which an answer was taken back, as the database writes them."""
SETTLING: Final = ("incident.noted", "place.moved")
"""Acts on a place after which what had happened there does not count as trouble any more."""
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
    def late(self) -> int:
        """How many answers wait in the late pile."""
        return sum(tile.known.late for tile in self.tiles)

    def tile(self, place_id: int) -> Tile | None:
        """The tile of a place."""
        return next((tile for tile in self.tiles if tile.place_id == place_id), None)


def board_of(session: Session, sitting: Sitting, now: datetime) -> Board:
    """The board of the sitting at this moment."""
    items = session.scalar(select(func.count()).select_from(FormItem).where(FormItem.form_id == sitting.form_id)) or 0
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


def _tiles(session: Session, sitting: Sitting, items: int, now: datetime) -> tuple[Tile, ...]:
    rows = session.execute(_places(sitting.id)).all()
    answered, working = _answered(session, sitting.id), _working_since(session, sitting.id)
    late, happened = _late(session, sitting.id), _happened(session, sitting.id)
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
        personal_s=row.personal_time_s,
    )


def _places(sitting_id: int) -> Any:
    last = ResponseEvent.__table__.alias("last_stored")
    return (
        select(
            RosterPlace.id,
            RosterPlace.state,
            RosterPlace.attempt_id,
            RosterPlace.entered_at,
            RosterPlace.document_outcome,
            RosterPlace.document_seen_at,
            RosterPlace.personal_time_s,
            Person.name_zh,
            Person.name_en,
            Seat.label,
            Seat.row.label("row_number"),
            Seat.place.label("place_number"),
            Seat.room_id,
            Attempt.state.label("attempt_state"),
            Attempt.deadline_at,
            Attempt.paused_at,
            Attempt.submitted_at,
            Attempt.device,
            Presence.seen_at,
            Presence.position,
            Presence.unsent,
            Presence.full_screen,
            last.c.received_at.label("stored_at"),
        )
        .join(Person, Person.id == RosterPlace.person_id)
        .outerjoin(Seat, Seat.id == RosterPlace.seat_id)
        .outerjoin(Attempt, Attempt.id == RosterPlace.attempt_id)
        .outerjoin(Presence, Presence.attempt_id == RosterPlace.attempt_id)
        .outerjoin(last, (last.c.attempt_id == Attempt.id) & (last.c.server_seq == Attempt.head_seq))
        .where(RosterPlace.sitting_id == sitting_id, RosterPlace.state.not_in(("withdrawn", "void")))
    )


def _answered(session: Session, sitting_id: int) -> dict[int, int]:
    """Attempt → how many of its items have an answer now; one that was taken back is none."""
    latest = (
        select(
            ResponseEvent.attempt_id, ResponseEvent.item_version_id, func.max(ResponseEvent.client_seq).label("last")
        )
        .join(Attempt, Attempt.id == ResponseEvent.attempt_id)
        .where(Attempt.sitting_id == sitting_id)
        .group_by(ResponseEvent.attempt_id, ResponseEvent.item_version_id)
        .subquery()
    )
    rows = session.execute(
        select(latest.c.attempt_id, func.count())
        .join(
            ResponseEvent,
            (ResponseEvent.attempt_id == latest.c.attempt_id)
            & (ResponseEvent.item_version_id == latest.c.item_version_id)
            & (ResponseEvent.client_seq == latest.c.last),
        )
        .where(cast(ResponseEvent.payload, Text).not_in(EMPTY_PAYLOADS))
        .group_by(latest.c.attempt_id)
    )
    return {row[0]: row[1] for row in rows}


def _working_since(session: Session, sitting_id: int) -> dict[int, datetime]:
    rows = session.execute(
        select(AttemptEvent.attempt_id, func.max(AttemptEvent.at))
        .join(Attempt, Attempt.id == AttemptEvent.attempt_id)
        .where(Attempt.sitting_id == sitting_id, AttemptEvent.to_state == "running")
        .group_by(AttemptEvent.attempt_id)
    )
    return {row[0]: row[1] for row in rows}


def _late(session: Session, sitting_id: int) -> dict[int, Happened]:
    """Attempt → how many answers wait in its late pile, and since when."""
    rows = session.execute(
        select(LateEvent.attempt_id, func.count(), func.min(LateEvent.received_at))
        .join(Attempt, Attempt.id == LateEvent.attempt_id)
        .where(Attempt.sitting_id == sitting_id, LateEvent.decision.is_(None))
        .group_by(LateEvent.attempt_id)
    )
    return {number: Happened(count, 0, at) for number, count, at in rows}


def _happened(session: Session, sitting_id: int) -> dict[int, dict[str, Happened]]:
    """Attempt → kind of fact → what happened since somebody last noted something at that seat."""
    noted = (
        select(SittingEvent.place_id, func.max(SittingEvent.at).label("at"))
        .where(SittingEvent.sitting_id == sitting_id, SittingEvent.act.in_(SETTLING))
        .group_by(SittingEvent.place_id)
        .subquery()
    )
    rows: Iterable[Any] = session.execute(
        select(
            PaperFact.attempt_id,
            PaperFact.kind,
            func.count(),
            func.coalesce(func.sum(PaperFact.seconds), 0),
            func.max(PaperFact.at),
        )
        .join(RosterPlace, RosterPlace.attempt_id == PaperFact.attempt_id)
        .outerjoin(noted, noted.c.place_id == RosterPlace.id)
        .where(RosterPlace.sitting_id == sitting_id, noted.c.at.is_(None) | (PaperFact.at > noted.c.at))
        .group_by(PaperFact.attempt_id, PaperFact.kind)
    )
    found: dict[int, dict[str, Happened]] = {}
    for row in rows:
        found.setdefault(row[0], {})[row[1]] = Happened(row[2], row[3], row[4])
    return found

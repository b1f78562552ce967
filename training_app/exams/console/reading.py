"""What a board rests on, each with one statement for the whole sitting, however many sit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Text, cast, func, select
from sqlalchemy.orm import Session

from training_app.bookings.models import Seat
from training_app.exams.console.rules import Happened
from training_app.exams.day_models import LateEvent, PaperFact, Presence
from training_app.exams.models import Attempt, AttemptEvent, ResponseEvent
from training_app.exams.sitting_models import RosterPlace, SittingEvent
from training_app.people.models import Person

EMPTY_PAYLOADS: Final = ("[]", "{}", '""', "null")
"""Payloads by which an answer was taken back, as the database writes them."""
SETTLING: Final = ("incident.noted", "place.moved")
"""Acts on a place after which what had happened there does not count as trouble any more."""


def places(session: Session, sitting_id: int) -> Sequence[Row[Any]]:
    """Everybody who is on the roster, with seat, attempt, page and the last answer that is stored."""
    last = ResponseEvent.__table__.alias("last_stored")
    wanted: Any = (
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
            Presence.secure,
            last.c.received_at.label("stored_at"),
        )
        .join(Person, Person.id == RosterPlace.person_id)
        .outerjoin(Seat, Seat.id == RosterPlace.seat_id)
        .outerjoin(Attempt, Attempt.id == RosterPlace.attempt_id)
        .outerjoin(Presence, Presence.attempt_id == RosterPlace.attempt_id)
        .outerjoin(last, (last.c.attempt_id == Attempt.id) & (last.c.server_seq == Attempt.head_seq))
        .where(RosterPlace.sitting_id == sitting_id, RosterPlace.state.not_in(("withdrawn", "void")))
    )
    return session.execute(wanted).all()


def answered_items(session: Session, sitting_id: int) -> dict[int, int]:
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


def working_since(session: Session, sitting_id: int) -> dict[int, datetime]:
    """Attempt → when it last began to run, at its start or after a pause."""
    rows = session.execute(
        select(AttemptEvent.attempt_id, func.max(AttemptEvent.at))
        .join(Attempt, Attempt.id == AttemptEvent.attempt_id)
        .where(Attempt.sitting_id == sitting_id, AttemptEvent.to_state == "running")
        .group_by(AttemptEvent.attempt_id)
    )
    return {row[0]: row[1] for row in rows}


def late_answers(session: Session, sitting_id: int) -> dict[int, Happened]:
    """Attempt → how many answers wait in its late pile, and since when."""
    rows = session.execute(
        select(LateEvent.attempt_id, func.count(), func.min(LateEvent.received_at))
        .join(Attempt, Attempt.id == LateEvent.attempt_id)
        .where(Attempt.sitting_id == sitting_id, LateEvent.decision.is_(None))
        .group_by(LateEvent.attempt_id)
    )
    return {number: Happened(count, 0, at) for number, count, at in rows}


def happenings(session: Session, sitting_id: int) -> dict[int, dict[str, Happened]]:
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

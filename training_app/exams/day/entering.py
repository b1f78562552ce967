"""The quick way in: a ticket is looked at by one statement, and the own seat confirmed without entities."""

from datetime import datetime
from typing import Final, cast

from sqlalchemy import Connection, Table, bindparam, exists, insert, select, update

from training_app.bookings.models import Seat
from training_app.db import Asks, Database, UtcDateTime
from training_app.exams.day.quick import Seen, own_place_by_claim, place_seen, ticket_seen
from training_app.exams.day.rules import ADMITTING, same_seat, ticket_as_typed
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.claims import Claim

_PLACES, _ATTEMPTS = cast("Table", RosterPlace.__table__), cast("Table", Attempt.__table__)
_PLACE, _ATTEMPT = _PLACES.c, _ATTEMPTS.c
_SITTING, _SEAT = cast("Table", Sitting.__table__).c, cast("Table", Seat.__table__).c

_ENTER: Final = (
    update(_PLACES)
    .where(
        _PLACE.id == bindparam("place"),
        _PLACE.state == "expected",
        _PLACE.entered_at.is_(None),
        own_place_by_claim(),
        exists(select(_SEAT.id).where(_SEAT.id == _PLACE.seat_id, _SEAT.label == bindparam("seat"))),
        exists(select(_SITTING.id).where(_SITTING.id == _PLACE.sitting_id, _SITTING.state.in_(sorted(ADMITTING)))),
    )
    .values(entered_at=bindparam("now", type_=UtcDateTime), version=_PLACE.version + 1)
    .returning(_PLACE.attempt_id)
)
_WAIT: Final = (
    update(_ATTEMPTS)
    .where(_ATTEMPT.id == bindparam("attempt"), _ATTEMPT.state == "created")
    .values(state="waiting", version=_ATTEMPT.version + 1)
    .returning(_ATTEMPT.id)
)


class _Changed(Exception):
    """Something is no longer as it was seen."""


def admitted_by_ticket(asked: Asks, claim: Claim, typed: str, now: datetime) -> Seen | None:
    """The own place of this ticket, of who comes in now through a door that is open; None for anything else."""
    seen = ticket_seen(asked, ticket_as_typed(typed), claim)
    return seen if seen is not None and _comes_in(seen, now) else None


def enter_quickly(database: Database, claim: Claim, place_id: int, typed: str, *, now: datetime) -> bool:
    """Whether the person is in, with the own seat typed; False for anything else, with nothing done."""
    try:
        with database.change() as connection:
            _enter(connection, claim, place_id, typed, now=now)
    except _Changed:
        return False
    return True


def _enter(connection: Connection, claim: Claim, place_id: int, typed: str, *, now: datetime) -> None:
    seen = place_seen(connection, place_id, claim)
    if seen is None or seen.seat is None or not _comes_in(seen, now) or not same_seat(typed, seen.seat):
        raise _Changed
    if seen.entered_at is not None and seen.attempt_state != "created":
        return
    values = {"place": seen.id, "seat": seen.seat, "now": now, **claim.values()}
    if connection.execute(_ENTER, values).scalar_one_or_none() != seen.attempt_id or seen.attempt_id is None:
        raise _Changed
    if connection.execute(_WAIT, {"attempt": seen.attempt_id}).scalar_one_or_none() is None:
        raise _Changed
    note = {"from_state": "created", "to_state": "waiting", "reason": "entered", "by": claim.person_id, "at": now}
    connection.execute(insert(AttemptEvent), {"attempt_id": seen.attempt_id, **note})


def _comes_in(seen: Seen, now: datetime) -> bool:
    return seen.sitting_state in ADMITTING and seen.why_not(now) is None

"""The quick way of the waiting room and of a start: a place is seen, and its paper begun, by one statement each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, or_, select, update

from training_app.bookings.models import Seat
from training_app.clock import shanghai_day
from training_app.db import Asks, Base, Database, UtcDateTime
from training_app.exams.day.rules import Coming, effective_start, why_not_admitted
from training_app.exams.day_models import DeadlineEvent
from training_app.exams.guarded import Guarded
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.claims import LIMIT, PERSON, Claim, has_role_for, proves
from training_app.people.reach import LARGEST_ID

_PLACES, _ATTEMPTS = cast("Table", RosterPlace.__table__), cast("Table", Attempt.__table__)
_PLACE, _ATTEMPT = _PLACES.c, _ATTEMPTS.c
_SITTING, _SEAT = cast("Table", Sitting.__table__).c, cast("Table", Seat.__table__).c


def _own_by_claim() -> ColumnElement[bool]:
    """The condition on RosterPlace that it is the own one of who claims to be signed in, as `arrival_of` decides."""
    within = or_(LIMIT.is_(None), _PLACE.id == LIMIT)
    return and_(_PLACE.person_id == PERSON, proves(has_role_for("exam.sit")), within)


_ANY = (
    select(
        _PLACE.id,
        _PLACE.person_id,
        _PLACE.sitting_id,
        _PLACE.state.label("place_state"),
        _PLACE.entered_at,
        _PLACE.personal_time_s,
        _SEAT.label.label("seat"),
        _SEAT.room_id,
        _SITTING.state.label("sitting_state"),
        _SITTING.starts_at,
        _SITTING.start_at,
        _SITTING.latest_start_at,
        _SITTING.length_s,
        _ATTEMPT.id.label("attempt_id"),
        _ATTEMPT.state.label("attempt_state"),
    )
    .select_from(_PLACES)
    .join(Sitting.__table__, _SITTING.id == _PLACE.sitting_id)
    .outerjoin(_ATTEMPTS, _ATTEMPT.id == _PLACE.attempt_id)
    .outerjoin(Seat.__table__, _SEAT.id == _PLACE.seat_id)
    .where(_PLACE.id == bindparam("place"))
)
_OWN = _ANY.where(_own_by_claim())


@dataclass(frozen=True, slots=True)
class Seen:
    """A place with what decides about it of its sitting and its attempt. seat: the label on the desk."""

    id: int
    person_id: int
    sitting_id: int
    place_state: str
    entered_at: datetime | None
    personal_time_s: int
    seat: str | None
    room_id: int | None
    sitting_state: str
    starts_at: datetime
    start_at: datetime | None
    latest_start_at: datetime
    length_s: int
    attempt_id: int | None
    attempt_state: str | None

    @property
    def start(self) -> datetime:
        """When papers may begin."""
        return effective_start(self.starts_at, self.start_at)

    def why_not(self, now: datetime) -> str | None:
        """The reason why the person does not come in now, None when the door is open."""
        coming = Coming(self.place_state, self.sitting_state, self.attempt_state, self.starts_at, self.latest_start_at)
        return why_not_admitted(coming, now, same_day=shanghai_day(now) == shanghai_day(self.starts_at))


def place_seen(asked: Asks, place_id: int, claim: Claim | None = None) -> Seen | None:
    """The place as the database has it; None when there is none.

    claim: of who asks; then also None when it is not the own one, or the claim holds no more.
    """
    if not 0 < place_id <= LARGEST_ID:
        return None
    values = claim.values() if claim else {}
    row = asked.execute(_OWN if claim else _ANY, {"place": place_id, **values}).one_or_none()
    return Seen(**row._mapping) if row else None


def _start(follows: Mapping[str, type[Base]]) -> Guarded:
    """The start of a waiting paper. The sitting is held first, so that nobody ends it meanwhile."""
    now = bindparam("new_start", type_=UtcDateTime)
    runs = select(_SITTING.id).where(
        _SITTING.id == _ATTEMPT.sitting_id, _SITTING.state == "running", _SITTING.latest_start_at >= now
    )
    seated = select(_PLACE.id).where(
        _PLACE.id == bindparam("place"),
        _PLACE.attempt_id == _ATTEMPT.id,
        _PLACE.state == "expected",
        _PLACE.entered_at.is_not(None),
        _own_by_claim(),
    )
    change = (
        update(_ATTEMPTS)
        .where(
            _ATTEMPT.id == bindparam("known_id"),
            _ATTEMPT.state == "waiting",
            exists(seated),
            exists(runs.with_for_update(read=True)),
        )
        .values(
            state="running",
            started_at=now,
            length_s=bindparam("new_length"),
            deadline_at=bindparam("new_deadline"),
            version=_ATTEMPT.version + 1,
        )
        .returning(_ATTEMPT.id)
    )
    return Guarded(change, follows)


_START: Final = _start({"note": AttemptEvent})
_START_WITH_TIME: Final = _start({"note": AttemptEvent, "time": DeadlineEvent})


def start_quickly(database: Database, claim: Claim, place_id: int, now: datetime) -> int | None:
    """The attempt of the place, begun now in a sitting that runs, or begun before; None for anything else."""
    with database.change_at_once() as connection:
        seen = place_seen(connection, place_id, claim)
        if seen is None or seen.why_not(now) is not None or seen.attempt_id is None:
            return None
        if seen.attempt_state in {"running", "paused"}:
            return seen.attempt_id
        if seen.sitting_state != "running" or now < seen.start:
            return None
        length = timedelta(seconds=seen.length_s + seen.personal_time_s)
        values = {"place": place_id, "known_id": seen.attempt_id, **claim.values()}
        values |= {"new_start": now, "new_length": seen.length_s, "new_deadline": now + length}
        begun = (_START_WITH_TIME if seen.personal_time_s else _START).run(connection, values, _rows(seen, now))
        return seen.attempt_id if begun else None


def _rows(seen: Seen, now: datetime) -> dict[str, dict[str, object]]:
    note = {"from_state": "waiting", "to_state": "running", "reason": "started", "by": seen.person_id, "at": now}
    rows: dict[str, dict[str, object]] = {"note": {"attempt_id": seen.attempt_id, **note}}
    if seen.personal_time_s:
        time = {"seconds": seen.personal_time_s, "kind": "personal", "at": now}
        nobody = dict.fromkeys(("reason", "proposal_id", "by", "approved_by"))
        rows["time"] = {"attempt_id": seen.attempt_id, **time, **nobody}
    return rows

"""The quick way of the waiting room and of a start: a place is seen, and its paper begun, by one statement each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Interval,
    String,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from training_app.bookings.models import Seat
from training_app.clock import shanghai_day
from training_app.db import Asks, Base, Database, UtcDateTime
from training_app.exams.day.rules import BEGUN, Coming, effective_start, why_not_admitted
from training_app.exams.day_models import DeadlineEvent
from training_app.exams.guarded import Guarded, Ready
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.claims import LIMIT, PERSON, Claim, has_role_for, proves
from training_app.people.reach import LARGEST_ID

_PLACES, _ATTEMPTS = cast("Table", RosterPlace.__table__), cast("Table", Attempt.__table__)
_PLACE, _ATTEMPT = _PLACES.c, _ATTEMPTS.c
_SITTING, _SEAT = cast("Table", Sitting.__table__).c, cast("Table", Seat.__table__).c


def own_place_by_claim() -> ColumnElement[bool]:
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
)
NUMBERED: Final = _ANY.where(_PLACE.id == bindparam("place"))
"""The place whose id is the parameter; the columns of `Seen`, in its order."""
_OWN = NUMBERED.where(own_place_by_claim())
_OF_TICKET = _ANY.where(_PLACE.ticket_number == bindparam("ticket"), own_place_by_claim())


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
    row = asked.execute(_OWN if claim else NUMBERED, {"place": place_id, **values}).one_or_none()
    return Seen(**row._mapping) if row else None


def ticket_seen(asked: Asks, ticket: str, claim: Claim) -> Seen | None:
    """The place with this number on its ticket; None when it is not the own one of whose claim this is."""
    row = asked.execute(_OF_TICKET, {"ticket": ticket, **claim.values()}).one_or_none()
    return Seen(**row._mapping) if row else None


_NOW: Final = bindparam("new_start", type_=UtcDateTime)
_MAY_BEGIN: Final = (
    _PLACE.id == bindparam("place"),
    _PLACE.state == "expected",
    _PLACE.entered_at.is_not(None),
    own_place_by_claim(),
    _SITTING.id == _PLACE.sitting_id,
    _SITTING.state == "running",
    _SITTING.latest_start_at >= _NOW,
)
"""The own place, whoever sits there was let in, and papers of its sitting may begin."""


def _start(follows: Mapping[str, type[Base]]) -> Guarded:
    """The start of a waiting paper, for SQLite."""
    may_begin = select(_PLACE.id).where(*_MAY_BEGIN, _PLACE.attempt_id == _ATTEMPT.id).correlate(_ATTEMPTS)
    change = (
        update(_ATTEMPTS)
        .where(_ATTEMPT.id == bindparam("known_id"), _ATTEMPT.state == "waiting", exists(may_begin))
        .values(
            state="running",
            started_at=_NOW,
            length_s=bindparam("new_length"),
            deadline_at=bindparam("new_deadline"),
            version=_ATTEMPT.version + 1,
        )
        .returning(_ATTEMPT.id)
    )
    return Guarded(change, follows)


_START: Final = _start({"note": AttemptEvent})
_START_WITH_TIME: Final = _start({"note": AttemptEvent, "time": DeadlineEvent})


def _start_at_once() -> Ready:
    """The start of a waiting paper in one statement, which tells the attempt.

    The sitting is held before the attempt, so that nobody ends it meanwhile.
    """
    begins = func.coalesce(_SITTING.start_at, _SITTING.starts_at) <= _NOW
    seen = select(_PLACE.attempt_id, _PLACE.personal_time_s, _SITTING.length_s).where(*_MAY_BEGIN, begins)
    held = seen.with_for_update(read=True, of=Sitting.__table__).cte("held")
    seconds = (held.c.length_s + held.c.personal_time_s) * literal_column("interval '1 second'", Interval)
    moved = (
        update(_ATTEMPTS)
        .where(_ATTEMPT.id == held.c.attempt_id, _ATTEMPT.state == "waiting")
        .values(
            state="running",
            started_at=_NOW,
            length_s=held.c.length_s,
            deadline_at=_NOW + seconds,
            version=_ATTEMPT.version + 1,
        )
        .returning(_ATTEMPT.id, _ATTEMPT.person_id, held.c.personal_time_s)
        .cte("moved")
    )
    time = select(moved.c.id, moved.c.personal_time_s, literal_column("'personal'"), _NOW).where(
        moved.c.personal_time_s > 0
    )
    words = [literal_column(f"'{word}'", String) for word in ("waiting", "running", "started")]
    note = select(moved.c.id, *words, moved.c.person_id, _NOW)
    return Ready(
        insert(AttemptEvent)
        .from_select(["attempt_id", "from_state", "to_state", "reason", "by", "at"], note)
        .add_cte(insert(DeadlineEvent).from_select(["attempt_id", "seconds", "kind", "at"], time).cte("time"))
        .returning(AttemptEvent.attempt_id)
    )


_START_AT_ONCE: Final = _start_at_once()


def start_quickly(database: Database, claim: Claim, place_id: int, now: datetime) -> int | None:
    """The attempt of the place, begun now in a sitting that runs, or begun before; None for anything else."""
    if not 0 < place_id <= LARGEST_ID:
        return None
    with database.change_at_once() as connection:
        values = {"place": place_id, "new_start": now, **claim.values()}
        if not database.on_sqlite:
            begun = _START_AT_ONCE.run(connection, values).scalar_one_or_none()
            if begun is not None:
                return int(begun)
        seen = place_seen(connection, place_id, claim)
        if seen is None or seen.why_not(now) is not None or seen.attempt_id is None:
            return None
        if seen.attempt_state in BEGUN:
            return seen.attempt_id
        return _started_on_sqlite(connection, seen, values) if database.on_sqlite and now >= seen.start else None


def _started_on_sqlite(connection: Connection, seen: Seen, values: Mapping[str, object]) -> int | None:
    now = cast("datetime", values["new_start"])
    length = timedelta(seconds=seen.length_s + seen.personal_time_s)
    known = {"known_id": seen.attempt_id, "new_length": seen.length_s, "new_deadline": now + length}
    start = _START_WITH_TIME if seen.personal_time_s else _START
    return seen.attempt_id if start.run(connection, {**values, **known}, _rows(seen, now)) else None


def _rows(seen: Seen, now: datetime) -> dict[str, dict[str, object]]:
    note = {"from_state": "waiting", "to_state": "running", "reason": "started", "by": seen.person_id, "at": now}
    rows: dict[str, dict[str, object]] = {"note": {"attempt_id": seen.attempt_id, **note}}
    if seen.personal_time_s:
        time = {"seconds": seen.personal_time_s, "kind": "personal", "at": now}
        nobody = dict.fromkeys(("reason", "proposal_id", "by", "approved_by"))
        rows["time"] = {"attempt_id": seen.attempt_id, **time, **nobody}
    return rows

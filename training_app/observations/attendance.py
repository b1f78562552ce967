"""Who watched for how long, what went wrong with streams, what was recorded: kept from what the media process tells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from training_app.observations.models import (
    Observation,
    ObservationEvent,
    ObservationPresence,
    ObservationRecording,
    StreamIncident,
)
from training_app.observations.rules import shown_s
from training_app.observations.stage import observation_of
from training_app.people.models import Person
from training_app.people.reach import LARGEST_ID
from training_app.streams.names import TALKBACK, Event, Kind
from training_app.upserts import insert_into

LONGEST_S: Final = 2**31 - 1


def hear(session: Session, event: Event) -> None:
    """The event stands with its observation; one of an observation that is not here is none of ours."""
    if not event.path:
        return
    number, stream = observation_of(event.path)
    if stream == TALKBACK:  # a host who speaks to the venues is no incident, and nobody attends it
        return
    if number > LARGEST_ID or session.get(Observation, number) is None:
        return
    if event.kind in {Kind.VIEWER_JOINED, Kind.VIEWER_LEFT}:
        _keep_presence(session, number, stream, event)
    elif event.kind in {Kind.RECORDING_STARTED, Kind.RECORDING_ENDED, Kind.RECORDING_DELETED}:
        _keep_recording(session, number, stream, event)
    elif event.kind is Kind.WARNING:
        _keep_warning(session, number, stream, event)
    else:
        _note(session, number, stream, event)


def _whole(value: object) -> int:
    return min(max(int(value), 0), LONGEST_S) if isinstance(value, int | float) else 0


def _keep_presence(session: Session, number: int, stream: str, event: Event) -> None:
    person = int(event.sub[1:]) if event.sub.startswith("p") and event.sub[1:].isdecimal() else 0
    jti, transport = str(event.details.get("jti", "")), event.details.get("transport")
    is_known = 0 < person <= LARGEST_ID and session.get(Person, person) is not None
    if not is_known or not jti or transport not in {"udp", "hls"}:
        return
    mine = select(ObservationPresence).where(
        ObservationPresence.observation_id == number,
        ObservationPresence.jti == jti[:64],
        ObservationPresence.stream == stream,
        ObservationPresence.left_at.is_(None),
    )
    row = session.scalars(mine).first()
    if row is None:
        row = ObservationPresence(observation_id=number, person_id=person, stream=stream, jti=jti[:64])
        row.transport, row.joined_at, row.seconds = str(transport), event.at, 0
        session.add(row)
    if event.kind is Kind.VIEWER_LEFT:
        row.left_at, row.seconds = event.at, _whole(event.details.get("seconds", 0))
        row.joined_at = min(row.joined_at, event.at - timedelta(seconds=row.seconds))
    session.flush()


def _keep_recording(session: Session, number: int, stream: str, event: Event) -> None:
    values: dict[str, Any] = {"observation_id": number, "stream": stream, "started_at": event.at}
    statement = insert_into(session, ObservationRecording).values(
        values | {"seconds": 0, "bytes": 0, "digest": "", "reason": ""}
    )
    session.execute(statement.on_conflict_do_nothing())
    changed: dict[str, Any] = {"ended_at": None}
    if event.kind is Kind.RECORDING_ENDED:
        changed = {
            "ended_at": event.at,
            "seconds": _whole(event.details.get("seconds", 0)),
            "bytes": max(0, int(event.details.get("bytes", 0))),
            "digest": str(event.details.get("sha256", ""))[:64],
            "reason": str(event.details.get("reason", ""))[:20],
        }
    elif event.kind is Kind.RECORDING_DELETED:
        changed = {"deleted_at": event.at}
    mine = ObservationRecording.observation_id == number, ObservationRecording.stream == stream
    session.execute(
        update(ObservationRecording).where(*mine).values(changed), execution_options={"synchronize_session": False}
    )
    _note(session, number, stream, event)


def _keep_warning(session: Session, number: int, stream: str, event: Event) -> None:
    name = str(event.details.get("name", ""))[:40]
    if not event.details.get("is_over"):
        _note(session, number, stream, event, name=name)
        return
    mine = StreamIncident.observation_id == number, StreamIncident.stream == stream, StreamIncident.name == name
    session.execute(
        update(StreamIncident).where(*mine, StreamIncident.over_at.is_(None)).values(over_at=event.at),
        execution_options={"synchronize_session": False},
    )


def _note(session: Session, number: int, stream: str, event: Event, *, name: str = "") -> None:
    kind = event.kind.value
    session.add(StreamIncident(observation_id=number, stream=stream, kind=kind, name=name, at=event.at))
    session.flush()


@dataclass(frozen=True, slots=True)
class Attended:
    """How somebody watched an observation. seconds: of picture that was sent to this person, at most what was shown."""

    person: Person
    seconds: int
    first_at: datetime
    ways: tuple[str, ...]


def shown_seconds(session: Session, observation: Observation, now: datetime) -> int:
    """For how many seconds the observation was on the air."""
    rows = session.execute(
        select(ObservationEvent.state, ObservationEvent.at)
        .where(ObservationEvent.observation_id == observation.id)
        .order_by(ObservationEvent.id)
    )
    return shown_s([(row.state, row.at) for row in rows], now)


def attended(session: Session, observation: Observation, now: datetime) -> list[Attended]:
    """Everybody who watched, the longest first; a picture still running counts when it ends."""
    shown = shown_seconds(session, observation, now)
    rows = session.scalars(
        select(ObservationPresence)
        .where(ObservationPresence.observation_id == observation.id)
        .order_by(ObservationPresence.joined_at, ObservationPresence.id)
    ).all()
    by_person: dict[int, list[ObservationPresence]] = {}
    for row in rows:
        by_person.setdefault(row.person_id, []).append(row)
    people = session.scalars(select(Person).where(Person.id.in_(by_person))).unique()
    found = [_attended(person, by_person[person.id], shown) for person in people]
    return sorted(found, key=lambda one: (-one.seconds, one.person.id))


def _attended(person: Person, rows: Sequence[ObservationPresence], shown: int) -> Attended:
    ways = tuple(sorted({row.transport for row in rows}))
    return Attended(person, min(shown, sum(row.seconds for row in rows)), rows[0].joined_at, ways)


@dataclass(frozen=True, slots=True)
class OwnAttendance:
    """That a person watched an observation, and for how many seconds."""

    observation: Observation
    seconds: int


def watched_by(session: Session, person_id: int) -> list[OwnAttendance]:
    """The observations that the person watched, the newest first."""
    statement = (
        select(ObservationPresence.observation_id, func.sum(ObservationPresence.seconds))
        .where(ObservationPresence.person_id == person_id)
        .group_by(ObservationPresence.observation_id)
    )
    rows = {int(row[0]): int(row[1]) for row in session.execute(statement)}
    found: Iterable[Observation] = session.scalars(
        select(Observation).where(Observation.id.in_(list(rows))).order_by(Observation.starts_at.desc(), Observation.id)
    ).unique()
    return [OwnAttendance(observation, rows[observation.id]) for observation in found]

"""What staff sees of an observation: people, attendance, incidents, recordings, history, and the hours that fit."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.config import Settings
from training_app.observations.attendance import Attended, attended, shown_seconds
from training_app.observations.models import (
    Observation,
    ObservationEvent,
    ObservationPlace,
    ObservationRecording,
    StreamIncident,
)
from training_app.observations.rules import hours_that_fit
from training_app.observations.words import incident_in_words
from training_app.people.models import Person
from training_app.streams.names import PROGRAM
from training_app.web.requests import settings
from training_app.web.words import name_of

LAST_INCIDENTS = 30


@dataclass(frozen=True, slots=True)
class Incident:
    """What happened to a stream, in words. over_at: None while it lasts, or when it is a moment."""

    at: datetime
    over_at: datetime | None
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class ForStaff:
    """Everything beside the plan itself. shown_s: seconds on the air. hours: that fit; is_short: fewer than planned."""

    places: Sequence[ObservationPlace]
    attended: Sequence[Attended]
    shown_s: int
    incidents: Sequence[Incident]
    recordings: Sequence[ObservationRecording]
    events: Sequence[ObservationEvent]
    names: Mapping[int, str]
    streams: Mapping[str, str]
    hours: int
    is_short: bool


def for_staff(session: Session, observation: Observation, now: datetime) -> ForStaff:
    """What staff sees of the observation."""
    mine = observation.id
    events = session.scalars(
        select(ObservationEvent).where(ObservationEvent.observation_id == mine).order_by(ObservationEvent.id.desc())
    ).all()
    actors = {event.by for event in events if event.by is not None}
    people = session.scalars(select(Person).where(Person.id.in_(actors))).unique()
    streams = {venue.stream: name_of(venue) for venue in observation.venues}
    hours = hours_left(settings(), len(observation.venues))
    return ForStaff(
        places=session.scalars(
            select(ObservationPlace).where(ObservationPlace.observation_id == mine).order_by(ObservationPlace.id)
        ).all(),
        attended=attended(session, observation, now),
        shown_s=shown_seconds(session, observation, now),
        incidents=_incidents(session, observation, streams),
        recordings=session.scalars(
            select(ObservationRecording)
            .where(ObservationRecording.observation_id == mine)
            .order_by(ObservationRecording.stream != PROGRAM, ObservationRecording.stream)
        ).all(),
        events=events,
        names={person.id: name_of(person) for person in people},
        streams=streams,
        hours=hours,
        is_short=hours * 3600 < (observation.ends_at - observation.starts_at).total_seconds(),
    )


def hours_left(settings: Settings, venues: int) -> int:
    """How many hours of so many venues and the program can be recorded before the reserve of the disk is touched."""
    folder = settings.data_dir
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return hours_that_fit(free, settings.recording_reserve_gb << 30, venues + 1)


def _incidents(session: Session, observation: Observation, streams: Mapping[str, str]) -> list[Incident]:
    rows = session.scalars(
        select(StreamIncident)
        .where(StreamIncident.observation_id == observation.id)
        .order_by(StreamIncident.id.desc())
        .limit(LAST_INCIDENTS)
    )
    return [
        Incident(row.at, row.over_at, streams.get(row.stream, ""), incident_in_words(row.kind, row.name))
        for row in rows
    ]

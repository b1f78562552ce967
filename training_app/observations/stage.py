"""What the media process must know of an observation, made from what is stored."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from training_app import clock
from training_app.observations.models import Observation, ObservationPlace, ObservationVenue, VenueLink
from training_app.observations.rules import LIVE
from training_app.streams.names import PROGRAM, Stage, State, Venue

STATES: Final = {
    "planned": State.CLOSED,
    "open": State.OPEN,
    "on_air": State.ON_AIR,
    "held": State.HELD,
    "ended": State.ENDED,
    "cancelled": State.CLOSED,
}
REPEATED_FOR: Final = timedelta(days=7)
"""The media process keeps what it was told; so long after the last change it is told again if it lost it."""


def occasion(observation_id: int) -> str:
    """The name of the observation there: `o12`."""
    return f"o{observation_id}"


def observation_of(path: str) -> tuple[int, str]:
    """Id of the observation and name of the stream in a path such as `o12/v3`, which is well formed."""
    name, _slash, stream = path.partition("/")
    return int(name[1:]), stream


def path_of(observation: Observation, stream: str = PROGRAM) -> str:
    """The path of a stream: `o12/program`."""
    return f"{occasion(observation.id)}/{stream}"


def person_sub(person_id: int) -> str:
    """How a person is named there."""
    return f"p{person_id}"


def link_sub(link: VenueLink) -> str:
    """How whoever sends by a link is named there."""
    return f"l{link.id}"


def stage_of(session: Session, observation: Observation) -> Stage:
    """The stage as it stands now."""
    venues = observation.venues
    program = next((venue.stream for venue in venues if venue.is_program), None)
    return Stage(
        occasion=occasion(observation.id),
        version=observation.stage_version,
        state=STATES[observation.state],
        program=program,
        venues=tuple(_venue(venue) for venue in venues),
        keep_until=observation.keep_until.isoformat() if observation.keep_until else None,
        banned=tuple(_banned(session, observation, venues)),
        synthetic=tuple(venue.stream for venue in venues if venue.is_synthetic),
    )


def _venue(venue: ObservationVenue) -> Venue:
    link, consent = venue.link, venue.consent
    return Venue(
        path=venue.stream,
        links=(str(link_sub(link)),) if link is not None else (),
        consented=consent is not None,
        recorded=consent is not None and consent.recording,
    )


def _banned(session: Session, observation: Observation, venues: Sequence[ObservationVenue]) -> Iterator[str]:
    """Links that were revoked, and people whose place was withdrawn and who have no other."""
    for venue in venues:
        yield from (link_sub(link) for link in venue.links if link.revoked_at is not None)
    rows = session.execute(
        select(ObservationPlace.person_id, ObservationPlace.state)
        .where(ObservationPlace.observation_id == observation.id)
        .order_by(ObservationPlace.person_id)
    ).all()
    expected = {row.person_id for row in rows if row.state == "expected"}
    yield from (person_sub(person) for person in sorted({row.person_id for row in rows} - expected))


def stages_to_know(session: Session) -> Iterator[Stage]:
    """The stages of all observations that are live or were changed lately."""
    lately = Observation.stage_changed_at > clock.now() - REPEATED_FOR
    for observation in session.scalars(
        select(Observation)
        .where(Observation.stage_version > 0, or_(Observation.state.in_(LIVE), lately))
        .order_by(Observation.id)
    ).unique():
        yield stage_of(session, observation)

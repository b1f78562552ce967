"""What the host does: letting venues in, on the air, another venue on program, holding the picture, the end."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.clock import shanghai_day
from training_app.errors import Conflict, Refused
from training_app.observations.acts import By, change_stage, write_down, write_down_by_clock
from training_app.observations.claims import release_all
from training_app.observations.models import Observation, ObservationEvent, ObservationVenue, VenueConsent
from training_app.observations.rules import ACTS, LIVE, is_forgotten, kept_until, may_open
from training_app.observations.venues import consents_of, end_keeping

NOT_NOW = _l("The observation is not in the state that this needs. Look at it as it is now.")
NO_CONSENT = _l("The consent of %(venue)s is not on record. Record it first: until then nothing of it goes out.")


def _become(observation: Observation, act: str, now: datetime) -> None:
    before, after = ACTS[act]
    if observation.state not in before:
        raise Conflict(NOT_NOW)
    observation.state, observation.version = after, observation.version + 1
    change_stage(observation, now)


def open_venues(session: Session, observation: Observation, by: By) -> None:
    """Venues may send, and the host sees them; nobody else does."""
    if observation.state == "planned" and not may_open(observation.starts_at, observation.ends_at, by.now):
        raise Refused(_l("Venues are let in from a day before the beginning until the planned end."))
    _become(observation, "open", by.now)
    session.flush()
    write_down(session, observation, Act("observation.opened", *by.stamp(observation)), by)


def go_on_air(session: Session, observation: Observation, by: By) -> None:
    """Viewers see what goes out, and what may be recorded is."""
    _require_consent(next((venue for venue in observation.venues if venue.is_program), None))
    _become(observation, "air", by.now)
    session.flush()
    write_down(session, observation, Act("observation.aired", *by.stamp(observation)), by)


def hold(session: Session, observation: Observation, by: By) -> None:
    """All outputs are cut at once: viewers, segments, recording."""
    _become(observation, "hold", by.now)
    session.flush()
    write_down(session, observation, Act("observation.held", *by.stamp(observation)), by)


def resume(session: Session, observation: Observation, by: By) -> None:
    """What was held goes on."""
    _become(observation, "resume", by.now)
    session.flush()
    write_down(session, observation, Act("observation.resumed", *by.stamp(observation)), by)


def end(session: Session, observation: Observation, by: By) -> None:
    """Publishers are sent away; the recording can be watched until its date."""
    _end(session, observation, by.now)
    write_down(session, observation, Act("observation.ended", *by.stamp(observation)), by)


Hosting = Callable[[Session, Observation, By], None]

HOSTED: Final[Mapping[str, Hosting]] = {
    "open": open_venues,
    "air": go_on_air,
    "hold": hold,
    "resume": resume,
    "end": end,
}
"""What the host does, by its name in the address."""


def put_on_program(session: Session, observation: Observation, stream: str, by: By) -> None:
    """Viewers see this venue first from the next keyframe on. stream: `v7`."""
    venue = next((one for one in observation.venues if one.stream == stream), None)
    if venue is None or observation.state not in LIVE:
        raise Conflict(NOT_NOW)
    _require_consent(venue)
    if venue.is_program:
        return
    mine = ObservationVenue.observation_id == observation.id
    session.execute(update(ObservationVenue).where(mine).values(is_program=False))
    session.execute(update(ObservationVenue).where(ObservationVenue.id == venue.id).values(is_program=True))
    session.expire(observation, ["venues"])
    change_stage(observation, by.now)
    session.flush()
    details = {"venue": venue.name_zh}
    write_down(session, observation, Act("observation.switched", *by.stamp(observation), details), by)


def end_forgotten(session: Session, now: datetime) -> int:
    """How many observations were ended that nobody ended long after their time, so that no camera stays open."""
    live = session.scalars(
        select(Observation).where(Observation.state.in_(LIVE)).order_by(Observation.id).with_for_update(of=Observation)
    )
    forgotten = [
        one
        for one in live.unique().all()
        if is_forgotten(one.state, one.ends_at, now, by_itself=all(venue.is_synthetic for venue in one.venues))
    ]
    for observation in forgotten:
        _end(session, observation, now)
        act = Act("observation.ended", "observation", observation.id, base_id=observation.base_id)
        write_down_by_clock(session, observation, act, now)
    return len(forgotten)


def _require_consent(venue: ObservationVenue | None) -> None:
    if venue is None:
        raise Refused(_l("Choose a venue for the program first."))
    if venue.consent is None:
        raise Refused(_l(NO_CONSENT, venue=venue.name_zh))


def _end(session: Session, observation: Observation, now: datetime) -> None:
    _become(observation, "end", now)
    recorded = [one.keep_until for one in consents_of(session, observation) if one.keep_until is not None]
    observation.keep_until = kept_until(shanghai_day(now), observation.keep_days, recorded)
    if _shows_what_was_withdrawn(session, observation):
        end_keeping(observation, now)
    session.flush()
    release_all(session, observation, ended=True)


def _shows_what_was_withdrawn(session: Session, observation: Observation) -> bool:
    """Whether somebody who had agreed to the recording withdrew that while it was made."""
    aired_at = session.scalar(
        select(func.min(ObservationEvent.at)).where(
            ObservationEvent.observation_id == observation.id, ObservationEvent.act == "observation.aired"
        )
    )
    if aired_at is None:
        return False
    recording = {one.venue_id for one in consents_of(session, observation) if one.recording}
    ended = session.scalars(
        select(VenueConsent.venue_id)
        .join(ObservationVenue, ObservationVenue.id == VenueConsent.venue_id)
        .where(
            ObservationVenue.observation_id == observation.id,
            VenueConsent.recording,
            VenueConsent.withdrawn_at >= aired_at,
        )
    )
    return not set(ended) <= recording

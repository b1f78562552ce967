"""Venues of an observation, the links that open their pages, and their consents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.clock import shanghai_day
from training_app.errors import Conflict, Refused
from training_app.observations.acts import By, change_stage, write_down
from training_app.observations.models import Observation, ObservationVenue, VenueConsent, VenueLink
from training_app.observations.rules import MOST_KEPT, MOST_VENUES, STANDING


@dataclass(frozen=True, slots=True)
class VenueEntry:
    """A venue as entered. room_id: when it is a room of a base. is_synthetic: a test picture in place of a camera."""

    name_zh: str
    name_en: str
    room_id: int | None = None
    is_synthetic: bool = False


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """A consent as entered. keep_until: the last day of a recording; None when none may be made."""

    given_by: str
    scope: str
    keep_until: date | None


def set_venues(session: Session, observation: Observation, entered: Sequence[VenueEntry], now: datetime) -> None:
    """The venues as entered, by their position; a former one keeps its link and consent. The first is on program."""
    most = MOST_VENUES[observation.kind]
    if not 1 <= len(entered) <= most:
        raise Refused(_l("An observation has one to three venues, a briefing has one."))
    standing = {venue.position: venue for venue in observation.venues}
    for position, entry in enumerate(entered, start=1):
        venue = standing.pop(position, None) or ObservationVenue(observation_id=observation.id, position=position)
        venue.name_zh, venue.name_en = entry.name_zh, entry.name_en
        venue.is_synthetic = entry.is_synthetic
        if venue.room_id != entry.room_id:
            venue.room_id, venue.booking_id = entry.room_id, None
        venue.is_program = position == 1
        session.add(venue)
    for venue in standing.values():
        venue.removed_at, venue.is_program = now, False
        _end_links(session, venue, now)
        _end_consents(session, venue, now)
    session.flush()
    session.expire(observation, ["venues"])


def _end_links(session: Session, venue: ObservationVenue, now: datetime) -> None:
    standing = VenueLink.venue_id == venue.id, VenueLink.revoked_at.is_(None)
    session.execute(update(VenueLink).where(*standing).values(revoked_at=now))


def _end_consents(session: Session, venue: ObservationVenue, now: datetime) -> None:
    standing = VenueConsent.venue_id == venue.id, VenueConsent.withdrawn_at.is_(None)
    session.execute(update(VenueConsent).where(*standing).values(withdrawn_at=now))


def make_link(session: Session, observation: Observation, venue: ObservationVenue, by: By) -> VenueLink:
    """A new link that opens the page of the venue; the former one opens nothing any more."""
    _require_standing(observation)
    if venue.is_synthetic:
        raise Refused(_l("This venue is a test picture: nobody sends for it."))
    _end_links(session, venue, by.now)
    link = VenueLink(venue_id=venue.id, made_by=by.holder.id, made_at=by.now)
    session.add(link)
    _changed(session, observation, venue, by.now)
    write_down(session, observation, Act("venue_link.made", *by.stamp(observation), {"venue": venue.name_zh}), by)
    return link


def revoke_link(session: Session, observation: Observation, venue: ObservationVenue, by: By) -> None:
    """The link of the venue opens nothing any more, and who sends by it is sent away."""
    if venue.link is None:
        raise Conflict(_l("This venue has no link any more."))
    _end_links(session, venue, by.now)
    _changed(session, observation, venue, by.now)
    write_down(session, observation, Act("venue_link.revoked", *by.stamp(observation), {"venue": venue.name_zh}), by)


def note_consent(
    session: Session, observation: Observation, venue: ObservationVenue, entered: ConsentEntry, *, by: By
) -> VenueConsent:
    """The consent of the venue, in the place of a former one. Without one nothing of the venue goes out."""
    _require_standing(observation)
    first = shanghai_day(observation.starts_at)
    if entered.keep_until is not None and not first <= entered.keep_until <= first + MOST_KEPT:
        raise Refused(_l("A recording is kept from the day of the observation, for ten years at most."))
    _end_consents(session, venue, by.now)
    consent = VenueConsent(
        venue_id=venue.id,
        given_by=entered.given_by,
        scope=entered.scope,
        recording=entered.keep_until is not None,
        keep_until=entered.keep_until,
        noted_by=by.holder.id,
        noted_at=by.now,
    )
    session.add(consent)
    _changed(session, observation, venue, by.now)
    details = {
        "venue": venue.name_zh,
        "person": consent.given_by,
        "recording": consent.recording,
        "until": consent.keep_until.isoformat() if consent.keep_until else "",
    }
    write_down(session, observation, Act("consent.noted", *by.stamp(observation), details), by)
    return consent


def withdraw_consent(
    session: Session, observation: Observation, venue: ObservationVenue, *, reason: str, by: By
) -> None:
    """Nothing of the venue goes out any more. A recording that it allowed is deleted, since it cannot be cut out."""
    consent = venue.consent
    if consent is None:
        raise Conflict(_l("This venue has no consent that stands."))
    was_recorded = consent.recording
    _end_consents(session, venue, by.now)
    if was_recorded and observation.state == "ended":
        end_keeping(observation, by.now)
    _changed(session, observation, venue, by.now)
    act = Act("consent.withdrawn", *by.stamp(observation), {"venue": venue.name_zh})
    write_down(session, observation, act, by, reason=reason)


def end_keeping(observation: Observation, now: datetime) -> None:
    """The recording is not kept beyond yesterday: the media process deletes it when it is told."""
    observation.keep_until = shanghai_day(now) - timedelta(days=1)


def drop_recording(session: Session, observation: Observation, *, reason: str, by: By) -> None:
    """The recording of an ended observation is deleted before its time."""
    if observation.state != "ended" or (observation.keep_until or date.max) < shanghai_day(by.now):
        raise Conflict(_l("There is no recording that could be deleted."))
    end_keeping(observation, by.now)
    change_stage(observation, by.now)
    session.flush()
    write_down(session, observation, Act("recording.dropped", *by.stamp(observation)), by, reason=reason)


def _require_standing(observation: Observation) -> None:
    if observation.state not in STANDING:
        raise Refused(_l("This observation is over."))


def _changed(session: Session, observation: Observation, venue: ObservationVenue, now: datetime) -> None:
    change_stage(observation, now)
    session.flush()
    session.expire(venue, ["links", "consents"])


def consents_of(session: Session, observation: Observation) -> Sequence[VenueConsent]:
    """The consents that stand, of all venues there are."""
    return session.scalars(
        select(VenueConsent)
        .join(ObservationVenue, ObservationVenue.id == VenueConsent.venue_id)
        .where(
            ObservationVenue.observation_id == observation.id,
            ObservationVenue.removed_at.is_(None),
            VenueConsent.withdrawn_at.is_(None),
        )
    ).all()

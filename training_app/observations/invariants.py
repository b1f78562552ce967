"""What must always hold of observations, for `training-app check`."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.bookings.models import Booking, Claim
from training_app.bookings.rules import LIVE_STATES, resource
from training_app.observations.claims import OCCASION, standing_places
from training_app.observations.models import ConfidentialityAcceptance, Observation, ObservationPresence
from training_app.observations.rules import MOST_VENUES, SHOWN, STANDING
from training_app.people.models import RoleGrant
from training_app.people.rules import Role
from training_app.registry import Finding

NAME = "observations"


def observation_findings(session: Session) -> Iterator[Finding]:
    """Host, rooms and places without their booking; on the air without consent; what is over and still holds time."""
    standing = select(Observation).where(Observation.state.in_(STANDING)).order_by(Observation.id)
    for observation in session.scalars(standing).unique():
        where = f"observation {observation.id}"
        if not _holds(session, observation, observation.host_booking_id, resource("person", observation.host_id)):
            yield Finding(NAME, where, "its host is not booked for its time")
        yield from _venue_findings(session, observation, where)
        yield from _place_findings(session, observation, where)
    yield from _left_bookings(session)
    yield from _unaccepted(session)


def _venue_findings(session: Session, observation: Observation, where: str) -> Iterator[Finding]:
    venues = observation.venues
    if not 1 <= len(venues) <= MOST_VENUES[observation.kind]:
        yield Finding(NAME, where, "is not as many venues as its kind has")
    for venue in venues:
        booked = venue.room_id is None or _holds(
            session, observation, venue.booking_id, resource("room", venue.room_id)
        )
        if not booked:
            yield Finding(NAME, f"{where} venue {venue.id}", "is not booked for its time")
    if observation.state in SHOWN and not any(venue.is_program for venue in venues):
        yield Finding(NAME, where, "is on the air without a venue on program")


def _place_findings(session: Session, observation: Observation, where: str) -> Iterator[Finding]:
    places = standing_places(session, observation)
    for place in places:
        if not _holds(session, observation, place.booking_id, resource("person", place.person_id)):
            yield Finding(NAME, f"{where} place {place.id}", "its booking is not live or of another")
    if observation.places is not None and len(places) > observation.places:
        yield Finding(NAME, where, "has more places taken than there are")


def _left_bookings(session: Session) -> Iterator[Finding]:
    over = select(Observation.id).where(Observation.state.not_in(STANDING))
    left = select(Booking.occasion_id).where(
        Booking.occasion_kind == OCCASION, Booking.occasion_id.in_(over), Booking.state.in_(LIVE_STATES)
    )
    for number in session.scalars(left.distinct().order_by(Booking.occasion_id)):
        yield Finding(NAME, f"observation {number}", "is over and still holds a booking")


def _unaccepted(session: Session) -> Iterator[Finding]:
    accepted = select(ConfidentialityAcceptance.id).where(
        ConfidentialityAcceptance.observation_id == ObservationPresence.observation_id,
        ConfidentialityAcceptance.person_id == ObservationPresence.person_id,
    )
    # hosts look at what venues send before it goes out; trainees never do
    trainees = select(RoleGrant.person_id).where(RoleGrant.role == Role.TRAINEE)
    viewers = select(ObservationPresence.observation_id, ObservationPresence.person_id).where(
        ObservationPresence.person_id.in_(trainees), ~accepted.exists()
    )
    for row in session.execute(viewers.distinct()):
        place = f"observation {row.observation_id} person {row.person_id}"
        yield Finding(NAME, place, "was watched by somebody who did not accept the notice")


def _holds(session: Session, observation: Observation, booking_id: int | None, wanted: str) -> bool:
    """Whether the booking is live at the observation's time and claims exactly `wanted`."""
    claims = session.scalars(
        select(Claim.resource)
        .join(Booking, Booking.id == Claim.booking_id)
        .where(
            Booking.id == booking_id,
            Booking.state.in_(LIVE_STATES),
            Booking.starts_at == observation.starts_at,
            Booking.ends_at == observation.ends_at,
            Claim.state.in_(LIVE_STATES),
        )
    )
    return set(claims) == {wanted}

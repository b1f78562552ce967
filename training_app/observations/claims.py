"""What an observation takes in the calendar: its host, rooms of venues, people with places; all together or nothing."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.bookings.models import Booking, Room
from training_app.bookings.rooms import require_open
from training_app.bookings.rules import LIVE_STATES, Span, in_order, resource
from training_app.bookings.services import Request, book, release, take_turns
from training_app.errors import Conflict, Refused
from training_app.observations.acts import By
from training_app.observations.models import Observation, ObservationPlace, ObservationVenue
from training_app.people.reach import LARGEST_ID
from training_app.web.words import name_of

OCCASION = "observation"
"""The kind of the occasion of every booking here."""


class HostRefused(Conflict):
    """The host is somewhere else at that time."""


class VenueRefused(Conflict):
    """A room of a venue cannot be had at that time; the message names it."""


def span_of(observation: Observation) -> Span:
    """The time for which host, rooms and people are taken."""
    return Span(observation.starts_at, observation.ends_at)


def standing_places(session: Session, observation: Observation) -> list[ObservationPlace]:
    """The places of everybody who is expected, by person."""
    return list(
        session.scalars(
            select(ObservationPlace)
            .where(ObservationPlace.observation_id == observation.id, ObservationPlace.state == "expected")
            .order_by(ObservationPlace.person_id)
        )
    )


def book_all(session: Session, observation: Observation, by: By) -> None:
    """Host, rooms and everybody with a place are booked at the time of the observation; what stood is given back.

    Raises HostRefused, VenueRefused, or Conflict that names the person who is somewhere else.
    """
    places = standing_places(session, observation)
    venues = [venue for venue in observation.venues if venue.room_id is not None]
    people = [resource("person", number) for number in (observation.host_id, *(one.person_id for one in places))]
    rooms = [resource("room", venue.room_id) for venue in venues if venue.room_id is not None]
    take_turns(session, in_order([*people, *rooms]))
    release_all(session, observation)
    try:
        observation.host_booking_id = _book(session, observation, "host", ("person", observation.host_id), by=by)
    except Conflict as taken:
        raise HostRefused(_l("%(name)s: %(why)s", name=name_of(observation.host), why=taken.message)) from taken
    for venue in venues:
        _book_room(session, observation, venue, by)
    for place in places:
        try:
            number = book_person(session, observation, place.person_id, by)
        except Conflict as taken:
            raise Conflict(_l("%(name)s: %(why)s", name=name_of(place.person), why=taken.message)) from taken
        session.execute(update(ObservationPlace).where(ObservationPlace.id == place.id).values(booking_id=number))
    session.flush()
    session.expire(observation, ["venues"])


def _book_room(session: Session, observation: Observation, venue: ObservationVenue, by: By) -> None:
    number = venue.room_id or 0
    room = session.get(Room, number) if 0 < number <= LARGEST_ID else None
    if room is None:
        raise VenueRefused(_l("One of the rooms does not exist any more. Choose another one."))
    try:
        require_open(session, room, span_of(observation))
        venue.booking_id = _book(session, observation, "venue", ("room", number), by=by)
    except Conflict as taken:
        raise VenueRefused(_l("%(room)s: %(why)s", room=name_of(room), why=taken.message)) from taken
    except Refused as closed:
        raise VenueRefused(closed.message) from closed


def book_person(session: Session, observation: Observation, person_id: int, by: By) -> int:
    """Id of the booking of a place: the person's time. Conflict when he or she is somewhere else."""
    return _book(session, observation, "place", ("person", person_id), by=by)


def _book(session: Session, observation: Observation, kind: str, what: tuple[str, int], *, by: By) -> int:
    request = Request(
        f"watch_{kind}",
        (OCCASION, observation.id),
        observation.base_id,
        span_of(observation),
        (resource(*what),),
        person_id=what[1] if what[0] == "person" else None,
        made_by=by.holder.id,
    )
    return book(session, request, by.now).id


def release_all(session: Session, observation: Observation, *, ended: bool = False) -> None:
    """Host, rooms and people are free; `ended`: because the observation took place."""
    mine = Booking.occasion_kind == OCCASION, Booking.occasion_id == observation.id
    standing = session.scalars(
        select(Booking.id).where(*mine, Booking.state.in_(LIVE_STATES)).order_by(Booking.id)
    ).all()
    session.flush()
    for number in standing:
        release(session, number, ended=ended)
    observation.host_booking_id = None
    session.flush()

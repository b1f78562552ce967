"""Places in an observation: who is expected. A place is a booking, so nobody is in two places at one time."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.services import release
from training_app.errors import Conflict, NotFound, Refused
from training_app.observations.acts import By, change_stage, write_down
from training_app.observations.claims import book_person, standing_places
from training_app.observations.models import AudienceBase, Observation, ObservationPlace
from training_app.observations.reach import Standing
from training_app.observations.rules import STANDING
from training_app.people.models import Person, RoleGrant
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Role
from training_app.programmes.services import cycle_for
from training_app.web.words import name_of

NOBODY = _l("There is no such trainee at the bases that are invited.")
NEEDS_NONE = _l("Nobody needs a place in this observation: whoever is invited may come.")


def placeable(observation: Observation) -> ColumnElement[bool]:
    """The condition on Person of those who may have a place: trainees of the invited bases who can sign in."""
    invited = select(AudienceBase.base_id).where(AudienceBase.observation_id == observation.id)
    trainees = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.TRAINEE, RoleGrant.ended_at.is_(None), RoleGrant.base_id.in_(invited)
    )
    return and_(Person.id.in_(trainees), Person.blocked_at.is_(None), Person.rehearsal.is_(False))


def person_to_place(session: Session, observation: Observation, person_id: int) -> Person:
    """The trainee. NotFound, the same for nobody and for somebody who is not invited."""
    known = 0 < person_id <= LARGEST_ID
    found = session.scalar(select(Person).where(Person.id == person_id, placeable(observation))) if known else None
    if found is None:
        raise NotFound(NOBODY)
    return found


def found_by(session: Session, observation: Observation, words: str) -> Sequence[Person]:
    """At most 20 trainees who may have a place and in whose names or numbers every word occurs."""
    fields = (Person.name_zh, Person.name_en, Person.username, Person.staff_number)
    statement = select(Person).where(placeable(observation)).order_by(Person.name_en, Person.id).limit(20)
    for word in words.split()[:8]:
        matches = [field.icontains(word, autoescape=True) for field in fields]
        statement = statement.where(matches[0] | matches[1] | matches[2] | matches[3])
    return list(session.scalars(statement).unique())


def add_place(session: Session, observation: Observation, person: Person, by: By) -> ObservationPlace:
    """The person's place. Conflict when none is left, or when he or she is somewhere else at that time."""
    _require_standing(observation, by)
    standing = standing_places(session, observation)
    if any(place.person_id == person.id for place in standing):
        raise Conflict(_l("%(name)s has a place in this observation already.", name=name_of(person)))
    if observation.places is None:
        raise Refused(NEEDS_NONE)
    if len(standing) >= observation.places:
        raise Conflict(_l("All %(count)s places are taken.", count=observation.places))
    place = ObservationPlace(
        observation_id=observation.id,
        person_id=person.id,
        cycle_id=cycle_for(session, person.id, by.now, observation.programme_id).id,
        booking_id=book_person(session, observation, person.id, by),
        state="expected",
        made_at=by.now,
    )
    session.add(place)
    change_stage(observation, by.now)
    session.flush()
    details = {"person": person.name_zh}
    write_down(session, observation, Act("watch_place.added", *by.stamp(observation), details), by)
    return place


def place_everybody(session: Session, observation: Observation, by: By) -> tuple[int, list[Person]]:
    """How many trainees of the invited bases got a place, and who could not: somewhere else, or none was left."""
    have = {place.person_id for place in standing_places(session, observation)}
    people = session.scalars(select(Person).where(placeable(observation)).order_by(Person.id)).unique().all()
    added, left_out = 0, []
    for person in people:
        if person.id in have:
            continue
        try:
            with session.begin_nested():
                add_place(session, observation, person, by)
        except Conflict:
            left_out.append(person)
        else:
            added += 1
    return added, left_out


def take_place(session: Session, observation: Observation, standing: Standing, by: By) -> ObservationPlace:
    """A trainee who is invited takes a place for himself or herself."""
    if not standing.of_audience:
        raise NotFound(NOBODY)
    return add_place(session, observation, person_to_place(session, observation, by.holder.id), by)


def give_back(session: Session, observation: Observation, standing: Standing, by: By) -> None:
    """The own place is free again, until the observation begins."""
    if standing.place is None:
        raise Conflict(_l("You have no place in this observation any more."))
    if observation.state != "planned":
        raise Refused(_l("The observation has begun. Tell its host if you cannot come."))
    _withdraw(session, observation, standing.place, "", by=by)


def withdraw(session: Session, observation: Observation, place_id: int, reason: str, *, by: By) -> None:
    """The place is withdrawn, with a reason; who watches by it is sent away."""
    place = session.get(ObservationPlace, place_id) if 0 < place_id <= LARGEST_ID else None
    if place is None or place.observation_id != observation.id:
        raise NotFound(_l("There is no such place in this observation."))
    if place.state != "expected" or observation.state not in STANDING:
        raise Conflict(_l("This place has changed meanwhile. Load the page again."))
    _withdraw(session, observation, place, reason, by=by)


def _withdraw(session: Session, observation: Observation, place: ObservationPlace, reason: str, *, by: By) -> None:
    details = {"person": place.person.name_zh}
    place.state = "withdrawn"
    change_stage(observation, by.now)
    session.flush()
    release(session, place.booking_id)
    act = Act("watch_place.withdrawn", *by.stamp(observation), details)
    write_down(session, observation, act, by, reason=reason or None)


def _require_standing(observation: Observation, by: By) -> None:
    if observation.state not in STANDING or by.now >= observation.ends_at:
        raise Refused(_l("This observation is over."))

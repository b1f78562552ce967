"""The roster of a sitting: who has a place. A place is a booking, so nobody is in two places at one time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.services import release
from training_app.clock import shanghai_day
from training_app.errors import Conflict, NotFound, Refused
from training_app.exams.models import Form
from training_app.exams.rules import FORMER_PLACES, PLACE_CHANGES, may_become, ticket_number
from training_app.exams.setup.claims import book_person
from training_app.exams.setup.dealing import dealt_forms
from training_app.exams.setup.preparing import make_attempt, void_attempt
from training_app.exams.setup.sittings import require_changeable, times_of
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person, RoleGrant, TrainingBase
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Grant, Holder, Role
from training_app.programmes.services import cycle_for
from training_app.web.words import name_of

NO_PLACE = _l("There is no such place in this sitting.")
COMING = ("planned", "prepared", "open", "running")
"""States of a sitting that is still to come or runs."""
MOST_PERSONAL_TIME = timedelta(hours=8)


def places_anybody(holder: Holder) -> bool:
    """Whether the person may place trainees of every base: a programme administrator."""
    return Grant(Role.PROGRAMME_ADMIN, None) in holder.grants


def placeable(holder: Holder, base: str) -> ColumnElement[bool]:
    """The condition on Person of those whom the holder may place at `base`: trainees there who can sign in."""
    held = select(RoleGrant.person_id).where(RoleGrant.role == Role.TRAINEE, RoleGrant.ended_at.is_(None))
    at_base = true() if places_anybody(holder) else RoleGrant.base_id == base
    is_real = Person.rehearsal.is_(False)
    return and_(Person.id.in_(held.where(at_base)), Person.blocked_at.is_(None), is_real)


def person_to_place(session: Session, holder: Holder, base: str, person_id: int) -> Person:
    """The trainee. NotFound, the same for nobody and for somebody who may not be placed there."""
    known = 0 < person_id <= LARGEST_ID
    found = session.scalar(select(Person).where(Person.id == person_id, placeable(holder, base))) if known else None
    if found is None:
        raise NotFound(_l("There is no such trainee whom you may place here."))
    return found


def found_by(session: Session, holder: Holder, base: str, words: str) -> list[Person]:
    """At most 20 trainees whom the holder may place at `base` and in whose names or numbers every word occurs."""
    fields = (Person.name_zh, Person.name_en, Person.username, Person.staff_number)
    statement = select(Person).where(placeable(holder, base)).order_by(Person.name_en, Person.id).limit(20)
    for word in words.split()[:8]:
        matches = [field.icontains(word, autoescape=True) for field in fields]
        statement = statement.where(matches[0] | matches[1] | matches[2] | matches[3])
    return list(session.scalars(statement).unique())


def place_of(session: Session, sitting: Sitting, place_id: int) -> RosterPlace:
    """The place of this sitting with this id. Raises NotFound."""
    place = session.get(RosterPlace, place_id) if place_id <= LARGEST_ID else None
    if place is None or place.sitting_id != sitting.id:
        raise NotFound(NO_PLACE)
    return place


def add_place(session: Session, sitting: Sitting, person: Person, by: By) -> RosterPlace:
    """The person's place, with ticket and without a seat. Conflict when he or she is somewhere else at that time."""
    require_changeable(sitting)
    standing = ~RosterPlace.state.in_(("withdrawn", "void"))
    mine = RosterPlace.sitting_id == sitting.id, RosterPlace.person_id == person.id, standing
    if session.scalar(select(RosterPlace.id).where(*mine)):
        raise Conflict(_l("%(name)s has a place in this sitting already.", name=name_of(person)))
    booking = book_person(session, sitting, "exam_place", (person.id, None), by=by)
    serial = 1 + (session.scalar(select(func.count()).where(RosterPlace.sitting_id == sitting.id)) or 0)
    code = session.get_one(TrainingBase, sitting.base_id).code
    place = RosterPlace(
        sitting_id=sitting.id,
        person_id=person.id,
        cycle_id=cycle_for(session, person.id, by.now).id,
        ticket_number=ticket_number(code, shanghai_day(sitting.starts_at), sitting.id, serial),
        booking_id=booking,
        resit_of=former_place(session, person.id, sitting.id),
        state="expected",
    )
    session.add(place)
    session.flush()
    if sitting.state == "prepared":
        form = dealt_forms(session, sitting, [place])[place.id]
        make_attempt(session, sitting, place, session.get_one(Form, form), by=by)
    act = Act("place.added", "sitting", *by.stamp(sitting), {"person": person.name_zh})
    write_down(session, sitting, act, by, place=place)
    return place


def former_place(session: Session, person_id: int, sitting_id: int) -> int | None:
    """The person's last place in another sitting that has ended: what a new place resits. None before the first."""
    return session.scalars(
        select(RosterPlace.id)
        .where(
            RosterPlace.person_id == person_id,
            RosterPlace.sitting_id != sitting_id,
            RosterPlace.state.in_(FORMER_PLACES),
        )
        .order_by(RosterPlace.id.desc())
    ).first()


def take_over_roster(session: Session, sitting: Sitting, by: By) -> list[Person]:
    """Everybody whose place in the sitting that this one replaces is void has one here; those who could not get one.

    Personal time goes along; seats do not.
    """
    former = select(RosterPlace).where(RosterPlace.sitting_id == sitting.replaces_id, RosterPlace.state == "void")
    left_out = []
    for old in session.scalars(former.order_by(RosterPlace.person_id)).all():
        person, time = old.person, (old.personal_time_s // 60, old.personal_time_reason)
        try:
            with session.begin_nested():
                person_to_place(session, by.holder, sitting.base_id, person.id)
                place = add_place(session, sitting, person, by)
                if time[0]:
                    grant_time(session, sitting, place, time[0], reason=time[1], by=by)
        except Refused:
            left_out.append(person)
    return left_out


def coming_places(session: Session, person_id: int, now: datetime) -> Sequence[tuple[RosterPlace, Sitting]]:
    """The person's places in sittings that are not over, with the sitting, next first."""
    rows = session.execute(
        select(RosterPlace, Sitting)
        .join(Sitting, Sitting.id == RosterPlace.sitting_id)
        .where(
            RosterPlace.person_id == person_id,
            RosterPlace.state == "expected",
            Sitting.state.in_(COMING),
            Sitting.ends_at > now,
        )
        .order_by(Sitting.starts_at)
    )
    return [(row.RosterPlace, row.Sitting) for row in rows.unique()]


def own_place(session: Session, person_id: int, place_id: int, now: datetime) -> tuple[RosterPlace, Sitting]:
    """The person's own coming place with its sitting; NotFound for none and for anybody else's, which is noted."""
    found = next((row for row in coming_places(session, person_id, now) if row[0].id == place_id), None)
    if found is None:
        place = session.get(RosterPlace, place_id) if place_id <= LARGEST_ID else None
        others = place is not None and place.person_id != person_id
        text = _l("You have no such place. Your coming sittings stand under Exams.")
        raise NotFound(text, act="exam.sit" if others else "")
    return found


def grant_time(session: Session, sitting: Sitting, place: RosterPlace, minutes: int, *, reason: str, by: By) -> None:
    """The person has that many minutes more than the others; 0 takes them back."""
    require_changeable(sitting)
    _require_expected(place)
    personal = timedelta(minutes=minutes)
    if not timedelta() <= personal <= MOST_PERSONAL_TIME:
        raise Refused(_l("Personal time is a number of minutes from 0 to 480."))
    if not reason:
        raise Refused(_l("Say why."))
    if not times_of(sitting).room_for(personal):
        raise Refused(_l("The rooms are not kept that long. Change the end of the sitting first."))
    before = place.personal_time_s // 60
    place.personal_time_s, place.personal_time_reason = minutes * 60, reason if minutes else ""
    place.version += 1
    session.flush()
    act = Act("place.time_changed", "sitting", *by.stamp(sitting), {"minutes": [before, minutes]})
    write_down(session, sitting, act, by, place=place)


def withdraw(session: Session, sitting: Sitting, place: RosterPlace, reason: str, *, by: By) -> None:
    """The person has no place here any more; seat and time are free."""
    _leave(session, sitting, place, "withdrawn", by=by)
    write_down(session, sitting, Act("place.withdrawn", "sitting", *by.stamp(sitting)), by, place=place, reason=reason)


def defer(session: Session, sitting: Sitting, place: RosterPlace, reason: str, *, by: By) -> None:
    """The person sits at a later sitting 缓考; seat and time are free."""
    _leave(session, sitting, place, "deferred", by=by)
    write_down(session, sitting, Act("place.deferred", "sitting", *by.stamp(sitting)), by, place=place, reason=reason)


def _leave(session: Session, sitting: Sitting, place: RosterPlace, state: str, *, by: By) -> None:
    require_changeable(sitting)
    _require_expected(place)
    if not may_become(PLACE_CHANGES, place.state, state):
        raise Refused(NO_PLACE)
    void_attempt(session, place, state, by)
    place.state, place.seat_id, place.version = state, None, place.version + 1
    session.flush()
    release(session, place.booking_id)


def _require_expected(place: RosterPlace) -> None:
    if place.state != "expected":
        raise Conflict(_l("This place has changed meanwhile. Load the page again."))

"""Who reads a console, who acts on it; of two who act on one seat at once, the slower is told."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.audit.words import act_name
from training_app.errors import Conflict, NotAllowed, Refused
from training_app.exams.models import Attempt
from training_app.exams.setup.roster import place_of
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingEvent
from training_app.people.models import Person
from training_app.people.rules import Grant, Holder, Role
from training_app.web.words import clock, name_of

SeatOf = tuple[RosterPlace, Attempt | None]
"""A place and its attempt, if it has one."""

ON_THE_DAY = frozenset({"open", "running"})
"""States of a sitting in which candidates are here."""


def console_of(session: Session, holder: Holder, sitting_id: int) -> Sitting:
    """The sitting, to look at its console. NotFound beyond the reach, NotAllowed for who sits it."""
    sitting = sitting_within(session, holder, "console.read", sitting_id)
    _refuse_candidate(session, holder, sitting)
    return sitting


def console_to_act(session: Session, by: By, sitting_id: int) -> Sitting:
    """The sitting, locked to the end of the transaction, for who is on duty in it or administers its base."""
    sitting = sitting_within(session, by.holder, "console.act", sitting_id, to_change=True)
    _refuse_candidate(session, by.holder, sitting)
    require_acting(session, by.holder, sitting)
    return sitting


def may_act(session: Session, holder: Holder, sitting: Sitting) -> bool:
    """Whether the person is on duty in the sitting now, or administers its base."""
    if not holder.reaches("console.act", sitting.base_id):
        return False
    if Grant(Role.BASE_ADMIN, sitting.base_id) in holder.grants:
        return True
    duty = select(InvigilatorDuty.id).where(
        InvigilatorDuty.sitting_id == sitting.id,
        InvigilatorDuty.person_id == holder.id,
        InvigilatorDuty.ended_at.is_(None),
    )
    return session.scalars(duty).first() is not None


def require_acting(session: Session, holder: Holder, sitting: Sitting) -> None:
    """Nothing, or NotAllowed for who only looks on."""
    if not may_act(session, holder, sitting):
        text = _l("Only invigilators on duty in this sitting, and administrators of its base, act here.")
        raise NotAllowed(text, act="console.act")


def _refuse_candidate(session: Session, holder: Holder, sitting: Sitting) -> None:
    own = select(RosterPlace.id).where(
        RosterPlace.sitting_id == sitting.id,
        RosterPlace.person_id == holder.id,
        RosterPlace.state.not_in(("withdrawn", "void")),
    )
    if session.scalars(own).first() is not None:
        raise NotAllowed(_l("You sit this examination yourself, so its console is closed to you."), act="console.read")


def require_state(sitting: Sitting, states: frozenset[str]) -> None:
    """Nothing, or Conflict when the sitting is in another state than the act needs."""
    if sitting.state not in states:
        raise Conflict(_l("The sitting is not in the state that this needs. Load the page again."))


def room_named(sitting: Sitting, room_id: int | None) -> dict[str, str]:
    """The name of a room of the sitting as the audit log tells it; nothing for the whole sitting."""
    if room_id is None:
        return {}
    name = next((row.room.name_zh for row in sitting.rooms if row.room_id == room_id), None)
    if name is None:
        raise Refused(_l("Choose a room of this sitting."))
    return {"room": name}


def seat_of_console(session: Session, sitting: Sitting, place_id: int) -> SeatOf:
    """The place of this sitting, and its attempt if it has one."""
    place = place_of(session, sitting, place_id)
    return place, session.get(Attempt, place.attempt_id) if place.attempt_id else None


def token(act: str, place: RosterPlace, attempt: Attempt | None) -> str:
    """What must still be so when an act on a place is carried out; the form carries it from when it was shown."""
    if act in {"incident", "notice", "code"}:
        return ""
    if act == "document":
        seen = place.document_seen_at.isoformat() if place.document_seen_at else ""
        return f"{place.document_outcome}/{seen}"
    state = f"{place.state}/{attempt.state if attempt else ''}"
    return f"{state}/{place.seat_id}" if act == "move" else state


def claim(session: Session, act: str, seat: SeatOf, seen: str) -> None:
    """Nothing when the place is still as it was shown, else Conflict that names who was faster."""
    place, attempt = seat
    if token(act, place, attempt) != seen:
        raise slower(session, place)


def slower(session: Session, place: RosterPlace) -> Conflict:
    """What the slower of two is told: what the other one did and when."""
    last = session.execute(
        select(SittingEvent.act, SittingEvent.at, Person)
        .join(Person, Person.id == SittingEvent.by)
        .where(SittingEvent.place_id == place.id)
        .order_by(SittingEvent.id.desc())
        .limit(1)
    ).first()
    if last is None or last.Person.id == place.person_id:
        return Conflict(_l("This seat has changed meanwhile. Nothing was done; look at it as it is now."))
    text = _l(
        "Somebody was faster: %(name)s, %(time)s, “%(act)s”. Nothing was done now; look at the seat as it is.",
        name=name_of(last.Person),
        time=clock(last.at),
        act=act_name(last.act),
    )
    return Conflict(text)

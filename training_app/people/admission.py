"""Account life: adding and editing people, postings, roles given and ended, blocking."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from training_app.clock import shanghai_day
from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.people.models import Person, Posting, RoleGrant
from training_app.people.rules import Holder, Role, may_give, may_manage, refused_beside, role_fits
from training_app.people.signed import holder_of


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is entered for a person. kind: officer, enterprise or staff. base: id of the base of the first posting."""

    username: str
    kind: str
    name_zh: str
    name_en: str
    staff_number: str | None = None
    email: str | None = None
    organisation_id: int | None = None
    base: str | None = None


def add_person(session: Session, entered: NewPerson, now: datetime) -> Person:
    """The new person, posted to the base that was entered; no password and no role yet."""
    person = Person(
        username=entered.username.strip().lower(),
        kind=entered.kind,
        name_zh=entered.name_zh.strip(),
        name_en=entered.name_en.strip(),
        staff_number=entered.staff_number or None,
        email=entered.email or None,
        organisation_id=entered.organisation_id,
        language="zh",
        created_at=now,
    )
    session.add(person)
    _flush_unique(session)
    if entered.base:
        post(session, person, entered.base, shanghai_day(now))
    return person


def _flush_unique(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        text = str(error.orig)
        if "username" in text:
            raise Conflict(_l("This sign-in name is already taken. Choose another one.")) from error
        if "staff_number" in text:
            raise Conflict(_l("This staff number already belongs to someone.")) from error
        raise


def change_person(session: Session, person: Person, entered: NewPerson, seen_version: int) -> None:
    """The person as entered; Conflict when somebody else changed the record since it was shown."""
    claimed = session.execute(
        update(Person)
        .where(Person.id == person.id, Person.version == seen_version)
        .values(version=Person.version + 1)
        .returning(Person.id)
    ).scalar_one_or_none()
    if claimed is None:
        raise Conflict(_l("Somebody else changed this record while you were editing. Load it again and repeat."))
    session.refresh(person)
    person.username = entered.username.strip().lower()
    person.kind = entered.kind
    person.name_zh, person.name_en = entered.name_zh.strip(), entered.name_en.strip()
    person.staff_number = entered.staff_number or None
    person.email = entered.email or None
    person.organisation_id = entered.organisation_id
    _flush_unique(session)


def post(session: Session, person: Person, base: str, on: date) -> None:
    """The person belongs to `base` from `on`; an earlier posting ends that day."""
    session.execute(
        update(Posting).where(Posting.person_id == person.id, Posting.ended_on.is_(None)).values(ended_on=on)
    )
    session.add(Posting(person_id=person.id, base_id=base, started_on=on))
    session.flush()
    session.expire(person, ["postings"])


def give_role(
    session: Session, person: Person, role: Role, base: str | None, *, now: datetime, giver: Holder | None = None
) -> RoleGrant:
    """The new grant; giver None is a command. Refused when the giver's reach or a combination forbids it."""
    if giver is not None and not may_give(giver, person.id, role, base):
        raise NotAllowed(
            _l("You cannot give this role: it lies outside your reach, or it would be to yourself."), act="roles.give"
        )
    if not role_fits(role, base):
        raise Refused(_l("A trainee or base administrator belongs to one base; a programme administrator to all."))
    beside = refused_beside(role, (Role(grant.role) for grant in person.grants))
    if beside is not None:
        raise Refused(_l("These two roles are never held by one person. End the other one first."))
    grant = RoleGrant(
        person_id=person.id, role=role.value, base_id=base, granted_at=now, granted_by=giver.id if giver else None
    )
    session.add(grant)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(_l("The person already holds this role there.")) from error
    session.expire(person, ["grants"])
    return grant


def end_role(session: Session, person: Person, grant_id: int, *, giver: Holder, now: datetime) -> RoleGrant:
    """The grant, ended. Refused outside the giver's reach and for oneself."""
    grant = session.scalar(
        select(RoleGrant).where(
            RoleGrant.id == grant_id, RoleGrant.person_id == person.id, RoleGrant.ended_at.is_(None)
        )
    )
    if grant is None:
        raise NotFound(_l("The person does not hold this role any more."))
    if not may_give(giver, person.id, Role(grant.role), grant.base_id):
        raise NotAllowed(
            _l("You cannot end this role: it lies outside your reach, or it is your own."), act="roles.give"
        )
    grant.ended_at, grant.ended_by = now, giver.id
    session.flush()
    session.expire(person, ["grants"])
    return grant


def require_managed(manager: Holder, person: Person) -> None:
    """Nothing, or NotAllowed when the person's roles reach further than the manager's."""
    if not may_manage(manager, holder_of(person)):
        raise NotAllowed(
            _l("This person holds roles beyond your base. Ask a programme administrator."), act="people.admit"
        )


def block(session: Session, person: Person, reason: str, *, manager: Holder, now: datetime) -> None:
    """The account is closed and every session of it ends. Nobody blocks himself."""
    require_managed(manager, person)
    if person.id == manager.id:
        raise NotAllowed(_l("Nobody blocks the own account."), act="people.admit")
    person.blocked_at, person.blocked_reason = now, reason
    person.session_version += 1
    session.flush()


def unblock(session: Session, person: Person, *, manager: Holder) -> None:
    """The account is open again."""
    require_managed(manager, person)
    person.blocked_at = person.blocked_reason = None
    session.flush()

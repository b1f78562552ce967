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
from training_app.people.names import ROLE_NAMES
from training_app.people.rules import (
    Holder,
    Role,
    may_close,
    may_give,
    may_manage,
    may_transfer,
    refused_beside,
    role_fits,
)
from training_app.people.sign_in import end_codes, issue_code
from training_app.people.signed import holder_of

CHANGED_MEANWHILE = _l(
    "Somebody else changed this record while you were editing. What they stored stands below each field that differs; "
    "saving again puts yours in its place."
)


class Taken(Conflict):
    """What must be unique belongs to another row already. field: where it was entered."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message)
        self.field = field


class ChangedMeanwhile(Conflict):
    """Somebody else changed the row since it was shown."""


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
    flush_unique(session, TAKEN)
    if entered.base:
        post(session, person, entered.base, shanghai_day(now))
    return person


TAKEN = {
    "username": _l("This sign-in name is already taken. Choose another one."),
    "staff_number": _l("This staff number already belongs to someone."),
}


def flush_unique(session: Session, taken: dict[str, object]) -> None:
    """What is pending is flushed. Raises Taken by the first of the unique columns in `taken` that refuses it."""
    try:
        session.flush()
    except IntegrityError as error:
        # SQLite names "table.column", PostgreSQL the constraint "uq_table_column"; neither word depends on the value
        first_line = str(error.orig).partition("\n")[0]
        for field, message in taken.items():
            if first_line.endswith(f".{field}") or f'_{field}"' in first_line:
                raise Taken(field, message) from error
        raise


def change_person(session: Session, person: Person, entered: NewPerson, seen_version: int) -> None:
    """The person as entered; ChangedMeanwhile when somebody else changed the record since it was shown."""
    claimed = session.execute(
        update(Person)
        .where(Person.id == person.id, Person.version == seen_version)
        .values(version=Person.version + 1)
        .returning(Person.id)
    ).scalar_one_or_none()
    if claimed is None:
        raise ChangedMeanwhile(CHANGED_MEANWHILE)
    session.refresh(person)
    person.username = entered.username.strip().lower()
    person.kind = entered.kind
    person.name_zh, person.name_en = entered.name_zh.strip(), entered.name_en.strip()
    person.staff_number = entered.staff_number or None
    person.email = entered.email or None
    person.organisation_id = entered.organisation_id
    flush_unique(session, TAKEN)
    session.expire(person, ["organisation"])


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
        raise Refused(
            _l(
                "%(new)s and %(held)s are two roles that one person never holds together. End %(held)s first.",
                new=ROLE_NAMES[role],
                held=ROLE_NAMES[beside],
            )
        )
    if role is Role.CONTACT and person.organisation_id is None:
        raise Refused(_l("A contact speaks for an organisation. Enter the organisation in the record first."))
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
    if grant.role == Role.PROGRAMME_ADMIN:
        _require_still_programme_admin(session, giver)
    grant.ended_at, grant.ended_by = now, giver.id
    session.flush()
    session.expire(person, ["grants"])
    return grant


def _require_still_programme_admin(session: Session, giver: Holder) -> None:
    # two who end each other's role at the same moment would leave nobody: the second waits here and sees the own end
    holders = session.scalars(
        select(RoleGrant.person_id)
        .where(RoleGrant.role == Role.PROGRAMME_ADMIN, RoleGrant.ended_at.is_(None))
        .order_by(RoleGrant.id)
        .with_for_update()
    ).all()
    if giver.id not in holders:
        raise NotAllowed(_l("Your own role as programme administrator has just been ended."), act="roles.give")


def require_managed(manager: Holder, person: Person) -> None:
    """Nothing, or NotAllowed when the person's roles reach further than the manager's."""
    if not may_manage(manager, holder_of(person)):
        raise NotAllowed(
            _l("This person holds roles beyond your base. Ask a programme administrator."), act="people.admit"
        )


def require_closing(manager: Holder, person: Person) -> None:
    """Nothing, or NotAllowed when the manager may not block the person or hand out a code, as nobody may to himself."""
    require_managed(manager, person)
    if not may_close(manager, holder_of(person)):
        raise NotAllowed(_l("Nobody does this to the own account."), act="people.admit")


def block(session: Session, person: Person, reason: str, *, manager: Holder, now: datetime) -> None:
    """The account is closed; every session and every one-time code of it ends. Nobody blocks himself."""
    require_closing(manager, person)
    person.blocked_at, person.blocked_reason = now, reason
    person.session_version += 1
    end_codes(session, person, now)
    session.flush()


def unblock(session: Session, person: Person, *, manager: Holder) -> None:
    """The account is open again."""
    require_managed(manager, person)
    person.blocked_at = person.blocked_reason = None
    session.flush()


def hand_out_code(session: Session, person: Person, *, manager: Holder, key: bytes, now: datetime) -> str:
    """A one-time code for `person`, told once; earlier ones end. Nobody gets one from himself, nor while blocked."""
    require_closing(manager, person)
    if person.blocked_at is not None:
        raise Refused(_l("This account is blocked. Unblock it first, then hand out a code."))
    return issue_code(session, person, issuer_id=manager.id, key=key, now=now)


def transfer(session: Session, person: Person, base: str, *, manager: Holder, now: datetime) -> None:
    """The person is posted to `base` from today. The role of a trainee goes along; other roles stay where they are."""
    require_managed(manager, person)
    if not may_transfer(manager, holder_of(person), base):
        raise NotAllowed(
            _l("A transfer between bases is made by a programme administrator, who reaches both."), act="people.admit"
        )
    left = person.postings[0].base_id if person.postings else None
    if left == base:
        raise Refused(_l("The person belongs to this base already."))
    post(session, person, base, shanghai_day(now))
    trainee_at = {grant.base_id: grant for grant in person.grants if grant.role == Role.TRAINEE}
    if left in trainee_at:
        trainee_at[left].ended_at, trainee_at[left].ended_by = now, manager.id
        session.flush()
        if base not in trainee_at:
            session.add(
                RoleGrant(
                    person_id=person.id, role=Role.TRAINEE.value, base_id=base, granted_at=now, granted_by=manager.id
                )
            )
            session.flush()
        session.expire(person, ["grants"])

"""The list of people: its columns, search and filters, as far as the reader's permission reaches."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, func, select

from training_app.lists import Column, Filter, ListSpec
from training_app.people.models import Person, Posting, RoleGrant, TrainingBase
from training_app.people.names import KIND_NAMES, ROLE_NAMES, STATE_NAMES, account_state, role_name
from training_app.people.rules import Role
from training_app.web.words import language, name_of

HOME = (
    select(TrainingBase.position)
    .join(Posting, Posting.base_id == TrainingBase.id)
    .where(Posting.person_id == Person.id, Posting.ended_on.is_(None))
    .correlate(Person)
    .scalar_subquery()
)


def base_of(person: Person) -> str:
    """The base that the person is posted to, in the language of this answer."""
    return name_of(person.postings[0].base) if person.postings else ""


def roles_of(person: Person) -> str:
    """The roles of the person, each once, with the base where it is not the person's own."""
    own = person.postings[0].base_id if person.postings else None
    order = list(Role)
    grants = sorted(person.grants, key=lambda grant: (order.index(Role(grant.role)), grant.base_id or ""))
    words = [
        role_name(grant.role)
        if grant.base_id is None or grant.base_id == own
        else _("%(role)s at %(base)s", role=role_name(grant.role), base=name_of(grant.base))
        for grant in grants
    ]
    return ("、" if language() == "zh" else ", ").join(words)


NAMES = (
    Column("name_zh", _l("Chinese name"), lambda person: person.name_zh, Person.name_zh),
    Column("name_en", _l("English name"), lambda person: person.name_en, func.lower(Person.name_en)),
)
BASE = Column("base", _l("Base"), base_of, HOME)
ROLES = Column("roles", _l("Roles"), roles_of)


def own_people_spec(bases: Sequence[TrainingBase]) -> ListSpec:
    """The list for somebody who speaks for an organisation: names, base and roles of its people, nothing more."""
    return ListSpec(
        columns=(*NAMES, BASE, ROLES),
        default_sort="name_en",
        tie=Person.id,
        search=(Person.name_zh, Person.name_en),
        filters=(_role_filter(), _base_filter(bases)),
    )


def people_spec(bases: Sequence[TrainingBase]) -> ListSpec:
    """The list for administrators and auditors. bases: those within reach."""
    return ListSpec(
        columns=(
            *NAMES,
            Column("username", _l("Sign-in name"), lambda person: person.username, Person.username),
            Column("staff_number", _l("Staff number"), lambda person: person.staff_number, Person.staff_number),
            Column("kind", _l("Kind"), lambda person: str(KIND_NAMES[person.kind]), Person.kind),
            BASE,
            ROLES,
            Column("organisation", _l("Organisation"), _organisation_of),
            Column("state", _l("Account"), lambda person: str(STATE_NAMES[account_state(person)])),
        ),
        default_sort="name_en",
        tie=Person.id,
        search=(Person.name_zh, Person.name_en, Person.username, Person.staff_number),
        filters=(
            _role_filter(),
            _base_filter(bases),
            Filter("kind", _l("Kind"), tuple(KIND_NAMES.items()), lambda value: Person.kind == value),
            Filter("state", _l("Account"), tuple(STATE_NAMES.items()), _in_state),
        ),
    )


def _organisation_of(person: Person) -> str:
    return name_of(person.organisation) if person.organisation else ""


def _role_filter() -> Filter:
    def holding(value: str) -> ColumnElement[bool]:
        return Person.id.in_(select(RoleGrant.person_id).where(RoleGrant.role == value, RoleGrant.ended_at.is_(None)))

    return Filter("role", _l("Role"), tuple((role.value, name) for role, name in ROLE_NAMES.items()), holding)


def _base_filter(bases: Sequence[TrainingBase]) -> Filter:
    def posted(value: str) -> ColumnElement[bool]:
        return Person.id.in_(select(Posting.person_id).where(Posting.base_id == value, Posting.ended_on.is_(None)))

    return Filter("base", _l("Base"), tuple((base.id, name_of(base)) for base in bases), posted)


def _in_state(value: str) -> ColumnElement[bool]:
    if value == "blocked":
        return Person.blocked_at.is_not(None)
    known = Person.password_hash.is_not(None) if value == "active" else Person.password_hash.is_(None)
    return and_(known, Person.blocked_at.is_(None))

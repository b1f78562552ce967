"""Who and what lies within the reach of a person: conditions for lists, and accessors that fetch and check."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from training_app.errors import NotFound
from training_app.people.models import Organisation, Person, Posting, RoleGrant, TrainingBase
from training_app.people.rules import ALL_BASES, Holder, reach_over
from training_app.people.signed import holder_of

NO_PERSON = _l("There is no such person within your reach.")
NO_ORGANISATION = _l("There is no such organisation within your reach.")
LARGEST_ID = 2**31 - 1


def people_within(holder: Holder, permission: str) -> ColumnElement[bool]:
    """The condition on Person that `permission` of `holder` sets; the same decision as `rules.reach_over`.

    Simulated candidates are within nobody's reach.
    """
    return and_(Person.rehearsal.is_(False), _people_within(holder, permission))


def _people_within(holder: Holder, permission: str) -> ColumnElement[bool]:
    bases = holder.bases_for(permission)
    if bases == ALL_BASES:
        return true()
    posted = select(Posting.person_id).where(Posting.base_id.in_(bases), Posting.ended_on.is_(None))
    holding = select(RoleGrant.person_id).where(RoleGrant.base_id.in_(bases), RoleGrant.ended_at.is_(None))
    at_a_base = or_(Person.id.in_(posted), Person.id.in_(holding)) if bases else false()
    organisation = holder.organisation_for(permission)
    return or_(at_a_base, Person.organisation_id == organisation) if organisation is not None else at_a_base


def person_within(
    session: Session, holder: Holder, permission: str, person_id: int, *, to_change: bool = False
) -> Person:
    """The person with this id. Raises NotFound, the same for nobody and for somebody out of reach; the latter is noted.

    to_change: the row stays locked to the end of the transaction, so that two acts on one person follow each other.
    """
    lock = {"of": Person} if to_change else None
    person = session.get(Person, person_id, with_for_update=lock) if 0 < person_id <= LARGEST_ID else None
    if person is None or person.rehearsal:
        raise NotFound(NO_PERSON)
    if reach_over(holder, permission, holder_of(person)) is None:
        raise NotFound(NO_PERSON, act=permission)
    return person


def organisations_within(holder: Holder, permission: str) -> ColumnElement[bool]:
    """The condition on Organisation that `permission` of `holder` sets: those of which a base reached is in charge."""
    bases = holder.bases_for(permission)
    return true() if bases == ALL_BASES else Organisation.base_id.in_(bases)


def organisation_within(session: Session, holder: Holder, permission: str, organisation_id: int) -> Organisation:
    """The organisation with this id. Raises NotFound as `person_within` does."""
    organisation = session.get(Organisation, organisation_id) if 0 < organisation_id <= LARGEST_ID else None
    if organisation is None:
        raise NotFound(NO_ORGANISATION)
    if not holder.reaches(permission, organisation.base_id):
        raise NotFound(NO_ORGANISATION, act=permission)
    return organisation


def bases_within(session: Session, holder: Holder, permission: str) -> list[TrainingBase]:
    """The bases over which `permission` of `holder` reaches, in their order."""
    bases = session.scalars(select(TrainingBase).order_by(TrainingBase.position))
    return [base for base in bases if holder.reaches(permission, base.id)]

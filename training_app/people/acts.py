"""What is written to the audit log of an act on a person or an organisation, by whoever is signed in."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.people.models import Organisation, Person
from training_app.people.sign_in import home_base
from training_app.people.signed import me
from training_app.web.requests import address, now

Changes = dict[str, list[str]]
"""Field → what stood there, what stands there now."""


def note(session: Session, act: Act) -> None:
    """`act` stands in its chain, in the transaction of the act itself."""
    record(session, act, now())


def act_on_person(act: str, person: Person, details: Mapping[str, object] | None = None) -> Act:
    """The act in the chain of the person's base. details: nothing that opens a door."""
    return Act(act, "person", person.id, me().id, home_base(person), address(), dict(details or {}))


def act_on_organisation(act: str, organisation: Organisation, details: Mapping[str, object] | None = None) -> Act:
    """The act in the chain of the base in charge."""
    return Act(act, "organisation", organisation.id, me().id, organisation.base_id, address(), dict(details or {}))


def values_of(row: object, fields: tuple[str, ...]) -> dict[str, str]:
    """What stands in `fields` of `row`, as texts."""
    return {field: str(getattr(row, field) or "") for field in fields}


def filled(values: Mapping[str, str]) -> dict[str, str]:
    """The fields that are not empty: what was entered for somebody new."""
    return {field: text for field, text in values.items() if text}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    """The fields whose text differs."""
    return {field: [before[field], text] for field, text in after.items() if before[field] != text}

"""Who is signed in: the person of a session, as Flask-Login and the permission table see it."""

from dataclasses import dataclass
from typing import cast

from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session

from training_app.people.account import Account, account_of_claim
from training_app.people.claims import claim_of
from training_app.people.models import Person
from training_app.people.rules import Grant, Holder, Role, only_as


@dataclass(frozen=True, slots=True, eq=False)
class SignedIn(UserMixin):
    """The person of this session. `get_id` carries the session version, so that all sessions can be ended at once.

    limited_to: the roster place of a session that an entry code opened; it opens nothing else. None for all others.
    """

    id: int
    username: str
    name_zh: str
    name_en: str
    language: str
    session_version: int
    holder: Holder
    limited_to: int | None = None

    def get_id(self) -> str:
        """What the session cookie holds."""
        limit = f".{self.limited_to}" if self.limited_to is not None else ""
        return f"{self.id}.{self.session_version}{limit}"

    @property
    def roles(self) -> tuple[Role, ...]:
        """Roles in the order of the table, each once."""
        held = {grant.role for grant in self.holder.grants}
        return tuple(role for role in Role if role in held)


def holder_of(person: Person | Account) -> Holder:
    """The person as permission sees it."""
    if isinstance(person, Account):
        return person.holder
    return Holder(
        id=person.id,
        base=person.postings[0].base_id if person.postings else None,
        organisation_id=person.organisation_id,
        grants=tuple(Grant(Role(grant.role), grant.base_id) for grant in person.grants),
    )


def signed_in(person: Person | Account, limited_to: int | None = None) -> SignedIn:
    """The person as the session carries it. limited_to: a roster place; then he or she is nothing but a trainee."""
    holder = holder_of(person)
    return SignedIn(
        id=person.id,
        username=person.username,
        name_zh=person.name_zh,
        name_en=person.name_en,
        language=person.language,
        session_version=person.session_version,
        holder=holder if limited_to is None else only_as(holder, Role.TRAINEE),
        limited_to=limited_to,
    )


def person_of_session(session: Session, session_id: str) -> SignedIn | None:
    """The person whose cookie holds `session_id`; None when blocked, unknown, or ended by a newer session version."""
    claim = claim_of(session_id)
    if claim is None:
        return None
    account = account_of_claim(session, claim)
    return signed_in(account, claim.limited_to) if account else None


def me() -> SignedIn:
    """The person who is signed in. Only for views that ask for a permission."""
    return cast("SignedIn", current_user)

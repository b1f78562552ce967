"""What a signed cookie claims, and the condition that proves it inside a statement: nobody is looked up for it.

A hot request reads and changes rows by statements that hold this condition. A person who is blocked, signed out
everywhere or without the role finds no row; why, is told by the ordinary way, which looks the person up.
"""

from dataclasses import dataclass
from functools import lru_cache

from flask import session as cookie
from sqlalchemy import ColumnElement, Integer, bindparam, exists, literal_column, select

from training_app.people.models import Person, RoleGrant
from training_app.people.rules import PERMISSIONS, Role

PERSON: ColumnElement[int] = bindparam("claim_person", type_=Integer)
LIMIT: ColumnElement[int] = bindparam("claim_limit", type_=Integer)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who, in which version of the own sessions. limited_to: the one roster place of a session by entry code."""

    person_id: int
    session_version: int
    limited_to: int | None = None

    def values(self) -> dict[str, object]:
        """What `proves` and conditions beside it compare with, by the names of their parameters."""
        return {
            "claim_person": self.person_id,
            "claim_version": self.session_version,
            "claim_limit": self.limited_to,
        }


@lru_cache(maxsize=5000)
def claim_of(session_id: str) -> Claim | None:
    """The claim in what a session cookie holds, `person.version` or `person.version.place`; None for anything else."""
    numbers = session_id.split(".", 4)
    if not 2 <= len(numbers) <= 3 or not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in numbers):
        return None
    return Claim(*map(int, numbers))


def claimed() -> Claim | None:
    """The claim of this request."""
    return claim_of(str(cookie.get("_user_id", "")))


def has_role_for(permission: str) -> ColumnElement[bool]:
    """The condition on RoleGrant that the role has `permission`."""
    roles = (role for role in Role if role in PERMISSIONS[permission])
    # written out, not bound: the words are ours, and every parameter costs the driver a turn
    return RoleGrant.role.in_([literal_column(f"'{role.value}'") for role in roles])


def proves(granted: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that the claim holds now: open account, session not ended, a role that fits `granted`."""
    return exists(
        select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            Person.id == PERSON,
            Person.session_version == bindparam("claim_version", type_=Integer),
            Person.blocked_at.is_(None),
            RoleGrant.ended_at.is_(None),
            granted,
        )
        .correlate_except(Person, RoleGrant)
    )

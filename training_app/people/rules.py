"""Roles, the table of permission × role × reach, refused combinations, codes and limits of sign-in. Pure decisions."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person may be here; `notes/interface.md` 1 says what each comes for."""

    TRAINEE = "trainee"
    INSTRUCTOR = "instructor"
    INVIGILATOR = "invigilator"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    BASE_ADMIN = "base_admin"
    PROGRAMME_ADMIN = "programme_admin"
    RATER = "rater"
    COORDINATOR = "coordinator"
    CONTACT = "contact"
    DECIDER = "decider"
    AUDITOR = "auditor"


class Reach(StrEnum):
    """How far a permission goes: own records, own organisation, or as far as the role was granted (a base or all)."""

    SELF = "self"
    ORGANISATION = "organisation"
    GRANTED = "granted"


R = Role
G = Reach.GRANTED

PERMISSIONS: Final[dict[str, dict[Role, Reach]]] = {
    "criteria.read": dict.fromkeys(Role, G),
    "practice.take": dict.fromkeys((R.TRAINEE, R.INSTRUCTOR, R.RATER, R.AUTHOR, R.REVIEWER), Reach.SELF),
    "entry.take": {R.TRAINEE: Reach.SELF},
    "exam.sit": {R.TRAINEE: Reach.SELF},
    "people.read": {R.BASE_ADMIN: G, R.PROGRAMME_ADMIN: G, R.AUDITOR: G, R.CONTACT: Reach.ORGANISATION},
    "people.edit": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "people.admit": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "roles.give": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "organisations.read": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN, R.COORDINATOR, R.AUDITOR), G),
    "organisations.edit": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "rooms.read": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN, R.INSTRUCTOR, R.INVIGILATOR, R.RATER, R.AUDITOR), G),
    "rooms.edit": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "sittings.read": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN, R.INVIGILATOR, R.AUDITOR), G),
    "sittings.edit": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "console.read": dict.fromkeys((R.INVIGILATOR, R.BASE_ADMIN, R.PROGRAMME_ADMIN, R.AUDITOR), G),
    "console.act": dict.fromkeys((R.INVIGILATOR, R.BASE_ADMIN), G),
    "standards.edit": {R.PROGRAMME_ADMIN: G},
    "objections.decide": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "observations.read": dict.fromkeys((R.INSTRUCTOR, R.BASE_ADMIN, R.PROGRAMME_ADMIN, R.AUDITOR), G)
    | {R.TRAINEE: Reach.SELF},
    "observations.watch": dict.fromkeys((R.INSTRUCTOR, R.BASE_ADMIN, R.PROGRAMME_ADMIN), G) | {R.TRAINEE: Reach.SELF},
    "observations.edit": dict.fromkeys((R.INSTRUCTOR, R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "observations.host": dict.fromkeys((R.INSTRUCTOR, R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "jobs.read": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN), G),
    "results.read": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN, R.INSTRUCTOR, R.AUDITOR), G),
    "bank.read": dict.fromkeys((R.AUTHOR, R.REVIEWER, R.PROGRAMME_ADMIN, R.AUDITOR), G),
    "bank.confirm": {R.REVIEWER: G},
    "bank.load": {R.AUTHOR: G},
    "audit.read": dict.fromkeys((R.BASE_ADMIN, R.PROGRAMME_ADMIN, R.AUDITOR), G),
}
"""permission → role → reach. A test walks the URL map with it."""

ONLY_BY_PROGRAMME_ADMIN: Final = frozenset({R.PROGRAMME_ADMIN, R.DECIDER, R.AUDITOR})
"""Roles that a base administrator may not give, not even at the own base."""

ONLY_AT_ALL_BASES: Final = frozenset({R.PROGRAMME_ADMIN})
ONLY_AT_A_BASE: Final = frozenset({R.TRAINEE, R.BASE_ADMIN})

REFUSED_TOGETHER: Final[tuple[tuple[frozenset[Role], frozenset[Role]], ...]] = (
    (frozenset({R.AUDITOR}), frozenset(set(Role) - {R.AUDITOR})),
    (
        frozenset({R.CONTACT}),
        frozenset({R.DECIDER, R.RATER, R.COORDINATOR, R.BASE_ADMIN, R.PROGRAMME_ADMIN, R.INVIGILATOR, R.REVIEWER}),
    ),
)
"""Roles that one person never holds at the same time: who audits acts nowhere, who speaks for a firm judges nobody."""

REFUSED_IN_ONE_CASE: Final[tuple[tuple[str, frozenset[Role]], ...]] = (
    ("item", frozenset({R.AUTHOR, R.REVIEWER})),
    ("person", frozenset({R.INSTRUCTOR, R.RATER, R.DECIDER})),
)
"""Roles that one person may hold, but never exercises both of for the same item or the same person."""

FIRST_CODE_LASTS: Final = timedelta(days=14)
RESET_CODE_LASTS: Final = timedelta(hours=24)
CODE_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 16
MINIMUM_PASSWORD_LENGTH: Final = 10
MAXIMUM_PASSWORD_LENGTH: Final = 200

FAILURES_PER_ACCOUNT: Final = 100
FAILURES_PER_ACCOUNT_AND_ADDRESS: Final = 10
FAILURES_COUNT_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a person holds now. base: its id, None for all bases."""

    role: Role
    base: str | None


ALL_BASES: Final = frozenset({"*"})
"""A reach over every base."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person as permission sees it: who, from where, with which roles."""

    id: int
    base: str | None
    organisation_id: int | None
    grants: tuple[Grant, ...]

    def may(self, permission: str) -> bool:
        """Whether any of the roles has `permission`, however far it reaches."""
        table = PERMISSIONS[permission]
        return any(grant.role in table for grant in self.grants)

    def bases_for(self, permission: str) -> frozenset[str]:
        """The bases over which `permission` reaches: ALL_BASES, some, or none."""
        table = PERMISSIONS[permission]
        reached = {grant.base for grant in self.grants if table.get(grant.role) is Reach.GRANTED}
        return ALL_BASES if None in reached else frozenset(base for base in reached if base)

    def reaches(self, permission: str, base: str | None) -> bool:
        """Whether `permission` reaches `base`; what belongs to no base is reached only from all bases."""
        bases = self.bases_for(permission)
        return bases == ALL_BASES or base in bases

    def organisation_for(self, permission: str) -> int | None:
        """The own organisation when `permission` reaches just that, else None."""
        table = PERMISSIONS[permission]
        holds = any(table.get(grant.role) is Reach.ORGANISATION for grant in self.grants)
        return self.organisation_id if holds else None


def only_as(holder: Holder, role: Role) -> Holder:
    """The person with nothing but that role, where it is held."""
    return replace(holder, grants=tuple(grant for grant in holder.grants if grant.role is role))


def refused_beside(role: Role, held: Iterable[Role]) -> Role | None:
    """The first of the `held` roles that nobody may hold together with `role`, or None."""
    for held_role in held:
        for left, right in REFUSED_TOGETHER:
            if (role in left and held_role in right) or (role in right and held_role in left):
                return held_role
    return None


def may_give(giver: Holder, to_person: int, role: Role, base: str | None) -> bool:
    """Whether `giver` may give or end `role` at `base` (None: all bases) for the person with id `to_person`."""
    if giver.id == to_person or not role_fits(role, base):
        return False
    if base is None or role in ONLY_BY_PROGRAMME_ADMIN:
        return Grant(Role.PROGRAMME_ADMIN, None) in giver.grants
    return giver.reaches("roles.give", base)


def role_fits(role: Role, base: str | None) -> bool:
    """Whether the role can be held there: a trainee belongs to a base, a programme administrator to all."""
    return role not in (ONLY_AT_A_BASE if base is None else ONLY_AT_ALL_BASES)


def new_code() -> str:
    """A random one-time code: 80 bits as four groups of four letters and digits, without I, L, O, U."""
    drawn = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(drawn[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def code_as_typed(text: str) -> str:
    """The code in the form it was issued: spaces and dashes ignored, I and L read as 1, O as 0."""
    letters = [c for c in text.upper() if c.isalnum() and c.isascii()]
    plain = "".join(letters).replace("I", "1").replace("L", "1").replace("O", "0")
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def password_fault(password: str, username: str) -> str | None:
    """Why `password` is not taken: "short", "long", "plain" or "name"; None when it is."""
    if len(password) < MINIMUM_PASSWORD_LENGTH:
        return "short"
    if len(password) > MAXIMUM_PASSWORD_LENGTH:
        return "long"
    if len(set(password)) < 5:
        return "plain"
    return "name" if username.lower() in password.lower() else None


def too_many_failures(on_account: int, on_account_and_address: int) -> bool:
    """Whether the next sign-in is not heard, by the failures of the last FAILURES_COUNT_FOR."""
    return on_account >= FAILURES_PER_ACCOUNT or on_account_and_address >= FAILURES_PER_ACCOUNT_AND_ADDRESS


def code_works(expires_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a one-time code can still be used."""
    return ended_at is None and now < expires_at


def may_manage(manager: Holder, target: Holder) -> bool:
    """Whether `manager` may edit, block or hand a code to `target`: never someone whose roles reach further."""
    if Grant(Role.PROGRAMME_ADMIN, None) in manager.grants:
        return True
    within = all(grant.base and manager.reaches("people.admit", grant.base) for grant in target.grants)
    plain = all(grant.role not in ONLY_BY_PROGRAMME_ADMIN for grant in target.grants)
    at_home = manager.reaches("people.admit", target.base) if target.base else bool(target.grants)
    return within and plain and at_home


def reach_over(holder: Holder, permission: str, target: Holder) -> Reach | None:
    """How `permission` of `holder` reaches `target`: by base (GRANTED), by the organisation only, or not at all.

    By base: everyone for all bases, else whoever is posted to, or holds a role at, a base that is reached.
    """
    places = {target.base, *(grant.base for grant in target.grants)} - {None}
    bases = holder.bases_for(permission)
    if bases == ALL_BASES or places & bases:
        return Reach.GRANTED
    organisation = holder.organisation_for(permission)
    return Reach.ORGANISATION if organisation is not None and organisation == target.organisation_id else None


def roles_to_give(giver: Holder, target: Holder, bases: Iterable[str]) -> tuple[Grant, ...]:
    """What `giver` may give `target` and the person does not hold yet, base by base, all bases last."""
    places: tuple[str | None, ...] = (*bases, None)
    grants = (Grant(role, base) for base in places for role in Role)
    return tuple(g for g in grants if g not in target.grants and may_give(giver, target.id, g.role, g.base))


def may_close(manager: Holder, target: Holder) -> bool:
    """Whether `manager` may block `target` or hand out a code: as far as managing goes, and never to oneself."""
    return manager.id != target.id and may_manage(manager, target)


def may_transfer(manager: Holder, target: Holder, base: str) -> bool:
    """Whether `manager` may post `target` to `base`: both the base that is left and the new one are within reach."""
    leaves = target.base is None or manager.reaches("people.admit", target.base)
    return may_manage(manager, target) and leaves and manager.reaches("people.admit", base)

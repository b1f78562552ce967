"""An account as it is read at the door and at every request that looks somebody up: by one statement, no entities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Integer, Row, Table, and_, bindparam, case, func, select

from training_app.db import Asks, UtcDateTime
from training_app.people.claims import Claim
from training_app.people.models import Person, Posting, RoleGrant, SignInFailure
from training_app.people.rules import Grant, Holder, Role


@dataclass(frozen=True, slots=True)
class Account:
    """A person who signs in or is signed in. rehearsal: a simulated candidate."""

    id: int
    username: str
    name_zh: str
    name_en: str
    language: str
    session_version: int
    rehearsal: bool
    password_hash: str | None
    blocked_at: datetime | None
    holder: Holder


@dataclass(frozen=True, slots=True)
class Found:
    """What is there for who knocks: the account, and how often it failed of late, in all and from this address."""

    account: Account | None
    failures: int
    failures_here: int


_PERSON, _FAILURE = cast("Table", Person.__table__), cast("Table", SignInFailure.__table__).c
_POSTING, _GRANT = cast("Table", Posting.__table__), cast("Table", RoleGrant.__table__)
_COLUMNS: Final = (
    *(_PERSON.c[name] for name in Account.__slots__ if name != "holder"),
    _PERSON.c.organisation_id,
    _POSTING.c.base_id.label("home"),
    _GRANT.c.role,
    _GRANT.c.base_id.label("role_at"),
)
_POSTED = and_(_POSTING.c.person_id == _PERSON.c.id, _POSTING.c.ended_on.is_(None))
_GRANTED = and_(_GRANT.c.person_id == _PERSON.c.id, _GRANT.c.ended_at.is_(None))
_CLAIMED: Final = (
    select(*_COLUMNS)
    .select_from(_PERSON.outerjoin(_POSTING, _POSTED).outerjoin(_GRANT, _GRANTED))
    .where(
        _PERSON.c.id == bindparam("claim_person", type_=Integer),
        _PERSON.c.session_version == bindparam("claim_version", type_=Integer),
        _PERSON.c.blocked_at.is_(None),
    )
    .order_by(_GRANT.c.id)
)
_HERE = case((_FAILURE.address_digest == bindparam("address_digest"), 1), else_=0)
_TRIED = (
    select(func.count().label("failures"), func.coalesce(func.sum(_HERE), 0).label("failures_here"))
    .where(_FAILURE.account_digest == bindparam("account_digest"), _FAILURE.at > bindparam("since", type_=UtcDateTime))
    .subquery("tried")
)
_NAMED: Final = (
    select(_TRIED, *_COLUMNS)
    .select_from(
        _TRIED.outerjoin(_PERSON, _PERSON.c.username == bindparam("named"))
        .outerjoin(_POSTING, _POSTED)
        .outerjoin(_GRANT, _GRANTED)
    )
    .order_by(_GRANT.c.id)
)


def account_of_claim(asked: Asks, claim: Claim) -> Account | None:
    """The account of who claims to be signed in; None when it is blocked, unknown, or the session was ended."""
    rows = asked.execute(_CLAIMED, {"claim_person": claim.person_id, "claim_version": claim.session_version}).all()
    return _account(rows) if rows else None


def account_named(asked: Asks, username: str, digests: tuple[str, str], since: datetime) -> Found:
    """The account with that name, blocked or not, and its failures. digests: of account and address."""
    values = {"named": username, "account_digest": digests[0], "address_digest": digests[1], "since": since}
    rows = asked.execute(_NAMED, values).all()
    account = _account(rows) if rows[0].id is not None else None
    return Found(account, int(rows[0].failures), int(rows[0].failures_here))


def _account(rows: Sequence[Row[Any]]) -> Account:
    """rows: one for each role, in the order in which they were given."""
    first = rows[0]
    grants = tuple(Grant(Role(row.role), row.role_at) for row in rows if row.role is not None)
    holder = Holder(first.id, first.home, first.organisation_id, grants)
    return Account(**{name: getattr(first, name) for name in Account.__slots__ if name != "holder"}, holder=holder)

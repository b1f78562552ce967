"""Signing in: passwords, one-time codes, the limits that count failures only, sessions that can be ended everywhere."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.db import Asks
from training_app.errors import Refused, TooMany
from training_app.people.account import Account, account_named
from training_app.people.models import OneTimeCode, Person, SignInFailure
from training_app.people.rules import (
    FAILURES_COUNT_FOR,
    FIRST_CODE_LASTS,
    RESET_CODE_LASTS,
    code_as_typed,
    code_works,
    new_code,
    password_fault,
    too_many_failures,
)
from training_app.people.signed import holder_of
from training_app.signing import keyed_digest

WRONG = _l("Name or password is wrong. Check both; after ten failures the sign-in pauses for a quarter of an hour.")
WRONG_CODE = _l("Name or code is wrong, or the code was used, replaced or has run out. Ask for a new one.")
BLOCKED = _l("This account is blocked. Ask the administrator of your base.")
PASSWORD_FAULTS = {
    "short": _l("The password needs at least 10 characters."),
    "long": _l("The password may have at most 200 characters."),
    "plain": _l("The password needs at least five different characters."),
    "name": _l("The password must not contain the sign-in name."),
}


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody at the door: the account name as typed and where from, with the keyed digests that are kept."""

    username: str
    address: str
    account_digest: str
    address_digest: str


def knock(username: str, address: str, key: bytes) -> Knock:
    """A Knock; names are compared without case and outer spaces."""
    name = username.strip().lower()[:60]
    return Knock(name, address, keyed_digest(key, f"account/{name}"), keyed_digest(key, f"address/{address}"))


def refuse_too_many(session: Session, who: Knock, now: datetime) -> int:
    """How often the account failed of late; TooMany when it did so too often, in all or from this address."""
    with_address = func.sum(case((SignInFailure.address_digest == who.address_digest, 1), else_=0))
    total, near = session.execute(
        select(func.count(), func.coalesce(with_address, 0)).where(
            SignInFailure.account_digest == who.account_digest, SignInFailure.at > now - FAILURES_COUNT_FOR
        )
    ).one()
    _refuse_too_many(int(total), int(near))
    return int(total)


def _refuse_too_many(total: int, near: int) -> None:
    if too_many_failures(total, near):
        minutes = FAILURES_COUNT_FOR.seconds // 60
        raise TooMany(
            _l("Too many failed sign-ins for this account. Try again in %(minutes)s minutes.", minutes=minutes),
            retry_after_s=FAILURES_COUNT_FOR.seconds,
        )


def account_at_the_door(asked: Asks, who: Knock, now: datetime) -> tuple[Account | None, int]:
    """The account with that name, blocked or not, and how often it failed of late; TooMany as above."""
    found = account_named(asked, who.username, (who.account_digest, who.address_digest), now - FAILURES_COUNT_FOR)
    _refuse_too_many(found.failures, found.failures_here)
    return found.account, found.failures


def person_at_the_door(session: Session, who: Knock) -> Person | None:
    """The person with that account name, blocked or not."""
    return session.scalar(select(Person).where(Person.username == who.username))


def count_failure(session: Session, who: Knock, now: datetime) -> None:
    """The failure counts against the limits; older ones that no longer count go."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - FAILURES_COUNT_FOR))
    session.execute(
        insert(SignInFailure).values(account_digest=who.account_digest, address_digest=who.address_digest, at=now)
    )


def note_failure(session: Session, who: Knock, person: Person | Account | None, now: datetime) -> None:
    """The failure counts against the limits and stands in the audit log."""
    count_failure(session, who, now)
    record(
        session,
        Act(
            "sign_in.failed",
            "account",
            who.account_digest[:16],
            base_id=home_base(person),
            address=who.address,
            details={"known_account": person is not None, "blocked": bool(person and person.blocked_at)},
        ),
        now,
    )


def forget_failures(session: Session, who: Knock) -> None:
    """Failures of this account from this address no longer count, once it has signed in."""
    session.execute(
        delete(SignInFailure).where(
            SignInFailure.account_digest == who.account_digest, SignInFailure.address_digest == who.address_digest
        )
    )


def home_base(person: Person | Account | None) -> str | None:
    """The base to whose chain acts on the person belong."""
    return holder_of(person).base if person else None


def check_password(password: str, username: str) -> None:
    """Nothing, or Refused with what is wrong with a new password."""
    fault = password_fault(password, username)
    if fault:
        raise Refused(PASSWORD_FAULTS[fault])


def set_password(session: Session, person: Person, password_hash: str, now: datetime) -> None:
    """The new password counts, and every other session of the person ends."""
    person.password_hash = password_hash
    person.password_set_at = now
    person.session_version += 1
    session.flush()


def renew_hash(session: Session, person: Account, password_hash: str) -> None:
    """The same password under a newer hash; nothing else changes, unless the password was changed meanwhile."""
    session.execute(
        update(Person)
        .where(Person.id == person.id, Person.password_hash == person.password_hash)
        .values(password_hash=password_hash),
        execution_options={"synchronize_session": False},
    )


def end_codes(session: Session, person: Person, now: datetime) -> None:
    """No code that was handed out before works any more."""
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.person_id == person.id, OneTimeCode.ended_at.is_(None))
        .values(ended_at=now)
    )


def issue_code(session: Session, person: Person, *, issuer_id: int | None, key: bytes, now: datetime) -> str:
    """A one-time code for `person`, told once; earlier codes end. A first sign-in lasts 14 days, a reset 24 hours."""
    end_codes(session, person, now)
    first = person.password_hash is None
    code = new_code()
    session.add(
        OneTimeCode(
            person_id=person.id,
            digest=keyed_digest(key, code),
            kind="first" if first else "reset",
            issued_at=now,
            issued_by=issuer_id,
            expires_at=now + (FIRST_CODE_LASTS if first else RESET_CODE_LASTS),
        )
    )
    session.flush()
    return code


def code_of(session: Session, who: Knock, typed: str, *, key: bytes, now: datetime) -> OneTimeCode | None:
    """The usable code that belongs to the account, or None."""
    found = session.scalar(
        select(OneTimeCode)
        .join(Person, Person.id == OneTimeCode.person_id)
        .where(OneTimeCode.digest == keyed_digest(key, code_as_typed(typed)), Person.username == who.username)
    )
    return found if found and code_works(found.expires_at, found.ended_at, now) else None


def spend_code(session: Session, code: OneTimeCode, now: datetime) -> None:
    """The code is used; of two who use it at once only one gets through."""
    spent = session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == code.id, OneTimeCode.ended_at.is_(None))
        .values(ended_at=now)
        .returning(OneTimeCode.id)
    ).scalar_one_or_none()
    if spent is None:
        raise Refused(WRONG_CODE)

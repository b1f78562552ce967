"""Entry codes: from the invigilator, for who cannot sign in; this place only, once, for minutes."""

import secrets
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.errors import Conflict, NotAllowed
from training_app.exams.day.rules import BEGUN, CODE_LASTS, CODE_LENGTH, NOT_BEGUN
from training_app.exams.day_models import EntryCode
from training_app.exams.models import Attempt
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.rules import CODE_ALPHABET, code_as_typed, code_works
from training_app.signing import keyed_digest

WITH_CODES = frozenset({"prepared", "open", "running"})
"""States of a sitting in which codes are handed out."""


def make_entry_code(session: Session, sitting: Sitting, place: RosterPlace, *, key: bytes, by: By) -> str:
    """The code for this place, told once; an earlier one that was not used ends."""
    attempt = session.get(Attempt, place.attempt_id) if place.attempt_id else None
    if place.person_id == by.holder.id:
        raise NotAllowed(_l("Nobody hands out a code to himself or herself."), act="console.act")
    can_enter = attempt is not None and attempt.state in BEGUN | NOT_BEGUN
    if sitting.state not in WITH_CODES or place.state not in {"expected", "sat"} or not can_enter:
        raise Conflict(_l("This person cannot enter any more, so there is no code to hand out."))
    if place.person.blocked_at is not None:
        raise Conflict(_l("The account of this person is blocked. Ask the administrator of the base."))
    end_entry_codes(session, place.id, by.now)
    drawn = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    code = code_as_typed(drawn)
    session.add(
        EntryCode(
            place_id=place.id,
            digest=_digest(key, place.id, code),
            made_by=by.holder.id,
            made_at=by.now,
            expires_at=by.now + CODE_LASTS,
        )
    )
    session.flush()
    write_down(session, sitting, Act("entry_code.made", "sitting", *by.stamp(sitting)), by, place=place)
    return code


def _digest(key: bytes, place_id: int, code: str) -> str:
    return keyed_digest(key, f"entry/{place_id}/{code}")


def end_entry_codes(session: Session, place_id: int, now: datetime) -> None:
    """No code that was handed out for the place works any more."""
    session.execute(
        update(EntryCode).where(EntryCode.place_id == place_id, EntryCode.ended_at.is_(None)).values(ended_at=now)
    )


def code_for_ticket(session: Session, ticket: str, typed: str, *, key: bytes, now: datetime) -> EntryCode | None:
    """The usable code that was typed with the number of its own ticket, or None."""
    place = session.scalar(select(RosterPlace.id).where(RosterPlace.ticket_number == ticket))
    if place is None:
        return None
    digest = _digest(key, place, code_as_typed(typed))
    found = session.scalar(select(EntryCode).where(EntryCode.digest == digest))
    return found if found and code_works(found.expires_at, found.ended_at, now) else None


def spend_entry_code(session: Session, code: EntryCode, place: RosterPlace, by: By) -> bool:
    """Whether the code is used now; of two who use it at once only one gets through. by: the candidate."""
    spent = session.execute(
        update(EntryCode)
        .where(EntryCode.id == code.id, EntryCode.ended_at.is_(None))
        .values(ended_at=by.now, used_at=by.now)
        .returning(EntryCode.id)
    ).scalar_one_or_none()
    if spent is None:
        return False
    sitting = session.get_one(Sitting, place.sitting_id)
    details = {"ticket": place.ticket_number}
    record(session, Act("entry_code.used", "sitting", *by.stamp(sitting), details), by.now)
    return True

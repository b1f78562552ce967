"""Answers on their way in: appended, chained, refused with a sentence; and the hand-in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from question_bank.errors import RefusedResponse
from question_bank.items import Item
from question_bank.scoring import parse_response
from training_app.bank.services import item_versions
from training_app.chain import link, new_salt, salted_digest
from training_app.errors import Conflict, NotFound, Refused
from training_app.exams.attempts import is_over, note_change
from training_app.exams.models import Attempt, FormItem, ResponseEvent
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder
from training_app.web.words import in_language

TIME_IS_UP = _l("The time is up. What was saved before is handed in.")
HANDED_IN = _l("This test is handed in. Its answers can no longer be changed.")
ANSWERED_ELSEWHERE = _l("This item was answered in another window as well. Load the page again to see what is saved.")


@dataclass(frozen=True, slots=True)
class Save:
    """An answer on its way in. client_seq counts up from 1 per attempt and item."""

    version_id: int
    client_seq: int
    raw: object


def keep(session: Session, holder: Holder, attempt_id: int, save: Save, *, now: datetime) -> Attempt:
    """The answer is appended. A resend is harmless; a late, foreign or malformed one is refused with a sentence."""
    attempt = _locked(session, holder, attempt_id)
    if attempt.state != "running":
        raise Conflict(HANDED_IN)
    if is_over(attempt, now):
        raise Conflict(TIME_IS_UP)
    on_form = session.scalar(
        select(FormItem.position).where(
            FormItem.form_id == attempt.form_id, FormItem.item_version_id == save.version_id
        )
    )
    if on_form is None:
        raise Refused(_l("This item does not belong to your test."))
    if not 1 <= save.client_seq <= 1_000_000:
        raise Refused(_l("The answer has no proper number. Load the page again and repeat."))
    item = item_versions(session, [save.version_id])[save.version_id]
    response = parsed(item, save.raw)
    events = session.execute(
        select(ResponseEvent.client_seq, ResponseEvent.payload)
        .where(ResponseEvent.attempt_id == attempt.id, ResponseEvent.item_version_id == save.version_id)
        .order_by(ResponseEvent.client_seq)
    ).all()
    same = [event.payload for event in events if event.client_seq == save.client_seq]
    if same and same[0] != response:
        raise Conflict(ANSWERED_ELSEWHERE)
    standing = events[-1].payload if events else type(response)()
    if not same and standing != response:
        _append(session, attempt, save, response, now)
    return attempt


def parsed(item: Item, raw: object) -> object:
    """The response in its stored shape. Refused, with a sentence, when it has not the shape its kind asks for."""
    try:
        return parse_response(item, raw)
    except RefusedResponse as fault:
        raise Refused(in_language(fault.said)) from fault


def _locked(session: Session, holder: Holder, attempt_id: int) -> Attempt:
    own = select(Attempt).where(Attempt.id == attempt_id, Attempt.person_id == holder.id)
    attempt = session.scalar(own.with_for_update()) if attempt_id <= LARGEST_ID else None
    if attempt is None:
        raise NotFound(_l("You have no such test. Your own tests are listed under Exams."))
    return attempt


def _append(session: Session, attempt: Attempt, save: Save, response: object, now: datetime) -> None:  # noqa: PLR0917 - private
    salt = new_salt()
    digest = salted_digest(salt, {"payload": response})
    line = event_line(attempt.id, save, attempt.head_seq + 1, digest, now)
    line_hash = link(attempt.head_hash, line)
    session.execute(
        insert(ResponseEvent).values(
            attempt_id=attempt.id,
            item_version_id=save.version_id,
            client_seq=save.client_seq,
            server_seq=attempt.head_seq + 1,
            received_at=now,
            payload=response,
            salt=salt,
            digest=digest,
            previous_hash=attempt.head_hash,
            hash=line_hash,
        )
    )
    attempt.head_seq += 1
    attempt.head_hash = line_hash
    session.flush()


def event_line(attempt_id: int, save: Save, server_seq: int, digest: str, now: datetime) -> Mapping[str, object]:  # noqa: PLR0917 - the chained fields in their order
    """What the chain covers of one response event."""
    return {
        "attempt": attempt_id,
        "item": save.version_id,
        "client_seq": save.client_seq,
        "server_seq": server_seq,
        "received_at": now.isoformat(),
        "digest": digest,
    }


def hand_in(session: Session, holder: Holder, attempt_id: int, *, now: datetime) -> Attempt:
    """The attempt is submitted; doing it twice changes nothing."""
    attempt = _locked(session, holder, attempt_id)
    if attempt.state == "running":
        close(session, attempt, reason="time_up" if is_over(attempt, now) else "handed_in", now=now)
    return attempt


def close(session: Session, attempt: Attempt, *, reason: str, now: datetime) -> None:
    """The attempt takes no answers any more. Only one of several callers changes the state."""
    assert attempt.deadline_at is not None
    moved = session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == "running")
        .values(state="submitted", submitted_at=min(now, attempt.deadline_at), version=Attempt.version + 1)
        .returning(Attempt.id)
    ).scalar_one_or_none()
    if moved is not None:
        note_change(session, attempt, ("running", "submitted", reason), by=attempt.person_id, at=now)
    session.refresh(attempt)

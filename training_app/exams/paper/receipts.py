"""Receipts of hand-ins: a code over the whole answer set, signed; and the proof that the answers give its head."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.chain import canonical
from training_app.clock import shanghai_day
from training_app.exams.day_models import Receipt
from training_app.exams.models import Attempt, Form
from training_app.exams.paper.chaining import Fault, read_chain
from training_app.exams.paper.known import look_up
from training_app.people.rules import code_as_typed, new_code
from training_app.signing import Keys

PURPOSE = "receipt"


def keys_of(session: Session) -> Keys:
    """The keys to sign with, as the database hands them to every session."""
    keys = session.info.get("keys")
    assert isinstance(keys, Keys), "this database was opened without keys to sign with"
    return keys


def signed_words(receipt: Receipt) -> bytes:
    """What the signature covers, as bytes: everything that the receipt says."""
    return canonical(
        {
            "attempt": receipt.attempt_id,
            "code": receipt.code,
            "form": receipt.form_hash,
            "head": [receipt.head_seq, receipt.head_hash],
            "answered": receipt.answered,
            "items": receipt.items,
            "at": receipt.at.isoformat(),
        }
    )


def make_receipt(session: Session, attempt: Attempt) -> Receipt:
    """The receipt of an attempt that was handed in just now, in the transaction of the hand-in."""
    assert attempt.submitted_at is not None, "only what is handed in has a receipt"
    known = look_up(session, attempt.id)
    assert known is not None
    receipt = Receipt(
        attempt_id=attempt.id,
        code=new_code(),
        form_hash=session.get_one(Form, attempt.form_id).content_hash,
        head_seq=attempt.head_seq,
        head_hash=attempt.head_hash,
        answered=known.answered,
        items=len(known.parts.items),
        at=attempt.submitted_at,
    )
    signature = keys_of(session).sign(PURPOSE, shanghai_day(receipt.at).year, signed_words(receipt))
    receipt.key_id, receipt.signature = signature.key_id, signature.signature
    session.add(receipt)
    session.flush()
    return receipt


def receipt_of(session: Session, attempt_id: int) -> Receipt | None:
    """The receipt of the attempt; None before the hand-in, or for an old attempt that was handed in without one."""
    return session.get(Receipt, attempt_id)


def receipt_by_code(session: Session, typed: str) -> Receipt | None:
    """The receipt with that code, however it was typed."""
    return session.scalar(select(Receipt).where(Receipt.code == code_as_typed(typed[:60])))


def is_genuine(session: Session, receipt: Receipt) -> bool:
    """Whether this site signed the receipt as it stands."""
    return keys_of(session).verify(receipt.key_id, signed_words(receipt), receipt.signature)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What came of computing an attempt's chain anew.

    events: answers in the chain. answered: items with an answer now. faults: what does not follow. matches: whether
    the chain passes through the head of the receipt; None without one. genuine: whether its signature is ours; None
    where there are no keys to tell.
    accepted_later: late answers that were accepted after the hand-in.
    """

    events: int
    head_hash: str
    answered: int
    faults: tuple[Fault, ...]
    matches: bool | None
    genuine: bool | None
    accepted_later: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and self.matches is not False and self.genuine is not False


def recompute(session: Session, attempt: Attempt) -> ChainReport:
    """The chain of the attempt, computed anew from every answer and held against its receipt."""
    reading = read_chain(session, attempt)
    receipt = receipt_of(session, attempt.id)
    events = len(reading.heads) - 1
    matches = genuine = None
    if receipt is not None:
        passed = reading.heads[receipt.head_seq].hash if receipt.head_seq <= events else None
        matches = passed == receipt.head_hash
        genuine = is_genuine(session, receipt) if session.info.get("keys") else None
    return ChainReport(
        events=events,
        head_hash=reading.head.hash,
        answered=reading.answered,
        faults=reading.faults,
        matches=matches,
        genuine=genuine,
        accepted_later=events - receipt.head_seq if receipt is not None else 0,
    )

"""Receipts of hand-ins: a code over the whole answer set, signed; and the proof that the answers give its head."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.chain import canonical
from training_app.clock import shanghai_day
from training_app.exams.day_models import Receipt
from training_app.exams.models import Attempt
from training_app.exams.paper.chaining import Fault, read_chain
from training_app.exams.paper.known import Known, look_up
from training_app.people.rules import code_as_typed, new_code
from training_app.signing import Keys

PURPOSE = "receipt"


def keys_of(session: Session) -> Keys:
    """The keys to sign with, as the database hands them to every session."""
    keys = session.info.get("keys")
    assert isinstance(keys, Keys), "this database was opened without keys to sign with"
    return keys


def signed_words(receipt: Mapping[str, object]) -> bytes:
    """What the signature covers, as bytes: everything that the receipt says."""
    at = receipt["at"]
    assert isinstance(at, datetime)
    return canonical(
        {
            "attempt": receipt["attempt_id"],
            "code": receipt["code"],
            "form": receipt["form_hash"],
            "head": [receipt["head_seq"], receipt["head_hash"]],
            "answered": receipt["answered"],
            "items": receipt["items"],
            "at": at.isoformat(),
        }
    )


def new_receipt(keys: Keys, known: Known, at: datetime) -> dict[str, object]:
    """The signed row of a receipt for the attempt as it is known, handed in at that moment."""
    row: dict[str, object] = {
        "attempt_id": known.id,
        "code": new_code(),
        "form_hash": known.parts.content_hash,
        "head_seq": known.head.server_seq,
        "head_hash": known.head.hash,
        "answered": known.answered,
        "items": len(known.parts.items),
        "at": at,
    }
    signature = keys.sign(PURPOSE, shanghai_day(at).year, signed_words(row))
    return row | {"key_id": signature.key_id, "signature": signature.signature}


def make_receipt(session: Session, attempt: Attempt) -> Receipt:
    """The receipt of an attempt that was handed in just now, in the transaction of the hand-in."""
    assert attempt.submitted_at is not None, "only what is handed in has a receipt"
    known = look_up(session, attempt.id)
    assert known is not None
    receipt = Receipt(**new_receipt(keys_of(session), known, attempt.submitted_at))
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
    return keys_of(session).verify(receipt.key_id, signed_words(_row_of(receipt)), receipt.signature)


def _row_of(receipt: Receipt) -> dict[str, object]:
    return {column.name: getattr(receipt, column.name) for column in Receipt.__table__.columns}


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

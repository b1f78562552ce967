"""The handshake of the hand-in: the page names what it believes stored, hears what is missing, delivers, is done."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.exams.day_models import LateEvent
from training_app.exams.paper.access import own_attempt
from training_app.exams.paper.handing_in import BY_CANDIDATE, TIME_UP, submit
from training_app.exams.paper.known import look_up
from training_app.exams.paper.receiving import Arrival, Reply, receive
from training_app.people.rules import Holder
from training_app.saves import Delivery


def hand_in(session: Session, holder: Holder, attempt_id: int, delivery: Delivery, *, arrival: Arrival) -> Reply:
    """The reply of `receive`, and the attempt handed in when nothing is missing of what the page claims.

    The page that does not hold the paper hands in nothing; nor does any page while the attempt is paused. Repeating it
    is harmless.
    """
    attempt = own_attempt(session, holder, attempt_id, to_change=True)
    reply = receive(session, holder, attempt_id, delivery, arrival=arrival)
    missing = _missing(session, reply, delivery)
    if missing or reply.state not in ("running", "closing"):
        return replace(reply, missing=missing)
    submit(session, attempt, reason=_reason(attempt.deadline_at, arrival.now), by=holder.id, now=arrival.now)
    known = look_up(session, attempt_id)
    assert known is not None
    return replace(reply, known=known, state="submitted")


def _reason(deadline_at: datetime | None, now: datetime) -> str:
    return TIME_UP if deadline_at is not None and now > deadline_at else BY_CANDIDATE


def _missing(session: Session, reply: Reply, delivery: Delivery) -> tuple[tuple[int, int], ...]:
    """What the page claims and this site has nowhere: neither stored, nor on the pile, nor refused just now."""
    has = {*reply.known.stored, *((one.item, one.seq) for one in reply.refused)}
    claims = [(item, seq) for item, seq in delivery.claims.items() if item in reply.known.parts.items]
    missing = [number for number in claims if number not in has]
    return tuple(_not_piled(session, reply.known.id, missing)) if missing else ()


def _not_piled(session: Session, attempt_id: int, numbers: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    rows = session.execute(
        select(LateEvent.item_version_id, LateEvent.client_seq).where(LateEvent.attempt_id == attempt_id)
    )
    piled = {(row.item_version_id, row.client_seq) for row in rows}
    return [number for number in numbers if number not in piled]

"""The late pile: answers that do not count until a person decides. Nothing that a page delivered is thrown away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from question_bank.texts import Text
from training_app.errors import Conflict
from training_app.exams.day_models import LateEvent
from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.paper.chaining import Head, Sender, following
from training_app.exams.paper.deciding import Given, Piled, RefusedEntry
from training_app.exams.sitting_acts import By
from training_app.upserts import insert_into

MOST_PILED: Final = 2000
"""Of one attempt: more than any paper can hold back, so what exceeds it is no candidate's work."""

PILE_FULL: Final = Text(
    "该答卷待处理的作答过多，本次作答未保存。请联系监考员。",
    "Too many answers of this paper wait for a decision already. Call the invigilator.",
)
DECIDED_ALREADY = _l("Somebody has decided on this answer already. Look at the list again.")
RELEASED = _l("The results of this attempt are released; a late answer can no longer count.")
NOT_DONE = _l("This attempt is not handed in yet. Decide on its late answers afterwards.")


def pile(
    session: Session, attempt_id: int, piled: Sequence[Piled], *, device: str, now: datetime
) -> Sequence[RefusedEntry]:
    """The answers lie on the pile; what lies there already from the same page is not laid there twice.

    What is given back found the pile of the attempt full.
    """
    if not piled:
        return ()
    count = select(func.count()).select_from(LateEvent).where(LateEvent.attempt_id == attempt_id)
    room = max(0, MOST_PILED - (session.scalar(count) or 0))
    _lay(session, attempt_id, piled[:room], device=device, now=now)
    return [RefusedEntry(one.given.item, one.given.seq, "pile_full", PILE_FULL) for one in piled[room:]]


def _lay(session: Session, attempt_id: int, piled: Sequence[Piled], *, device: str, now: datetime) -> None:
    if not piled:
        return
    rows = [
        {
            "attempt_id": attempt_id,
            "item_version_id": one.given.item,
            "device": device,
            "client_seq": one.given.seq,
            "captured_at": one.given.captured_at,
            "received_at": now,
            "payload": one.given.payload,
            "why": one.why,
        }
        for one in piled
    ]
    session.execute(insert_into(session, LateEvent).values(rows).on_conflict_do_nothing())


def decide_late(session: Session, event: LateEvent, *, accepted: bool, reason: str, by: By) -> None:
    """The answer counts from now on as the newest of its item, or never will. Raises Conflict when it cannot be.

    An accepted one is appended at the end of the chain; the receipt keeps the head of the hand-in.
    """
    attempt = session.get_one(Attempt, event.attempt_id, with_for_update=True, populate_existing=True)
    if accepted and attempt.state == "released":
        raise Conflict(RELEASED)
    if accepted and attempt.state in ("created", "waiting", "running", "paused", "voided"):
        raise Conflict(NOT_DONE)
    decided = session.execute(
        update(LateEvent)
        .where(LateEvent.id == event.id, LateEvent.decision.is_(None))
        .values(
            decision="accepted" if accepted else "refused",
            decided_at=by.now,
            decided_by=by.holder.id,
            reason=reason,
        )
        .returning(LateEvent.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if decided is None:
        raise Conflict(DECIDED_ALREADY)
    session.refresh(event)
    if accepted:
        _append(session, attempt, event, by.now)


def _append(session: Session, attempt: Attempt, event: LateEvent, now: datetime) -> None:
    last = select(func.max(ResponseEvent.client_seq)).where(
        ResponseEvent.attempt_id == attempt.id, ResponseEvent.item_version_id == event.item_version_id
    )
    seq = 1 + (session.scalar(last) or 0)
    given = Given(event.item_version_id, seq, event.payload, event.captured_at)
    sender = Sender(attempt.id, event.device, now, event.id)
    head, rows = following(Head(attempt.head_seq, attempt.head_hash), [given], sender)
    session.execute(insert(ResponseEvent), rows)
    attempt.head_seq, attempt.head_hash = head.server_seq, head.hash
    attempt.version += 1
    session.flush()

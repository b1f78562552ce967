"""Attempts as they stand: whose they are, the paper that was drawn, the answers that count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.items import Case, Item
from training_app.bank.services import case_versions, item_versions
from training_app.exams.models import Attempt, AttemptEvent, FormItem, ResponseEvent
from training_app.exams.paper.standing import LIVE

ENTRY: Final = "entry"
PRACTICE: Final = "practice"
SITTING: Final = "sitting"


@dataclass(frozen=True, slots=True)
class PaperItem:
    """One place of a paper. case: the shared text, None for an item that stands alone."""

    position: int
    version_id: int
    item: Item
    points: int
    option_order: tuple[str, ...]
    case: Case | None


@dataclass(frozen=True, slots=True)
class Given:
    """The response that counts for an item: the one with the highest `client_seq`."""

    client_seq: int
    response: object
    received_at: datetime


def live_attempt(session: Session, person_id: int, kind: str) -> Attempt | None:
    """The person's entry test or timed practice that is not handed in, if there is one."""
    return session.scalar(
        select(Attempt).where(Attempt.person_id == person_id, Attempt.kind == kind, Attempt.state.in_(sorted(LIVE)))
    )


def attempts_of(session: Session, person_id: int, kind: str = ENTRY) -> Sequence[Attempt]:
    """All attempts of the person of that kind, newest first."""
    return session.scalars(
        select(Attempt).where(Attempt.person_id == person_id, Attempt.kind == kind).order_by(Attempt.number.desc())
    ).all()


def paper_of(session: Session, attempt: Attempt) -> tuple[PaperItem, ...]:
    """The attempt's form as it was drawn, in order, from the versions that were drawn."""
    return paper_of_form(session, attempt.form_id)


def paper_of_form(session: Session, form_id: int) -> tuple[PaperItem, ...]:
    """The form as it was drawn, in order, from the versions that were drawn."""
    rows = session.scalars(select(FormItem).where(FormItem.form_id == form_id).order_by(FormItem.position)).all()
    items = item_versions(session, [row.item_version_id for row in rows])
    cases = case_versions(session, {row.case_version_id for row in rows if row.case_version_id})
    return tuple(
        PaperItem(
            position=row.position,
            version_id=row.item_version_id,
            item=items[row.item_version_id],
            points=row.points,
            option_order=tuple(row.option_order),
            case=cases.get(row.case_version_id or 0),
        )
        for row in rows
    )


def given_of(session: Session, attempt: Attempt) -> dict[int, Given]:
    """The response that counts for each answered item, by item version."""
    rows = session.execute(
        select(
            ResponseEvent.item_version_id,
            ResponseEvent.client_seq,
            ResponseEvent.payload,
            ResponseEvent.received_at,
        )
        .where(ResponseEvent.attempt_id == attempt.id)
        .order_by(ResponseEvent.item_version_id, ResponseEvent.client_seq)
    )
    return {row.item_version_id: Given(row.client_seq, row.payload, row.received_at) for row in rows}


def note_change(session: Session, attempt: Attempt, change: tuple[str, str, str], *, by: int, at: datetime) -> None:
    """The change of state (before, after, reason) stands in the attempt's log."""
    before, after, reason = change
    session.add(AttemptEvent(attempt_id=attempt.id, from_state=before, to_state=after, reason=reason, by=by, at=at))
    session.flush()

"""Attempts as they stand: whose they are, the paper that was drawn, the answers that count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from question_bank.items import Case, Item
from training_app.bank.services import case_versions, item_versions
from training_app.errors import NotFound
from training_app.exams.models import Attempt, AttemptEvent, FormItem, ResponseEvent
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder

ENTRY: Final = "entry"
SITTING: Final = "sitting"
DELIVERY_GRACE: Final = timedelta(seconds=10)
"""How long after the deadline an answer may still arrive: for delivery, not for thinking."""


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


def live_attempt(session: Session, person_id: int) -> Attempt | None:
    """The person's running entry test, if there is one."""
    return session.scalar(
        select(Attempt).where(Attempt.person_id == person_id, Attempt.kind == ENTRY, Attempt.state == "running")
    )


def attempts_of(session: Session, person_id: int) -> Sequence[Attempt]:
    """All entry tests of the person, newest first."""
    return session.scalars(
        select(Attempt).where(Attempt.person_id == person_id, Attempt.kind == ENTRY).order_by(Attempt.number.desc())
    ).all()


def attempt_of(session: Session, holder: Holder, attempt_id: int) -> Attempt:
    """The person's own entry test. Another person's is not there for him or her: NotFound."""
    attempt = session.get(Attempt, attempt_id) if attempt_id <= LARGEST_ID else None
    if attempt is None or attempt.person_id != holder.id or attempt.kind != ENTRY:
        raise NotFound(_l("You have no such test. Your own tests are listed under Exams."))
    return attempt


def is_over(attempt: Attempt, now: datetime) -> bool:
    """Whether a running attempt takes no answers any more."""
    assert attempt.deadline_at is not None
    return now > attempt.deadline_at + DELIVERY_GRACE


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


def size_of(session: Session, attempt: Attempt) -> int:
    """The number of items on the attempt's form."""
    count = select(func.count()).select_from(FormItem).where(FormItem.form_id == attempt.form_id)
    return session.scalar(count) or 0


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

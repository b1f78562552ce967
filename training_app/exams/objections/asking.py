"""What a candidate asks after an exam, within the time there is for it, and takes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.clock import SHANGHAI, shanghai_day
from training_app.errors import Conflict, NotFound, Refused
from training_app.exams.attempts import SITTING
from training_app.exams.marking_models import Objection, Release, Standard
from training_app.exams.models import Attempt, FormItem
from training_app.exams.objections.rules import Kind, kinds_open, may_ask_again, window_end
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting, SittingEvent
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder

NO_EXAM = _l("You have no such exam. Your own exams are listed under Exams.")
NO_OBJECTION_OF_YOURS = _l("You asked nothing like this. What you asked stands on the page of the exam.")
ALREADY_ASKED = _l("You have asked this already; it waits for a decision.")
ENDED_WITHOUT_RESULTS = {"void": "sitting.voided", "cancelled": "sitting.cancelled"}
"""State of a sitting that has no results → the act that made it so."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time for objections of a sitting. Both None before results are released."""

    released_at: datetime | None
    ends: datetime | None

    @property
    def last_day(self) -> date | None:
        """The last whole day at the bases on which something can be asked."""
        return shanghai_day(self.ends) - timedelta(days=1) if self.ends else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a candidate enters. position: of the item on the paper, for an objection to an item."""

    kind: Kind
    text: str
    position: int | None = None


def own_exam(session: Session, holder: Holder, attempt_id: int) -> Attempt:
    """The person's own attempt of a sitting. NotFound, the same for none and for another person's; that is noted."""
    attempt = session.get(Attempt, attempt_id) if 0 < attempt_id <= LARGEST_ID else None
    if attempt is None or attempt.kind != SITTING:
        raise NotFound(NO_EXAM)
    if attempt.person_id != holder.id:
        raise NotFound(NO_EXAM, act="exam.sit")
    return attempt


def window_of(session: Session, sitting: Sitting, days: int, form_id: int | None = None) -> Window:
    """The time for objections, `days` after the last release; of a sitting without results, after it was ended so.

    form_id: only releases of that form count, as for who sat it.
    """
    releases = select(func.max(Release.at)).where(Release.sitting_id == sitting.id)
    if form_id is not None:
        releases = releases.join(Standard, Standard.id == Release.standard_id).where(Standard.form_id == form_id)
    released_at = session.scalar(releases)
    begins = released_at
    if sitting.state in ENDED_WITHOUT_RESULTS:
        ended = SittingEvent.act == ENDED_WITHOUT_RESULTS[sitting.state]
        begins = session.scalar(select(func.max(SittingEvent.at)).where(SittingEvent.sitting_id == sitting.id, ended))
    return Window(released_at, window_end(begins, days, SHANGHAI) if begins else None)


def appeals_end(session: Session, sitting: Sitting, days: int) -> datetime | None:
    """When what is kept for objections may go; None while results are not released or an objection is open.

    days: the setting `appeal_days`.
    """
    waiting = (
        select(Objection.id)
        .join(Attempt, Attempt.id == Objection.attempt_id)
        .where(Attempt.sitting_id == sitting.id, Objection.decision.is_(None), Objection.withdrawn_at.is_(None))
    )
    if session.scalars(waiting.limit(1)).first() is not None:
        return None
    return window_of(session, sitting, days).ends


def objections_of(session: Session, attempt: Attempt) -> Sequence[Objection]:
    """What was asked about the attempt, newest first."""
    return session.scalars(
        select(Objection).where(Objection.attempt_id == attempt.id).order_by(Objection.id.desc())
    ).all()


def ask(session: Session, attempt: Attempt, asked: Asked, *, days: int, by: By) -> Objection:
    """The objection, waiting for a decision. Refused after the time for it; Conflict when it is asked already."""
    sitting = session.get_one(Sitting, attempt.sitting_id)
    window = window_of(session, sitting, days, attempt.form_id)
    _require_open(attempt, asked.kind, window, by.now)
    version_id = _item_of(session, attempt, asked)
    same = (
        Objection.attempt_id == attempt.id,
        Objection.kind == asked.kind.value,
        func.coalesce(Objection.item_version_id, 0) == (version_id or 0),
    )
    decided_at = session.scalar(select(func.max(Objection.decided_at)).where(*same))
    if not may_ask_again(decided_at, window.released_at):
        raise Refused(_l("This was decided already. The answer stands on this page."))
    values = {
        "attempt_id": attempt.id,
        "person_id": attempt.person_id,
        "kind": asked.kind.value,
        "item_version_id": version_id,
        "text": asked.text,
        "at": by.now,
    }
    try:
        with session.begin_nested():
            number = session.execute(insert(Objection).values(values).returning(Objection.id)).scalar_one()
    except IntegrityError as error:
        raise Conflict(ALREADY_ASKED) from error
    details = {"matter": asked.kind.value} | ({"item": asked.position} if version_id else {})
    act = Act("objection.raised", "objection", number, by.holder.id, sitting.base_id, by.address, details)
    record(session, act, by.now)
    return session.get_one(Objection, number)


def _require_open(attempt: Attempt, kind: Kind, window: Window, now: datetime) -> None:
    if kind in kinds_open(attempt.state, window.ends, now):
        return
    if window.ends is not None and now >= window.ends:
        raise Refused(_l("The time to ask about this exam is over."))
    raise Refused(_l("This can be asked once the results are released."))


def _item_of(session: Session, attempt: Attempt, asked: Asked) -> int | None:
    """The item version at the position that was entered; None where no item is meant."""
    if asked.kind is not Kind.ITEM:
        return None
    known = asked.position is not None and 0 < asked.position <= LARGEST_ID
    place = (FormItem.form_id == attempt.form_id, FormItem.position == asked.position)
    found = session.scalar(select(FormItem.item_version_id).where(*place)) if known else None
    if found is None:
        raise Refused(_l("Your paper has no such item."))
    return found


def take_back(session: Session, objection_id: int, by: By) -> Objection:
    """The person's own objection, taken back. Conflict when it was decided or taken back a moment ago."""
    objection = session.get(Objection, objection_id) if 0 < objection_id <= LARGEST_ID else None
    if objection is None:
        raise NotFound(NO_OBJECTION_OF_YOURS)
    if objection.person_id != by.holder.id:
        raise NotFound(NO_OBJECTION_OF_YOURS, act="exam.sit")
    waiting = (Objection.id == objection.id, Objection.decision.is_(None), Objection.withdrawn_at.is_(None))
    taken = session.execute(
        update(Objection).where(*waiting).values(withdrawn_at=by.now).returning(Objection.id)
    ).scalar_one_or_none()
    if taken is None:
        raise Conflict(_l("This was decided or taken back already."))
    session.refresh(objection)
    attempt = session.get_one(Attempt, objection.attempt_id)
    record(
        session,
        Act("objection.withdrawn", "objection", taken, by.holder.id, attempt.base_id, by.address),
        by.now,
    )
    return objection

"""Preparing a sitting: its forms are drawn and every attempt made, so that nothing is assembled at the click."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.errors import CannotAssemble
from question_bank.parallel import ParallelForms, labels, spread_of
from training_app.audit.services import Act
from training_app.bank.services import StoredBank
from training_app.errors import Conflict, Refused
from training_app.exams.attempts import SITTING, note_change
from training_app.exams.models import Attempt, Form
from training_app.exams.papers import Drawn, Occasion, new_attempt, store_form
from training_app.exams.setup.dealing import dealt_forms
from training_app.exams.setup.drawing import Draft, draft_of, drawn, refusal_of
from training_app.exams.setup.likeness import difference_to_json
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingForm


def expected_places(session: Session, sitting: Sitting) -> list[RosterPlace]:
    """Everybody who is to sit, by the order of the tickets."""
    statement = select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.state == "expected")
    return list(session.scalars(statement.order_by(RosterPlace.id)))


def require_preparable(session: Session, sitting: Sitting) -> list[RosterPlace]:
    """Everybody who is to sit, each with a seat. Refused with what is missing."""
    if sitting.state != "planned":
        raise Conflict(_l("This sitting is prepared already, or no longer planned."))
    places = expected_places(session, sitting)
    if not places:
        raise Refused(_l("Nobody is placed yet. Add people first."))
    unseated = sum(place.seat_id is None for place in places)
    if unseated:
        raise Refused(_l("%(count)s people have no seat yet. Allocate seats first.", count=unseated))
    return places


def seed_for(sitting: Sitting, now: datetime) -> str:
    """What the forms of the sitting are drawn by now."""
    return f"sitting/{sitting.id}/{sitting.version}/{now.isoformat()}"


def prepare(session: Session, sitting: Sitting, criteria: Criteria, by: By) -> None:
    """The forms are drawn and stored, and everybody has an attempt on one. Refused with what is missing."""
    require_preparable(session, sitting)
    draft, bank = draft_of(session, sitting, seed_for(sitting, by.now), criteria)
    try:
        forms = drawn(draft)
    except CannotAssemble as shortage:
        raise refusal_of(shortage) from shortage
    take(session, sitting, Prepared(draft, bank, forms), by)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Forms that are drawn and not stored yet, by what, and the bank that gave them."""

    draft: Draft
    bank: StoredBank
    forms: ParallelForms


def take(session: Session, sitting: Sitting, prepared: Prepared, by: By) -> None:
    """The forms are those of the sitting, and everybody has an attempt on one of them. Refused with what is missing."""
    places = require_preparable(session, sitting)
    for letter, drawn_form in zip(labels(len(prepared.forms.forms)), prepared.forms.forms, strict=True):
        drawing = replace(prepared.draft.drawing, seed=drawn_form.seed)
        stored = store_form(session, Drawn(drawing, drawn_form, prepared.bank), cut=None, now=by.now)
        values = {"predicted": drawn_form.coverage.predicted, "spread": spread_of(drawn_form)}
        session.add(SittingForm(form_id=stored.id, sitting_id=sitting.id, letter=letter, **values))
    sitting.difference = difference_to_json(prepared.forms) if len(prepared.forms.forms) > 1 else None
    sitting.state, sitting.version = "prepared", sitting.version + 1
    session.flush()
    session.expire(sitting, ["forms"])
    dealt = dealt_forms(session, sitting, places)
    for place in places:
        make_attempt(session, sitting, place, session.get_one(Form, dealt[place.id]), by=by)
    forms = ", ".join(form.content_hash[:12] for form in prepared.forms.forms)
    details = {"form": forms, "count": len(places)}
    write_down(session, sitting, Act("sitting.prepared", "sitting", *by.stamp(sitting), details), by)


def make_attempt(session: Session, sitting: Sitting, place: RosterPlace, form: Form, *, by: By) -> None:
    """The place has an attempt on the form, created and not begun."""
    attempt = new_attempt(session, place.person_id, Occasion(SITTING, sitting.base_id, sitting.id), form)
    place.attempt_id = attempt.id
    session.flush()
    note_change(session, attempt, ("created", "created", "prepared"), by=by.holder.id, at=by.now)


def void_attempt(session: Session, place: RosterPlace, reason: str, by: By) -> None:
    """The place has no attempt any more; one that nobody began is void. Refused once it has begun."""
    if place.attempt_id is None:
        return
    voided = session.execute(
        update(Attempt)
        .where(Attempt.id == place.attempt_id, Attempt.state == "created")
        .values(state="voided", version=Attempt.version + 1)
        .returning(Attempt.id)
    ).scalar_one_or_none()
    if voided is None:
        raise Refused(_l("%(name)s has begun already.", name=place.person.name_zh))
    attempt = session.get_one(Attempt, voided)
    note_change(session, attempt, ("created", "voided", reason), by=by.holder.id, at=by.now)
    place.attempt_id = None
    session.flush()


def void_all_attempts(session: Session, sitting: Sitting, reason: str, by: By) -> None:
    """Every attempt of the sitting is void, however far it came; what was answered stays stored."""
    live = select(Attempt).where(Attempt.sitting_id == sitting.id, Attempt.state != "voided").order_by(Attempt.id)
    for attempt in session.scalars(live.with_for_update()).all():
        before, attempt.state, attempt.version = attempt.state, "voided", attempt.version + 1
        note_change(session, attempt, (before, "voided", reason), by=by.holder.id, at=by.now)


def unprepare(session: Session, sitting: Sitting, by: By) -> None:
    """The sitting is planned again: its forms are given up, its attempts void. Refused once somebody began."""
    if sitting.state != "prepared":
        raise Conflict(_l("This sitting is not prepared."))
    for place in session.scalars(
        select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.attempt_id.is_not(None))
    ).all():
        void_attempt(session, place, "unprepared", by)
    session.execute(update(SittingForm).where(SittingForm.sitting_id == sitting.id).values(given_up=True))
    sitting.state, sitting.difference, sitting.version = "planned", None, sitting.version + 1
    session.flush()
    session.expire(sitting, ["forms"])
    write_down(session, sitting, Act("sitting.unprepared", "sitting", *by.stamp(sitting)), by)

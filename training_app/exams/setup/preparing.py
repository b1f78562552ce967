"""Preparing a sitting: its form is drawn and every attempt made, so that nothing is assembled at the click."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.errors import CannotAssemble
from training_app.audit.services import Act
from training_app.errors import Conflict, Refused
from training_app.exams.attempts import SITTING, note_change
from training_app.exams.models import Attempt, Form
from training_app.exams.papers import Drawing, Occasion, draw, new_attempt, store_form
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingForm
from training_app.installation import installation_of


def drawing_for(session: Session, sitting: Sitting, seed: str) -> Drawing:
    """By what the form of the sitting is drawn: its day's law, and outside of a demonstration secret items only."""
    installation = installation_of(session)
    demonstration = installation is not None and installation.demonstration
    return Drawing(sitting.blueprint_version_id, seed, sitting.in_force_on, demonstration)


def what_lacks(session: Session, sitting: Sitting, criteria: Criteria) -> CannotAssemble | None:
    """Why the bank as it stands gives no form for the sitting; None when it gives one."""
    try:
        draw(session, drawing_for(session, sitting, "trial"), criteria)
    except CannotAssemble as shortage:
        return shortage
    return None


def expected_places(session: Session, sitting: Sitting) -> list[RosterPlace]:
    """Everybody who is to sit, by the order of the tickets."""
    statement = select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.state == "expected")
    return list(session.scalars(statement.order_by(RosterPlace.id)))


def prepare(session: Session, sitting: Sitting, criteria: Criteria, by: By) -> None:
    """The form is stored and everybody has an attempt on it. Refused with what is missing."""
    if sitting.state != "planned":
        raise Conflict(_l("This sitting is prepared already, or no longer planned."))
    places = expected_places(session, sitting)
    if not places:
        raise Refused(_l("Nobody is placed yet. Add people first."))
    unseated = sum(place.seat_id is None for place in places)
    if unseated:
        raise Refused(_l("%(count)s people have no seat yet. Allocate seats first.", count=unseated))
    seed = f"sitting/{sitting.id}/{sitting.version}/{by.now.isoformat()}"
    try:
        drawn = draw(session, drawing_for(session, sitting, seed), criteria)
    except CannotAssemble as shortage:
        raise Refused(_l("The bank lacks items for this sitting; the page names them.")) from shortage
    form = store_form(session, drawn, cut=None, now=by.now)
    predicted = drawn.form.coverage.predicted
    session.add(SittingForm(form_id=form.id, sitting_id=sitting.id, letter="A", predicted=predicted))
    sitting.state, sitting.version = "prepared", sitting.version + 1
    session.flush()
    session.expire(sitting, ["forms"])
    for place in places:
        make_attempt(session, sitting, place, form, by=by)
    details = {"form": form.content_hash[:12], "count": len(places)}
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
    """The sitting is planned again: its form is given up and its attempts are void. Refused once somebody began."""
    if sitting.state != "prepared":
        raise Conflict(_l("This sitting is not prepared."))
    for place in session.scalars(
        select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.attempt_id.is_not(None))
    ).all():
        void_attempt(session, place, "unprepared", by)
    session.execute(update(SittingForm).where(SittingForm.sitting_id == sitting.id).values(given_up=True))
    sitting.state, sitting.version = "planned", sitting.version + 1
    session.flush()
    session.expire(sitting, ["forms"])
    write_down(session, sitting, Act("sitting.unprepared", "sitting", *by.stamp(sitting)), by)

"""The entry test 入学测试: drawn from a blueprint for one person, and started once."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.errors import CannotAssemble
from question_bank.standard import cut_of_percent
from training_app.bank.services import blueprint_for
from training_app.clock import shanghai_day
from training_app.errors import Conflict, Refused
from training_app.exams.answers import close
from training_app.exams.attempts import ENTRY, is_over, live_attempt, note_change
from training_app.exams.models import Attempt, Form
from training_app.exams.papers import Drawing, Occasion, draw, new_attempt, next_number, store_form
from training_app.people.rules import Holder


def start(session: Session, holder: Holder, criteria: Criteria, now: datetime) -> Attempt:
    """The running entry test: the one that runs already, or a new one with a form drawn for it alone.

    Of two starts at once both get the same attempt, and nothing stays of the form that the slower one drew.
    """
    live = live_attempt(session, holder.id)
    if live is not None and not is_over(live, now):
        return live
    if live is not None:
        close(session, live, reason="time_up", now=now)
    try:
        with session.begin_nested():
            attempt = _new_attempt(session, holder, criteria, now)
    except IntegrityError as error:
        faster = live_attempt(session, holder.id)
        if faster is None:
            raise Conflict(_l("Your test was started and ended in another window. Open the Exams page.")) from error
        return faster
    note_change(session, attempt, ("created", "running", "started"), by=holder.id, at=now)
    return attempt


def _new_attempt(session: Session, holder: Holder, criteria: Criteria, now: datetime) -> Attempt:
    number = next_number(session, holder.id, ENTRY)
    form, minutes = _draw(session, f"entry/{holder.id}/{number}/{now.isoformat()}", criteria, now)
    attempt = new_attempt(session, holder.id, Occasion(ENTRY, holder.base), form)
    attempt.state, attempt.started_at, attempt.deadline_at = "running", now, now + timedelta(minutes=minutes)
    session.flush()
    return attempt


def _draw(session: Session, seed: str, criteria: Criteria, now: datetime) -> tuple[Form, int]:
    found = blueprint_for(session, ENTRY)
    if found is None:
        raise Refused(_l("No entry test is set up: the bank holds no blueprint for it."))
    blueprint_version_id, blueprint = found
    try:
        drawn = draw(session, Drawing(blueprint_version_id, seed, shanghai_day(now)), criteria)
    except CannotAssemble as shortage:
        cells = "; ".join(f"{s.cell} ({s.found}/{s.wanted})" for s in shortage.shortages)
        raise Refused(_l("The bank lacks items for this test: %(cells)s.", cells=cells)) from shortage
    cut = cut_of_percent(blueprint.cut.percent if blueprint.cut else 60, drawn.form.points)
    return store_form(session, drawn, cut=cut, now=now), blueprint.minutes

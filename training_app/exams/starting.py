"""Tests taken alone: the entry test 入学测试, timed practice 限时练习. Drawn for one person, begun once."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from question_bank.blueprint import Blueprint
from question_bank.criteria import Criteria
from question_bank.errors import CannotAssemble
from question_bank.serialising import blueprint_from_json
from question_bank.standard import cut_of_percent
from training_app.bank.models import BlueprintVersion
from training_app.bank.services import blueprint_for
from training_app.clock import shanghai_day
from training_app.errors import Conflict, NotFound, Refused
from training_app.exams.attempts import ENTRY, PRACTICE, live_attempt
from training_app.exams.models import Attempt, Form
from training_app.exams.paper.clockwork import begin
from training_app.exams.paper.handing_in import close_if_over
from training_app.exams.papers import Drawing, Occasion, draw, new_attempt, next_number, store_form
from training_app.people.rules import Holder

DEFAULT_CUT = 60
"""Percent, where a blueprint names none."""


@dataclass(frozen=True, slots=True)
class Test:
    """What can be begun. version_id: of its blueprint."""

    kind: str
    version_id: int
    blueprint: Blueprint


def entry_test(session: Session) -> Test:
    """The entry test. Refused when the bank holds no blueprint for it."""
    found = blueprint_for(session, ENTRY)
    if found is None:
        raise Refused(_l("No entry test is set up: the bank holds no blueprint for it."))
    return Test(ENTRY, *found)


def practice_tests(session: Session) -> list[Test]:
    """The timed practices that are offered, shorter ones first."""
    rows = session.execute(
        select(BlueprintVersion.id, BlueprintVersion.body).where(
            BlueprintVersion.purpose == PRACTICE, BlueprintVersion.superseded_at.is_(None)
        )
    ).all()
    tests = [Test(PRACTICE, row.id, blueprint_from_json(row.body)) for row in rows]
    return sorted(tests, key=lambda test: (test.blueprint.minutes, test.version_id))


def practice_test(session: Session, version_id: int) -> Test:
    """The timed practice of that blueprint, when it is offered still."""
    found = [test for test in practice_tests(session) if test.version_id == version_id]
    if not found:
        raise NotFound(_l("This practice is not offered any more. Choose another one."))
    return found[0]


def start(session: Session, holder: Holder, test: Test, criteria: Criteria, *, now: datetime) -> Attempt:
    """The running attempt of that kind: the one that runs already, or a new one with a form drawn for it alone.

    Of two starts at once both get the same attempt, and nothing stays of the form that the slower one drew.
    """
    live = live_attempt(session, holder.id, test.kind)
    if live is not None and not close_if_over(session, live, now):
        return live
    try:
        with session.begin_nested():
            attempt = _new_attempt(session, holder, test, criteria, now=now)
    except IntegrityError as error:
        faster = live_attempt(session, holder.id, test.kind)
        if faster is None:
            raise Conflict(_l("Your test was started and ended in another window. Open the Exams page.")) from error
        return faster
    return attempt


def _new_attempt(session: Session, holder: Holder, test: Test, criteria: Criteria, *, now: datetime) -> Attempt:
    number = next_number(session, holder.id, test.kind)
    form = _draw(session, test, f"{test.kind}/{holder.id}/{number}/{now.isoformat()}", criteria, now=now)
    attempt = new_attempt(session, holder.id, Occasion(test.kind, holder.base), form)
    begin(session, attempt, length_s=test.blueprint.minutes * 60, personal_s=0, now=now)
    return attempt


def _draw(session: Session, test: Test, seed: str, criteria: Criteria, *, now: datetime) -> Form:
    try:
        drawn = draw(session, Drawing(test.version_id, seed, shanghai_day(now)), criteria)
    except CannotAssemble as shortage:
        cells = "; ".join(f"{s.cell} ({s.found}/{s.wanted})" for s in shortage.shortages)
        raise Refused(_l("The bank lacks items for this test: %(cells)s.", cells=cells)) from shortage
    percent = test.blueprint.cut.percent if test.blueprint.cut else DEFAULT_CUT
    return store_form(session, drawn, cut=cut_of_percent(percent, drawn.form.points), now=now)

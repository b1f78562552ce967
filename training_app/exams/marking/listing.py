"""The results of a sitting as a list, on the page and as a file."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from training_app.exams.marking.released import last_release
from training_app.exams.marking.scoring import UNCOUNTED
from training_app.exams.marking.standards import current_standard
from training_app.exams.marking.words import RESULT_STATES, result_state
from training_app.exams.marking_models import Standard
from training_app.exams.models import Attempt, Form, Result, ScoreRun
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.lists import Column, Filter, ListSpec
from training_app.people.models import Person
from training_app.web.words import language, name_of

SHOWN = _l("Result")
FILTERS = {"pass": _l("Passed"), "fail": _l("Not passed"), "none": _l("No result")}


def shown_standard(session: Session, sitting: Sitting, *, preview: bool) -> Standard | None:
    """The standard whose results the list shows: that of the last release, before it for a preview the one in force."""
    release = last_release(session, sitting.id)
    if release is not None:
        return session.get_one(Standard, release.standard_id)
    return current_standard(session, sitting.form_id) if preview and sitting.form_id is not None else None


def results_listed(sitting: Sitting, standard: Standard | None) -> Select[Any]:
    """Everybody on the roster with attempt and, by this standard, result."""
    newest = (
        select(func.max(ScoreRun.id))
        .where(ScoreRun.standard_id == (standard.id if standard else -1))
        .group_by(ScoreRun.attempt_id)
    )
    counts = and_(Result.attempt_id == Attempt.id, Result.run_id.in_(newest), RosterPlace.state.not_in(UNCOUNTED))
    statement: Any = (  # of four tables: lists take the rows as they come
        select(RosterPlace, Person, Attempt, Result)
        .join(Person, Person.id == RosterPlace.person_id)
        .outerjoin(Attempt, Attempt.id == RosterPlace.attempt_id)
        .outerjoin(Result, and_(counts, Attempt.state != "voided"))
        .where(RosterPlace.sitting_id == sitting.id, RosterPlace.state != "withdrawn")
    )
    listed: Select[Any] = statement
    return listed


def state_of(row: Any) -> str:
    """The state of the result of a row, a key of RESULT_STATES."""
    return result_state(row.RosterPlace, row.Attempt, row.Result.outcome if row.Result else None)


def results_spec() -> ListSpec:
    """The list as the page shows it."""
    return ListSpec(
        columns=(
            Column("name", _("Name"), lambda row: name_of(row.Person), _name()),
            Column("staff", _("Staff number"), lambda row: row.Person.staff_number or "", Person.staff_number),
            Column("ticket", _("Ticket"), lambda row: row.RosterPlace.ticket_number, RosterPlace.ticket_number),
            Column("outcome", SHOWN, lambda row: str(RESULT_STATES[state_of(row)]), Result.outcome),
            Column(
                "points",
                _("Points earned"),
                lambda row: row.Result.score if row.Result else None,
                Result.score,
                True,
                True,
            ),
            Column("mark", _("Mark"), lambda row: row.Result.mark if row.Result else None, Result.mark, True, True),
        ),
        default_sort="ticket",
        tie=RosterPlace.id,
        search=(Person.name_zh, Person.name_en, Person.staff_number, RosterPlace.ticket_number),
        filters=(Filter("result", SHOWN, tuple(FILTERS.items()), _has),),
    )


def _name() -> ColumnElement[Any]:
    return func.lower(Person.name_en if language() == "en" else Person.name_zh)


def _has(value: str) -> ColumnElement[bool]:
    return Result.run_id.is_(None) if value == "none" else Result.outcome == value


def export_spec(form: Form | None, standard: Standard | None) -> ListSpec:
    """The list as files carry it: also the maximum, the cut score, the form and the run that each result rests on."""
    spec = results_spec()
    more = (
        Column("maximum", _("Maximum"), lambda row: standard.points if standard and row.Result else None, numeric=True),
        Column("cut", _("Cut score"), lambda row: standard.cut if standard and row.Result else None, numeric=True),
        Column("form", _("Form"), lambda _row: form.content_hash[:12] if form else ""),
        Column("run", _("Score run"), lambda row: row.Result.run_id if row.Result else None, numeric=True),
    )
    other = "name_zh" if language() == "en" else "name_en"
    second = Column("second_name", _("Second name"), lambda row: getattr(row.Person, other))
    return replace(spec, columns=(spec.columns[0], second, *spec.columns[1:], *more))

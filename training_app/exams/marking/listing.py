"""The results of a sitting as a list, on the page and as a file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from training_app.exams.marking.released import released_standards
from training_app.exams.marking.scoring import UNCOUNTED
from training_app.exams.marking.standards import current_standard
from training_app.exams.marking.words import RESULT_STATES, result_state
from training_app.exams.marking_models import Standard
from training_app.exams.models import Attempt, Form, Result, ScoreRun
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingForm
from training_app.lists import Column, Filter, ListSpec
from training_app.people.models import Person
from training_app.web.words import language, name_of

SHOWN = _l("Result")
FILTERS = {"pass": _l("Passed"), "fail": _l("Not passed"), "none": _l("No result")}


def shown_standards(session: Session, sitting: Sitting, *, preview: bool) -> dict[int, Standard]:
    """By form, the standard whose results the list shows: that of the last release, before it for a preview the one
    in force.
    """
    released = released_standards(session, sitting.id)
    if released or not preview:
        return released
    found = {one.form_id: current_standard(session, one.form_id) for one in sitting.forms}
    return {form: standard for form, standard in found.items() if standard is not None}


def results_listed(sitting: Sitting, standards: Mapping[int, Standard]) -> Select[Any]:
    """Everybody on the roster with attempt and, by these standards, result."""
    newest = (
        select(func.max(ScoreRun.id))
        .where(ScoreRun.standard_id.in_([standard.id for standard in standards.values()]))
        .group_by(ScoreRun.attempt_id)
    )
    counts = and_(Result.attempt_id == Attempt.id, Result.run_id.in_(newest), RosterPlace.state.not_in(UNCOUNTED))
    statement: Any = (  # of four tables: lists take the rows as they come
        select(RosterPlace, Person, Attempt, Result, SittingForm)
        .join(Person, Person.id == RosterPlace.person_id)
        .outerjoin(Attempt, Attempt.id == RosterPlace.attempt_id)
        .outerjoin(SittingForm, SittingForm.form_id == Attempt.form_id)
        .outerjoin(Result, and_(counts, Attempt.state != "voided"))
        .where(RosterPlace.sitting_id == sitting.id, RosterPlace.state != "withdrawn")
    )
    listed: Select[Any] = statement
    return listed


def state_of(row: Any) -> str:
    """The state of the result of a row, a key of RESULT_STATES."""
    return result_state(row.RosterPlace, row.Attempt, row.Result.outcome if row.Result else None)


def results_spec(sitting: Sitting) -> ListSpec:
    """The list as the page shows it, with the letter of the form where there are several."""
    letter = Column(
        "letter", _("Form"), lambda row: row.SittingForm.letter if row.SittingForm else "", SittingForm.letter
    )
    return ListSpec(
        columns=(
            Column("name", _("Name"), lambda row: name_of(row.Person), _name()),
            Column("staff", _("Staff number"), lambda row: row.Person.staff_number or "", Person.staff_number),
            Column("ticket", _("Ticket"), lambda row: row.RosterPlace.ticket_number, RosterPlace.ticket_number),
            *([letter] if len(sitting.forms) > 1 else []),
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


def export_spec(session: Session, sitting: Sitting, standards: Mapping[int, Standard]) -> ListSpec:
    """The list as files carry it: also the maximum, the cut score, the form and the run that each result rests on."""
    spec = results_spec(sitting)
    forms = [one.form_id for one in sitting.forms]
    rows = session.execute(select(Form.id, Form.content_hash).where(Form.id.in_(forms)))
    hashes = {row.id: row.content_hash[:12] for row in rows}

    def by(row: Any) -> Standard | None:
        return standards.get(row.Attempt.form_id) if row.Result else None

    more = (
        Column("maximum", _("Maximum"), lambda row: (found := by(row)) and found.points, numeric=True),
        Column("cut", _("Cut score"), lambda row: (found := by(row)) and found.cut, numeric=True),
        Column("form", _("Content hash"), lambda row: hashes.get(row.Attempt.form_id, "") if row.Attempt else ""),
        Column("run", _("Score run"), lambda row: row.Result.run_id if row.Result else None, numeric=True),
    )
    other = "name_zh" if language() == "en" else "name_en"
    second = Column("second_name", _("Second name"), lambda row: getattr(row.Person, other))
    return replace(spec, columns=(spec.columns[0], second, *spec.columns[1:], *more))

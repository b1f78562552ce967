"""Pages of the results of a sitting: what a release needs, the list, the release, what changed."""

import time
from collections.abc import Callable, Iterable

from flask import Response as Answer
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by, done
from training_app.exams.marking.keys import newest_revision
from training_app.exams.marking.listing import export_spec, results_listed, results_spec, shown_standards, state_of
from training_app.exams.marking.releasing import release, requirements
from training_app.exams.marking.scoring import due, score_sitting
from training_app.exams.marking.what_changed import compare
from training_app.exams.marking.words import RESULT_MARKS, RESULT_STATES
from training_app.exams.marking_models import KeyRevision, Release, Standard
from training_app.exams.models import ScoreRun
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_models import Sitting, SittingForm
from training_app.exams.views import bp
from training_app.lists import MEDIA_TYPES, export, list_page, list_rows, requested_export
from training_app.people.models import Person, TrainingBase
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import name_of

AT_ONCE_S = 2.0
"""How long a request scores before it leaves the rest to the worker or the next request."""

bp.add_app_template_filter(lambda state: (RESULT_MARKS[state], str(RESULT_STATES[state])), "result_state")


def for_a_while(seconds: float = AT_ONCE_S) -> Callable[[], bool]:
    """A function that says yes until so many seconds have passed."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


@bp.get("/sittings/<int:sitting_id>/results")
@permit("results.read")
def sitting_results(sitting_id: int) -> str | Answer:
    """What a release needs and the results; before it only programme administrators see numbers."""
    session, holder = read_session(), me().holder
    found = sitting_within(session, holder, "results.read", sitting_id)
    acts = holder.reaches("standards.edit", found.base_id)
    standards = shown_standards(session, found, preview=acts)
    statement = results_listed(found, standards)
    kind = requested_export(request.args)
    if kind:
        spec = export_spec(session, found, standards)
        return Answer(
            export(spec, list_rows(session, statement, spec, request.args), kind),
            mimetype=MEDIA_TYPES[kind],
            headers={"Content-Disposition": f"attachment; filename=results-{found.id}.{kind}"},
        )
    needed = requirements(session, found)
    return render_template(
        "exams/marking/results.html",
        sitting=found,
        base=session.get_one(TrainingBase, found.base_id),
        page=list_page(session, statement, results_spec(found), request.args),
        states=state_of,
        shown=standards,
        released=found.state == "released",
        needed=needed,
        ready=all(one.done for one in needed),
        pending=len(due(session, found)),
        acts=acts,
        standards=standards_of(session, found),
    )


def standards_of(session: Session, sitting: Sitting, form: SittingForm | None = None) -> list[dict[str, object]]:
    """Cut scores of the form, or of all in turn, newest first: by whom, which keys, how many runs, when released."""
    letters = {one.form_id: one.letter for one in sitting.forms if form in {None, one}}
    found = session.scalars(select(Standard).where(Standard.form_id.in_(letters)).order_by(Standard.id.desc()))
    rows = sorted(found, key=lambda row: letters[row.form_id])
    names = names_of(session, {who for row in rows for who in (row.entered_by, row.confirmed_by)})
    releases = {
        row.standard_id: row
        for row in session.scalars(select(Release).where(Release.sitting_id == sitting.id).order_by(Release.id))
    }
    runs = {
        row.standard_id: row.runs
        for row in session.execute(
            select(ScoreRun.standard_id, func.count(func.distinct(ScoreRun.attempt_id)).label("runs"))
            .where(ScoreRun.standard_id.in_([row.id for row in rows]))
            .group_by(ScoreRun.standard_id)
        )
    }
    numbers = {
        row.id: row.number for row in session.scalars(select(KeyRevision).where(KeyRevision.form_id.in_(letters)))
    }
    return [
        {
            "standard": row,
            "letter": letters[row.form_id],
            "entered_by": names.get(row.entered_by, "–"),
            "confirmed_by": names.get(row.confirmed_by or 0),
            "revision": numbers.get(row.revision_id or 0),
            "runs": runs.get(row.id, 0),
            "released_at": releases[row.id].at if row.id in releases else None,
        }
        for row in rows
    ]


def names_of(session: Session, wanted: Iterable[int | None]) -> dict[int, str]:
    """The names of these people in the language of this answer."""
    people = session.scalars(select(Person).where(Person.id.in_({one for one in wanted if one}))).unique()
    return {person.id: name_of(person) for person in people}


@bp.post("/sittings/<int:sitting_id>/score")
@permit("standards.edit")
def score_now(sitting_id: int) -> Response:
    """What is due is scored for a while; the rest goes on by itself."""
    found = sitting_within(read_session(), me().holder, "standards.edit", sitting_id)
    scored, left = score_sitting(write_session, found.id, now(), for_a_while())
    if left:
        flash(_("%(count)s papers are scored, %(left)s are still to come.", count=scored, left=left), "warning")
    elif scored:
        flash(_("%(count)s papers are scored.", count=scored), "success")
    else:
        flash(_("Nothing is due."), "success")
    return redirect(url_for("exams.sitting_results", sitting_id=sitting_id))


@bp.post("/sittings/<int:sitting_id>/release")
@permit("standards.edit")
def release_results(sitting_id: int) -> Response:
    """Everybody's results are released, or the sentences say what is missing."""
    onward = url_for("exams.sitting_results", sitting_id=sitting_id)
    seen = request.form.get("version", -1, type=int)
    try:
        found = sitting_within(read_session(), me().holder, "standards.edit", sitting_id)
        score_sitting(write_session, found.id, now(), for_a_while())
        with write_session() as session:
            locked = sitting_within(session, me().holder, "standards.edit", sitting_id, to_change=True)
            release(session, locked, seen, by())
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        flash(str(refusal.message), "error")
    else:
        flash(_("The results are released. Every candidate finds the own one under Exams."), "success")
    return redirect(onward)


@bp.get("/sittings/<int:sitting_id>/changes")
@permit("standards.edit")
def what_changed(sitting_id: int) -> str:
    """Who passes by the newest keys and cut score and did not before, and the other way round."""
    session = read_session()
    found = sitting_within(session, me().holder, "standards.edit", sitting_id)
    compared = [(compare(session, found, {}, form), newest_revision(session, form.form_id)) for form in found.forms]
    return render_template(
        "exams/marking/changes.html",
        sitting=found,
        base=session.get_one(TrainingBase, found.base_id),
        compared=[(comparison, revision) for comparison, revision in compared if comparison is not None],
    )


def act_on(sitting_id: int, letter: str, act: Callable[[Session, Sitting], object], sentence: str) -> Response:
    """The way back to the keys of a form after `act` on the locked sitting: with `sentence`, or why it was refused."""
    onward = url_for("exams.keys", sitting_id=sitting_id, form=letter)
    return done(sitting_id, act, sentence, onward, permission="standards.edit")

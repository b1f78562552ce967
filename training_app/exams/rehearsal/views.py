"""The rehearsals of a sitting: begun here, done by the worker, their reports kept."""

from flask import redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.rehearsal.job import REHEARSE_KIND, begin_rehearsal, rehearsals_of
from training_app.exams.rehearsal.rules import MOST_CANDIDATES_ON_PAGE, MOST_MINUTES
from training_app.exams.rehearsal.words import MARKS, STEPS, VERDICTS
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_models import Sitting
from training_app.exams.views import bp
from training_app.jobs.services import standing
from training_app.people.models import Person
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session, write_session
from training_app.web.words import name_of


def _number(label: object, most: int, description: object) -> IntegerField:
    fault = _l("A whole number from %(least)s to %(most)s.", least=1, most=most)
    return IntegerField(
        label,
        [InputRequired(fault), NumberRange(1, most, fault)],
        description=description,
        render_kw={"inputmode": "numeric", "min": 1, "max": most},
    )


class RehearsalForm(FlaskForm):
    """How many, how long, how busy."""

    candidates = _number(
        _l("Simulated candidates"), MOST_CANDIDATES_ON_PAGE, _l("As many as will come, or more. They share real seats.")
    )
    minutes = _number(
        _l("Minutes of answering"), MOST_MINUTES, _l("Ten tell enough; a longer one shows what builds up.")
    )
    think = _number(_l("Seconds between two answers"), 600, _l("Of each candidate, on average. People take 30 to 90."))


@bp.get("/sittings/<int:sitting_id>/rehearsals")
@permit("sittings.read")
def rehearsals(sitting_id: int) -> str:
    """What was rehearsed, and the form for the next."""
    session = read_session()
    found = sitting_within(session, me().holder, "sittings.read", sitting_id)
    places = sum(place.state == "expected" for place in found.places)
    form = RehearsalForm(formdata=None, data={"candidates": places or 20, "minutes": 10, "think": 30})
    return _page(session, found, form)


@bp.post("/sittings/<int:sitting_id>/rehearsals")
@permit("sittings.edit")
def begin_to_rehearse(sitting_id: int) -> Response | tuple[str, int]:
    """The worker rehearses the sitting from now on."""
    form = RehearsalForm()
    found = sitting_within(read_session(), me().holder, "sittings.edit", sitting_id)
    if not form.validate():
        return _page(read_session(), found, form), 422
    wanted = (form.candidates.data, form.minutes.data * 60, form.think.data * 1000)
    try:
        with write_session() as session:
            locked = sitting_within(session, me().holder, "sittings.edit", sitting_id, to_change=True)
            job = begin_rehearsal(session, locked, wanted, by())
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.form_errors = [refusal.message]
        session = read_session()
        return _page(session, session.get_one(Sitting, sitting_id), form), 422
    return redirect(url_for("progress.job", number=job.id))


def _page(session: Session, found: Sitting, form: RehearsalForm) -> str:
    rows = rehearsals_of(session, found)
    asked_by = {row.asked_by for row in rows}
    return render_template(
        "exams/rehearsals.html",
        sitting=found,
        form=form,
        may_begin=me().holder.reaches("sittings.edit", found.base_id),
        job=standing(session, REHEARSE_KIND),
        rows=rows,
        names={number: name_of(session.get_one(Person, number)) for number in asked_by},
        steps=STEPS,
        verdicts=VERDICTS,
        marks=MARKS,
    )

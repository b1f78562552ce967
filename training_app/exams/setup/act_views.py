"""Acts on a sitting: preparing it, ending it before its time, who watches its rooms."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by, done
from training_app.exams.setup.calling_off import cancel, declare_void
from training_app.exams.setup.drawing_job import begin_preparing
from training_app.exams.setup.duties import assign, end_duty
from training_app.exams.setup.forms import DutyForm, ReasonForm
from training_app.exams.setup.preparing import unprepare
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.setup.views import offer_duties, sitting_page
from training_app.exams.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session, write_session

ENDS = {"cancel": cancel, "void": declare_void}


@bp.route("/sittings/<int:sitting_id>/cancel", methods=["GET", "POST"])
@permit("sittings.edit")
def cancel_sitting(sitting_id: int) -> str | Response | tuple[str, int]:
    """A sitting is cancelled, with a reason."""
    return _end(sitting_id, "cancel")


@bp.route("/sittings/<int:sitting_id>/void", methods=["GET", "POST"])
@permit("sittings.edit")
def void_sitting(sitting_id: int) -> str | Response | tuple[str, int]:
    """A sitting is declared void, with a reason."""
    return _end(sitting_id, "void")


def _end(sitting_id: int, act: str) -> str | Response | tuple[str, int]:
    found = sitting_within(read_session(), me().holder, "sittings.edit", sitting_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        page = render_template("exams/end_sitting.html", form=form, sitting=found, act=act)
        return page, 422 if form.errors else 200
    return done(
        sitting_id,
        lambda session, sitting: ENDS[act](session, sitting, form.reason.data, by()),
        _("The sitting is cancelled.") if act == "cancel" else _("The sitting is void. You can set it anew."),
    )


@bp.post("/sittings/<int:sitting_id>/prepare")
@permit("sittings.edit")
def prepare_sitting(sitting_id: int) -> Response:
    """The worker draws the forms and makes every attempt; its page tells how far it is."""
    try:
        with write_session() as session:
            found = sitting_within(session, me().holder, "sittings.edit", sitting_id, to_change=True)
            number = begin_preparing(session, found, by()).id
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        flash(str(refusal.message), "error")
        return redirect(url_for("exams.sitting", sitting_id=sitting_id))
    return redirect(url_for("progress.job", number=number))


@bp.post("/sittings/<int:sitting_id>/unprepare")
@permit("sittings.edit")
def unprepare_sitting(sitting_id: int) -> Response:
    """The forms are given up while nobody has begun."""
    return done(
        sitting_id,
        lambda session, sitting: unprepare(session, sitting, by()),
        _("The forms are given up; the sitting is planned again."),
    )


@bp.post("/sittings/<int:sitting_id>/duties")
@permit("sittings.edit")
def assign_duty(sitting_id: int) -> Response | tuple[str, int]:
    """Somebody watches a room."""
    form = DutyForm()
    found = sitting_within(read_session(), me().holder, "sittings.edit", sitting_id)
    offer_duties(read_session(), found, form)
    if not form.validate():
        return sitting_page(sitting_id, form), 422
    return done(
        sitting_id,
        lambda session, sitting: assign(session, sitting, form.person.data, form.room.data, by=by()),
        _("The invigilator is entered."),
    )


@bp.post("/sittings/<int:sitting_id>/duties/<int:duty_id>/end")
@permit("sittings.edit")
def end_a_duty(sitting_id: int, duty_id: int) -> Response:
    """Somebody does not watch a room any more."""
    return done(
        sitting_id, lambda session, sitting: end_duty(session, sitting, duty_id, by=by()), _("The duty is ended.")
    )

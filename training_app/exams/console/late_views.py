"""The late pile: every late answer beside the one that counts, and the decision on it."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.console.access import console_of, console_to_act, may_act, require_acting
from training_app.exams.console.forms import LateForm
from training_app.exams.console.late_pile import decide_pile, piles_of
from training_app.exams.setup.roster import place_of
from training_app.exams.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session, write_session


@bp.get("/sittings/<int:sitting_id>/console/late")
@permit("console.read")
def console_late(sitting_id: int) -> Response:
    """Every late answer beside the one that counts."""
    return _late_page(sitting_id)


def _late_page(sitting_id: int, *, form: LateForm | None = None, place_id: int | None = None) -> Response:
    session = read_session()
    sitting = console_of(session, me().holder, sitting_id)
    page = render_template(
        "exams/console/late.html",
        sitting=sitting,
        piles=piles_of(session, sitting),
        acting=may_act(session, me().holder, sitting),
        form=form or LateForm(formdata=None),
        wrong=place_id,
        chosen=request.form,
    )
    return make_response(page, 422 if form is not None else 200)


@bp.post("/sittings/<int:sitting_id>/console/late/<int:place_id>")
@permit("console.act")
def console_decide_late(sitting_id: int, place_id: int) -> Response:
    """Late answers of one candidate count, or do not."""
    form = LateForm()
    session, holder = read_session(), me().holder
    require_acting(session, holder, console_of(session, holder, sitting_id))
    decisions = {
        int(name[5:]): value
        for name, value in request.form.items()
        if name.startswith("late.") and name[5:].isascii() and name[5:].isdigit() and len(name) < 15 and value
    }
    if not form.validate():
        return _late_page(sitting_id, form=form, place_id=place_id)
    try:
        with write_session() as writing:
            sitting = console_to_act(writing, by(), sitting_id)
            place = place_of(writing, sitting, place_id)
            count = decide_pile(writing, sitting, place, decisions, reason=form.reason.data, by=by())
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.form_errors = [refusal.message]
        return _late_page(sitting_id, form=form, place_id=place_id)
    flash(_("Decided: %(count)s late answers.", count=count), "success")
    return redirect(url_for("exams.console_late", sitting_id=sitting_id))

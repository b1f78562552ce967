"""Pages of a candidate: what can be asked about an exam, what was asked, its state and the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.errors import NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.marking_models import Objection
from training_app.exams.models import Attempt, FormItem
from training_app.exams.objections.asking import Asked, ask, objections_of, own_exam, take_back, window_of
from training_app.exams.objections.forms import AskForm
from training_app.exams.objections.names import KIND_NAMES, STATE_MARKS, STATE_NAMES, state_of
from training_app.exams.objections.rules import Kind, kinds_open
from training_app.exams.sitting_models import Sitting
from training_app.exams.views import bp
from training_app.people.admin_forms import choices
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, settings, write_session

bp.add_app_template_filter(lambda one: (STATE_MARKS[state_of(one)], str(STATE_NAMES[state_of(one)])), "objection_state")
bp.add_app_template_filter(lambda kind: str(KIND_NAMES[Kind(kind)]), "objection_kind")


@dataclass(frozen=True, slots=True)
class Asking:
    """What can be asked about an exam now, until the end of which day, and what was asked."""

    kinds: tuple[Kind, ...]
    last_day: date | None
    objections: Sequence[Objection]


@bp.app_template_filter("asking_about")
def asking_about(attempt: Attempt) -> Asking:
    """What its candidate can ask about the attempt, and has asked."""
    session = read_session()
    window = window_of(session, session.get_one(Sitting, attempt.sitting_id), settings().appeal_days, attempt.form_id)
    return Asking(kinds_open(attempt.state, window.ends, now()), window.last_day, objections_of(session, attempt))


@bp.route("/attempts/<int:attempt_id>/objections", methods=["GET", "POST"])
@permit("exam.sit")
def own_objections(attempt_id: int) -> str | Response | tuple[str, int]:
    """What was asked about an own exam, and the form to ask; what was typed stays when it is refused."""
    attempt = own_exam(read_session(), me().holder, attempt_id)
    form = AskForm(formdata=request.form if request.method == "POST" else None, data=_suggested())
    _offer(read_session(), attempt, form)
    if request.method == "POST" and form.validate():
        try:
            _ask(attempt_id, form)
        except NotFound:
            raise
        except Refused as refusal:
            form.form_errors = [refusal.message]
        else:
            flash(_("It is received and waits for a decision. You find state and answer on this page."), "success")
            return redirect(url_for("exams.own_objections", attempt_id=attempt_id))
    return _page(attempt_id, form), 422 if form.errors else 200


def _suggested() -> dict[str, object]:
    item = request.args.get("item", type=int)
    kind = request.args.get("kind", "")
    return {"kind": kind or ("item" if item else None), "item": item}


def _offer(session: Session, attempt: Attempt, form: AskForm) -> None:
    form.kind.choices = choices({kind.value: KIND_NAMES[kind] for kind in asking_about(attempt).kinds})
    places = session.scalars(select(FormItem.position).where(FormItem.form_id == attempt.form_id))
    numbers = {str(place): _("Item %(number)s", number=place) for place in sorted(places)}
    form.item.choices = choices(numbers, _("None in particular"))


def _ask(attempt_id: int, form: AskForm) -> None:
    asked = Asked(Kind(form.kind.data), form.text.data, form.item.data)
    with write_session() as session:
        attempt = own_exam(session, me().holder, attempt_id)
        ask(session, attempt, asked, days=settings().appeal_days, by=by())


def _page(attempt_id: int, form: AskForm) -> str:
    session = read_session()
    attempt = own_exam(session, me().holder, attempt_id)
    sitting = session.get_one(Sitting, attempt.sitting_id)
    window = window_of(session, sitting, settings().appeal_days, attempt.form_id)
    return render_template(
        "exams/objections_own.html",
        attempt=attempt,
        sitting=sitting,
        window=window,
        over=window.ends is not None and now() >= window.ends,
        form=form,
        may_ask=bool(form.kind.choices),
        objections=objections_of(session, attempt),
        positions=_positions(session, attempt),
    )


def _positions(session: Session, attempt: Attempt) -> dict[int, int]:
    rows = session.execute(
        select(FormItem.item_version_id, FormItem.position).where(FormItem.form_id == attempt.form_id)
    )
    return {row.item_version_id: row.position for row in rows}


@bp.post("/objections/<int:objection_id>/take-back")
@permit("exam.sit")
def take_back_objection(objection_id: int) -> Response:
    """The person's own objection is taken back while nobody has decided it."""
    with write_session() as session:
        objection: Objection = take_back(session, objection_id, by())
        attempt_id = objection.attempt_id
    flash(_("You took it back. It is not decided."), "success")
    return redirect(url_for("exams.own_objections", attempt_id=attempt_id))

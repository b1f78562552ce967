"""Pages of who decides: the list, the evidence on one page, the decision and what follows from it."""

from typing import Any

from flask import Response as Answer
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.audit.services import Act, record
from training_app.bank.services import criteria
from training_app.errors import Conflict
from training_app.exams.acting import by
from training_app.exams.marking_models import Objection
from training_app.exams.objections.asking import window_of
from training_app.exams.objections.deciding import decide, may_void_place, objection_within, obstacle, void_place
from training_app.exams.objections.evidence import evidence_of
from training_app.exams.objections.forms import DecisionForm, VoidForm
from training_app.exams.objections.listing import objections_listed, objections_spec
from training_app.exams.objections.names import CHAIN_FAULTS, WHY_NOT, state_of
from training_app.exams.objections.rules import Decision
from training_app.exams.objections.timeline import CLOCK_KINDS, KINDS, LATE_WHY
from training_app.exams.rules import CHANGEABLE
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.exams.views import bp
from training_app.lists import MEDIA_TYPES, export, list_page, list_rows, requested_export
from training_app.people.models import Person, TrainingBase
from training_app.people.reach import bases_within
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, settings, write_session


@bp.get("/objections")
@permit("objections.decide")
def objections() -> str | Answer:
    """Everything that was asked within reach, what waits longest first."""
    session, holder = read_session(), me().holder
    spec = objections_spec(bases_within(session, holder, "objections.decide"))
    statement = objections_listed(holder)
    kind = requested_export(request.args)
    if kind:
        return Answer(
            export(spec, list_rows(session, statement, spec, request.args), kind),
            mimetype=MEDIA_TYPES[kind],
            headers={"Content-Disposition": f"attachment; filename=objections.{kind}"},
        )
    return render_template("exams/objections.html", page=list_page(session, statement, spec, request.args))


@bp.get("/objections/<int:objection_id>")
@permit("objections.decide")
def objection(objection_id: int) -> str:
    """The evidence on one page. Opening it is written down."""
    with write_session() as session:
        found, attempt = objection_within(session, me().holder, objection_id)
        act = by()
        what = (found.id, me().id, attempt.base_id, act.address, {"matter": found.kind})
        record(session, Act("objection.opened", "objection", *what), act.now)
    return _page(objection_id, DecisionForm(formdata=None), VoidForm(formdata=None))


@bp.post("/objections/<int:objection_id>/decide")
@permit("objections.decide")
def decide_objection(objection_id: int) -> Response | tuple[str, int]:
    """It is decided, with an answer; what was typed stays when that is refused."""
    objection_within(read_session(), me().holder, objection_id)
    form = DecisionForm()
    if form.validate():
        try:
            with write_session() as session:
                decide(session, objection_id, Decision(form.decision.data), form.answer.data, by=by())
        except Conflict as refusal:
            form.form_errors = [refusal.message]
        else:
            flash(_("It is decided. The candidate reads your answer on the page of the exam."), "success")
            return redirect(url_for("exams.objection", objection_id=objection_id))
    return _page(objection_id, form, VoidForm(formdata=None)), 409 if form.form_errors else 422


@bp.post("/objections/<int:objection_id>/void")
@permit("objections.decide")
def void_objected_place(objection_id: int) -> Response | tuple[str, int]:
    """The place of an upheld objection to the procedure is void, so that the person can resit."""
    objection_within(read_session(), me().holder, objection_id)
    form = VoidForm()
    if not form.validate():
        return _page(objection_id, DecisionForm(formdata=None), form), 422
    with write_session() as session:
        void_place(session, objection_id, form.reason.data, by=by())
    flash(_("The place is void. Give the person a place in a coming sitting: it is a resit."), "success")
    return redirect(url_for("exams.objection", objection_id=objection_id))


def _page(objection_id: int, form: DecisionForm, void_form: VoidForm) -> str:
    session, holder = read_session(), me().holder
    found, attempt = objection_within(session, holder, objection_id)
    evidence = evidence_of(session, holder, found, criteria())
    part = obstacle(session, holder, found, attempt)
    is_open = state_of(found) == "open"
    may_void = may_void_place(found, evidence.place) and holder.reaches("sittings.edit", attempt.base_id)
    return render_template(
        "exams/objection.html",
        evidence=evidence,
        objection=found,
        base=session.get_one(TrainingBase, evidence.sitting.base_id),
        candidate=session.get_one(Person, found.person_id),
        window=window_of(session, evidence.sitting, settings().appeal_days, evidence.attempt.form_id),
        why_not=WHY_NOT[part] if part and is_open else None,
        may_decide=is_open and part is None,
        form=form,
        may_void=may_void,
        void_form=void_form,
        coming=_coming(session, evidence.place) if evidence.place and evidence.place.state == "void" else (),
        keys_href=_keys_page(found, evidence.sitting),
        results_href=url_for("exams.sitting_results", sitting_id=evidence.sitting.id)
        if holder.reaches("results.read", attempt.base_id)
        else None,
        tree=criteria(),
        words={"kinds": KINDS, "clock": CLOCK_KINDS, "late": LATE_WHY, "faults": CHAIN_FAULTS},
        printed_at=now(),
        printed_by=me(),
    )


def _keys_page(found: Objection, sitting: Sitting) -> str | None:
    """Where the key of the item is corrected; None for who may not."""
    if found.item_version_id is None or not me().holder.reaches("standards.edit", sitting.base_id):
        return None
    return url_for("exams.correct_key", sitting_id=sitting.id, version_id=found.item_version_id)


def _coming(session: Session, place: RosterPlace) -> Any:
    """Coming sittings of the base in which the person could resit."""
    base = session.get_one(Sitting, place.sitting_id).base_id
    coming = (Sitting.base_id == base, Sitting.state.in_(CHANGEABLE), Sitting.starts_at > now())
    return session.scalars(select(Sitting).where(*coming).order_by(Sitting.starts_at).limit(5)).all()

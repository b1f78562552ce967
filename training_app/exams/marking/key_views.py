"""Pages of keys and cut scores: every key with how it was answered, entering, confirming, correcting."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from question_bank.errors import RefusedResponse
from question_bank.rekeying import ChangeKind, KeyCorrection, correction, keys_of, rekeyed
from question_bank.standard import cut_of_percent
from training_app.audit.services import Act, record
from training_app.bank.services import criteria
from training_app.clock import shanghai_day
from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.attempts import PaperItem, paper_of_form
from training_app.exams.marking.figures import ItemFigures, answers_of, figures_of, looked_at
from training_app.exams.marking.forms import CutForm, KeyForm
from training_app.exams.marking.keys import OVER, corrections_of, maximum_of, newest_revision, revise_keys
from training_app.exams.marking.scoring import score_sitting
from training_app.exams.marking.standards import (
    confirm_fault,
    confirm_standard,
    current_standard,
    enter_standard,
    may_be_withdrawn,
    open_standard,
    standard_in_force,
    standard_of,
    withdraw_standard,
)
from training_app.exams.marking.views import act_on, for_a_while, names_of, standards_of
from training_app.exams.marking.what_changed import Comparison, compare
from training_app.exams.marking.words import CHANGES, FLAGS, answer_in_words, lettered, scoring_rule
from training_app.exams.marking_models import KeyRevision
from training_app.exams.models import Form
from training_app.exams.raw import as_typed, raw_response
from training_app.exams.setup.forms import ReasonForm
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_models import Sitting
from training_app.exams.views import bp
from training_app.people.models import TrainingBase
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import in_language

USUAL_PERCENT = 60
"""What is proposed as the cut score where the blueprint says nothing; two people decide."""

bp.add_app_template_filter(answer_in_words, "answer_in_words")
bp.add_app_template_filter(lettered, "lettered")
bp.add_app_template_filter(scoring_rule, "scoring_rule")
bp.add_app_template_filter(lambda flag: str(FLAGS[flag]), "key_flag")
bp.add_app_template_filter(lambda kind: str(CHANGES[kind]), "key_change")
bp.add_app_template_filter(lambda place, found: keys_of(place.item, found), "keys_under")


@bp.get("/sittings/<int:sitting_id>/keys")
@permit("standards.edit")
def keys(sitting_id: int) -> str:
    """Every item with key and figures; the cut score that waits, or the form to enter one."""
    return keys_page(sitting_id, None)


def sitting_with_form(session: Session, sitting_id: int) -> Sitting:
    """The sitting, which has a form. NotFound before one is drawn."""
    found = sitting_within(session, me().holder, "standards.edit", sitting_id)
    if found.form_id is None:
        raise NotFound(_l("This sitting has no form yet, so it has no keys."))
    return found


def keys_page(sitting_id: int, form: CutForm | None) -> str:
    """The page with the form as it stands. Who opened it stands in the log: it shows keys of secret items."""
    _note_opening(sitting_id)
    session = read_session()
    found = sitting_with_form(session, sitting_id)
    assert found.form_id is not None
    waiting = open_standard(session, found.form_id)
    in_force = current_standard(session, found.form_id)
    maximum = maximum_of(session, found.form_id)
    figures = figures_now(session, found)
    return render_template(
        "exams/marking/keys.html",
        sitting=found,
        base=session.get_one(TrainingBase, found.base_id),
        form=form or CutForm(formdata=None, data=_suggestion(session, found, maximum)),
        maximum=maximum,
        figures=figures,
        flagged=[one for one in figures if one.flags],
        tree=criteria(),
        waiting=waiting,
        waiting_by=names_of(session, [waiting.entered_by]).get(waiting.entered_by) if waiting else None,
        fault=confirm_fault(session, found, waiting, me().id) if waiting else None,
        in_force=in_force,
        withdrawable=in_force is not None and may_be_withdrawn(session, in_force),
        standards=standards_of(session, found),
        revisions=_revisions(session, found),
        counts=found.state not in OVER,
    )


def _note_opening(sitting_id: int) -> None:
    with write_session() as session:
        found = sitting_with_form(session, sitting_id)
        record(session, Act("keys.opened", "sitting", *by().stamp(found)), now())


def figures_now(session: Session, sitting: Sitting) -> list[ItemFigures]:
    """Every item of the form under the newest keys, with how it was answered."""
    assert sitting.form_id is not None
    revision = newest_revision(session, sitting.form_id)
    corrections = corrections_of(session, revision.id if revision else None)
    return figures_of(paper_of_form(session, sitting.form_id), corrections, answers_of(session, sitting))


def _suggestion(session: Session, sitting: Sitting, maximum: int) -> dict[str, object]:
    assert sitting.form_id is not None
    former = standard_in_force(session, sitting.form_id)
    if former is None:
        return {"cut": cut_of_percent(USUAL_PERCENT, maximum), "decided_on": shanghai_day(now())}
    cut = max(1, -(-former.cut * maximum // former.points))
    return {"cut": cut, "basis": former.basis, "decided_on": shanghai_day(now())}


def _revisions(session: Session, sitting: Sitting) -> list[dict[str, object]]:
    rows = session.scalars(
        select(KeyRevision).where(KeyRevision.form_id == sitting.form_id).order_by(KeyRevision.number.desc())
    ).all()
    names = names_of(session, [row.made_by for row in rows])
    positions = {place.version_id: place.position for place in paper_of_form(session, sitting.form_id or 0)}
    return [
        {
            "revision": row,
            "by": names.get(row.made_by, "–"),
            "changes": sorted(
                (positions[version], found.kind.value) for version, found in corrections_of(session, row.id).items()
            ),
        }
        for row in rows
    ]


# the cut score


@bp.post("/sittings/<int:sitting_id>/standards")
@permit("standards.edit")
def enter_cut(sitting_id: int) -> Response | tuple[str, int]:
    """A cut score is entered; what was typed stays when it is refused."""
    form = CutForm()
    sitting_with_form(read_session(), sitting_id)
    if form.validate():
        try:
            with write_session() as session:
                found = sitting_within(session, me().holder, "standards.edit", sitting_id, to_change=True)
                enter_standard(session, found, form.entered(), by())
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            form.form_errors = [refusal.message]
        else:
            flash(_("The cut score waits for another programme administrator."), "success")
            return redirect(url_for("exams.keys", sitting_id=sitting_id))
    return keys_page(sitting_id, form), 422


@bp.post("/sittings/<int:sitting_id>/standards/<int:standard_id>/confirm")
@permit("standards.edit")
def confirm_cut(sitting_id: int, standard_id: int) -> Response:
    """Cut score and keys are confirmed by a second person, then everybody is scored."""
    ticked = {int(one) for one in request.form.getlist("looked") if one.isdecimal() and len(one) < 10}

    def confirm(session: Session, found: Sitting) -> None:
        unlooked = looked_at(figures_now(session, found), ticked) if found.form_id else []
        confirm_standard(session, found, standard_id, unlooked=unlooked, by=by())

    answer = act_on(sitting_id, confirm, _("Cut score and keys are confirmed."))
    score_sitting(write_session, sitting_id, now(), for_a_while())
    return answer


@bp.route("/sittings/<int:sitting_id>/standards/<int:standard_id>/withdraw", methods=["GET", "POST"])
@permit("standards.edit")
def withdraw_cut(sitting_id: int, standard_id: int) -> str | Response | tuple[str, int]:
    """A cut score is withdrawn with a reason, as long as no result was released by it."""
    session = read_session()
    found = sitting_with_form(session, sitting_id)
    standard = standard_of(session, found, standard_id)
    form = ReasonForm()
    if form.validate_on_submit():
        return act_on(
            sitting_id,
            lambda writing, locked: withdraw_standard(writing, locked, standard_id, reason=form.reason.data, by=by()),
            _("The cut score is withdrawn."),
        )
    page = render_template("exams/marking/withdraw.html", form=form, sitting=found, standard=standard)
    return page, 422 if form.errors else 200


# correcting a key


@bp.route("/sittings/<int:sitting_id>/keys/<int:version_id>", methods=["GET", "POST"])
@permit("standards.edit")
def correct_key(sitting_id: int, version_id: int) -> str | Response | tuple[str, int]:
    """One key is corrected: first it is shown who would pass or fail by it, then it is done."""
    session = read_session()
    found = sitting_with_form(session, sitting_id)
    place = _place(session, found, version_id)
    form = KeyForm()
    preview: Comparison | None = None
    previewed = False
    if form.validate_on_submit():
        try:
            change = {version_id: _change(session, found, place, form)}
            if request.form.get("do") == "correct":
                return _corrected(sitting_id, change, str(form.reason.data))
            preview, previewed = compare(session, found, change), True
        except RefusedResponse as refusal:
            form.form_errors = [in_language(refusal.said)]
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            form.form_errors = [refusal.message]
    _note_opening(sitting_id)
    return _correction_page(sitting_id, version_id, form, (preview, previewed)), 422 if form.errors else 200


def _place(session: Session, sitting: Sitting, version_id: int) -> PaperItem:
    paper = paper_of_form(session, sitting.form_id or 0)
    place = next((one for one in paper if one.version_id == version_id), None)
    if place is None:
        raise NotFound(_l("The form of this sitting has no such item."))
    return place


def _change(session: Session, sitting: Sitting, place: PaperItem, form: KeyForm) -> KeyCorrection | None:
    """The change that was entered. Another answer that counts too is added to those that count already."""
    kind = form.change_kind()
    if kind is None:
        return None
    if kind is ChangeKind.VOID:
        return correction(place.item, kind)
    entered = raw_response(place.item, request.form)
    revision = newest_revision(session, sitting.form_id or 0)
    before = corrections_of(session, revision.id if revision else None).get(place.version_id)
    earlier = before.responses if before and before.kind is kind is ChangeKind.ALSO else ()
    return correction(place.item, kind, [*earlier, entered])


def _corrected(sitting_id: int, change: Mapping[int, KeyCorrection | None], reason: str) -> Response:
    return act_on(
        sitting_id,
        lambda session, found: revise_keys(
            session, session.get_one(Form, found.form_id), change, reason=reason, by=by()
        ),
        _("The key is corrected. It counts when the cut score is entered again and confirmed."),
    )


def _correction_page(sitting_id: int, version_id: int, form: KeyForm, seen: tuple[Comparison | None, bool]) -> str:
    session = read_session()
    found = sitting_with_form(session, sitting_id)
    figures = next(one for one in figures_now(session, found) if one.place.version_id == version_id)
    place = figures.place
    return render_template(
        "exams/marking/correct.html",
        sitting=found,
        base=session.get_one(TrainingBase, found.base_id),
        form=form,
        one=figures,
        place=place,
        item=rekeyed(place.item, figures.correction),
        given=as_typed(place.item, request.form) if request.method == "POST" else None,
        comparison=seen[0],
        previewed=seen[1],
        back=url_for("exams.keys", sitting_id=sitting_id),
    )

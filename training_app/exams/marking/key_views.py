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
from training_app.exams.marking.sitting_forms import form_of_letter, forms_with
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
from training_app.exams.sitting_models import Sitting, SittingForm
from training_app.exams.views import bp
from training_app.people.models import TrainingBase
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import in_language

Preview = list[Comparison]
"""What a correction changes, form by form."""

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


def sitting_with_form(session: Session, sitting_id: int) -> tuple[Sitting, SittingForm]:
    """The sitting and the form that was asked for by its letter, else the first. NotFound before one is drawn."""
    found = sitting_within(session, me().holder, "standards.edit", sitting_id)
    return found, form_of_letter(found, request.args.get("form"))


def keys_page(sitting_id: int, form: CutForm | None) -> str:
    """The page with the form as it stands. Who opened it stands in the log: it shows keys of secret items."""
    _note_opening(sitting_id)
    session = read_session()
    found, paper = sitting_with_form(session, sitting_id)
    waiting = open_standard(session, paper.form_id)
    in_force = current_standard(session, paper.form_id)
    maximum = maximum_of(session, paper.form_id)
    figures = figures_now(session, found, paper.form_id)
    return render_template(
        "exams/marking/keys.html",
        sitting=found,
        paper=paper,
        ready={one.form_id for one in found.forms if current_standard(session, one.form_id)},
        base=session.get_one(TrainingBase, found.base_id),
        form=form or CutForm(formdata=None, data=_suggestion(session, paper.form_id, maximum)),
        maximum=maximum,
        figures=figures,
        flagged=[one for one in figures if one.flags],
        tree=criteria(),
        waiting=waiting,
        waiting_by=names_of(session, [waiting.entered_by]).get(waiting.entered_by) if waiting else None,
        fault=confirm_fault(session, found, waiting, me().id) if waiting else None,
        in_force=in_force,
        withdrawable=in_force is not None and may_be_withdrawn(session, in_force),
        standards=standards_of(session, found, paper),
        revisions=_revisions(session, paper.form_id),
        counts=found.state not in OVER,
    )


def _note_opening(sitting_id: int) -> None:
    with write_session() as session:
        found, paper = sitting_with_form(session, sitting_id)
        details = {"form": paper.letter} if len(found.forms) > 1 else {}
        record(session, Act("keys.opened", "sitting", *by().stamp(found), details), now())


def figures_now(session: Session, sitting: Sitting, form_id: int) -> list[ItemFigures]:
    """Every item of the form under the newest keys, with how it was answered."""
    revision = newest_revision(session, form_id)
    corrections = corrections_of(session, revision.id if revision else None)
    return figures_of(paper_of_form(session, form_id), corrections, answers_of(session, sitting, form_id))


def _suggestion(session: Session, form_id: int, maximum: int) -> dict[str, object]:
    former = standard_in_force(session, form_id)
    if former is None:
        return {"cut": cut_of_percent(USUAL_PERCENT, maximum), "decided_on": shanghai_day(now())}
    cut = max(1, -(-former.cut * maximum // former.points))
    return {"cut": cut, "basis": former.basis, "decided_on": shanghai_day(now())}


def _revisions(session: Session, form_id: int) -> list[dict[str, object]]:
    rows = session.scalars(
        select(KeyRevision).where(KeyRevision.form_id == form_id).order_by(KeyRevision.number.desc())
    ).all()
    names = names_of(session, [row.made_by for row in rows])
    positions = {place.version_id: place.position for place in paper_of_form(session, form_id)}
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
    _found, paper = sitting_with_form(read_session(), sitting_id)
    if form.validate():
        try:
            with write_session() as session:
                found = sitting_within(session, me().holder, "standards.edit", sitting_id, to_change=True)
                enter_standard(session, found, form.entered(paper.form_id), by())
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            form.form_errors = [refusal.message]
        else:
            flash(_("The cut score waits for another programme administrator."), "success")
            return redirect(url_for("exams.keys", sitting_id=sitting_id, form=paper.letter))
    return keys_page(sitting_id, form), 422


@bp.post("/sittings/<int:sitting_id>/standards/<int:standard_id>/confirm")
@permit("standards.edit")
def confirm_cut(sitting_id: int, standard_id: int) -> Response:
    """Cut score and keys are confirmed by a second person, then everybody is scored."""
    ticked = {int(one) for one in request.form.getlist("looked") if one.isdecimal() and len(one) < 10}

    def confirm(session: Session, found: Sitting) -> None:
        form_id = standard_of(session, found, standard_id).form_id
        unlooked = looked_at(figures_now(session, found, form_id), ticked)
        confirm_standard(session, found, standard_id, unlooked=unlooked, by=by())

    answer = act_on(sitting_id, _letter(sitting_id, standard_id), confirm, _("Cut score and keys are confirmed."))
    score_sitting(write_session, sitting_id, now(), for_a_while())
    return answer


@bp.route("/sittings/<int:sitting_id>/standards/<int:standard_id>/withdraw", methods=["GET", "POST"])
@permit("standards.edit")
def withdraw_cut(sitting_id: int, standard_id: int) -> str | Response | tuple[str, int]:
    """A cut score is withdrawn with a reason, as long as no result was released by it."""
    session = read_session()
    found, _paper = sitting_with_form(session, sitting_id)
    standard, letter = standard_of(session, found, standard_id), _letter(sitting_id, standard_id)
    form = ReasonForm()
    if form.validate_on_submit():
        return act_on(
            sitting_id,
            letter,
            lambda writing, locked: withdraw_standard(writing, locked, standard_id, reason=form.reason.data, by=by()),
            _("The cut score is withdrawn."),
        )
    page = render_template("exams/marking/withdraw.html", form=form, sitting=found, standard=standard, letter=letter)
    return page, 422 if form.errors else 200


def _letter(sitting_id: int, standard_id: int) -> str:
    """The letter of the form that the cut score is for."""
    session = read_session()
    found = sitting_within(session, me().holder, "standards.edit", sitting_id)
    form_id = standard_of(session, found, standard_id).form_id
    return next(one.letter for one in found.forms if one.form_id == form_id)


# correcting a key


@bp.route("/sittings/<int:sitting_id>/keys/<int:version_id>", methods=["GET", "POST"])
@permit("standards.edit")
def correct_key(sitting_id: int, version_id: int) -> str | Response | tuple[str, int]:
    """One key is corrected: first it is shown who would pass or fail by it, then it is done."""
    session = read_session()
    found, paper = sitting_with_form(session, sitting_id)
    place = _place(session, paper.form_id, version_id)
    form = KeyForm()
    preview: Preview | None = None
    if form.validate_on_submit():
        try:
            change = {version_id: _change(session, paper.form_id, place, form)}
            if request.form.get("do") == "correct":
                return _corrected((sitting_id, paper.letter), change, str(form.reason.data))
            touched = forms_with(session, found, version_id)
            preview = [one for one in (compare(session, found, change, each) for each in touched) if one is not None]
        except RefusedResponse as refusal:
            form.form_errors = [in_language(refusal.said)]
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            form.form_errors = [refusal.message]
    _note_opening(sitting_id)
    return _correction_page(sitting_id, version_id, form, preview), 422 if form.errors else 200


def _place(session: Session, form_id: int, version_id: int) -> PaperItem:
    paper = paper_of_form(session, form_id)
    place = next((one for one in paper if one.version_id == version_id), None)
    if place is None:
        raise NotFound(_l("The form of this sitting has no such item."))
    return place


def _change(session: Session, form_id: int, place: PaperItem, form: KeyForm) -> KeyCorrection | None:
    """The change that was entered. Another answer that counts too is added to those that count already."""
    kind = form.change_kind()
    if kind is None:
        return None
    if kind is ChangeKind.VOID:
        return correction(place.item, kind)
    entered = raw_response(place.item, request.form)
    revision = newest_revision(session, form_id)
    before = corrections_of(session, revision.id if revision else None).get(place.version_id)
    earlier = before.responses if before and before.kind is kind is ChangeKind.ALSO else ()
    return correction(place.item, kind, [*earlier, entered])


def _corrected(back: tuple[int, str], change: Mapping[int, KeyCorrection | None], reason: str) -> Response:
    """The key is corrected on every form of the sitting on which the item stands, as anchors do."""

    def correct(session: Session, found: Sitting) -> None:
        for version_id in change:
            for each in forms_with(session, found, version_id):
                revise_keys(session, session.get_one(Form, each.form_id), change, reason=reason, by=by())

    said = _("The key is corrected. It counts when the cut score is entered again and confirmed.")
    return act_on(*back, correct, said)


def _correction_page(sitting_id: int, version_id: int, form: KeyForm, preview: Preview | None) -> str:
    session = read_session()
    found, paper = sitting_with_form(session, sitting_id)
    figures = next(one for one in figures_now(session, found, paper.form_id) if one.place.version_id == version_id)
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
        preview=preview,
        touched=forms_with(session, found, version_id),
        back=url_for("exams.keys", sitting_id=sitting_id, form=paper.letter),
    )

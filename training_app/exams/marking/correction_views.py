"""Pages that correct one key of a form: first who would pass or fail by it, then the correction."""

from collections.abc import Mapping

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from question_bank.errors import RefusedResponse
from question_bank.rekeying import ChangeKind, KeyCorrection, correction, rekeyed
from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.attempts import PaperItem, paper_of_form
from training_app.exams.marking.forms import KeyForm
from training_app.exams.marking.key_views import figures_now, note_opening, sitting_with_form
from training_app.exams.marking.keys import corrections_of, newest_revision, revise_keys
from training_app.exams.marking.sitting_forms import forms_with
from training_app.exams.marking.views import act_on
from training_app.exams.marking.what_changed import Comparison, compare
from training_app.exams.models import Form
from training_app.exams.raw import as_typed, raw_response
from training_app.exams.sitting_models import Sitting
from training_app.exams.views import bp
from training_app.people.models import TrainingBase
from training_app.web.access import permit
from training_app.web.requests import read_session
from training_app.web.words import in_language

Preview = list[Comparison]
"""What a correction changes, form by form."""


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
    note_opening(sitting_id)
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

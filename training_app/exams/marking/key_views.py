"""Pages of keys and cut scores: every key with how it was answered, entering, confirming."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from question_bank.rekeying import keys_of
from question_bank.standard import cut_of_percent
from training_app.audit.services import Act, record
from training_app.bank.services import criteria
from training_app.clock import shanghai_day
from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.attempts import paper_of_form
from training_app.exams.marking.figures import ItemFigures, answers_of, figures_of, looked_at
from training_app.exams.marking.forms import CutForm
from training_app.exams.marking.keys import OVER, corrections_of, maximum_of, newest_revision
from training_app.exams.marking.scoring import score_sitting
from training_app.exams.marking.sitting_forms import form_of_letter
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
from training_app.exams.marking.words import CHANGES, FLAGS, answer_in_words, lettered, scoring_rule
from training_app.exams.marking_models import KeyRevision
from training_app.exams.setup.forms import ReasonForm
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_models import Sitting, SittingForm
from training_app.exams.views import bp
from training_app.people.models import TrainingBase
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session

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
    note_opening(sitting_id)
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
        papers=[_paper_link(session, found, one, is_shown=one is paper) for one in found.forms],
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


def _paper_link(session: Session, sitting: Sitting, form: SittingForm, *, is_shown: bool) -> tuple[str, str, bool]:
    """A form in the row of forms: its letter with how far it is, the address of its keys, whether they are shown."""
    confirmed = current_standard(session, form.form_id) is not None
    label = (
        _("Form %(letter)s: confirmed", letter=form.letter) if confirmed else _("Form %(letter)s", letter=form.letter)
    )
    return label, url_for("exams.keys", sitting_id=sitting.id, form=form.letter), is_shown


def note_opening(sitting_id: int) -> None:
    """Who opened keys of the sitting stands in the log."""
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

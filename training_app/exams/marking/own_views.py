"""A candidate's own results: the list, one result with its review, and the score report as PDF."""

from flask import Response as Answer
from flask import current_app, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from question_bank.rekeying import points_under, rekeyed
from question_bank.texts import Text
from training_app.bank.services import criteria
from training_app.documents.report import ReportSheet, SectionLine, score_reports
from training_app.errors import NotFound
from training_app.exams.marking.own import OwnResult, Told, own_result, own_results, result_of, told_of
from training_app.exams.marking.scoring import counted_attempts
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.views import bp
from training_app.people.models import TrainingBase
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session
from training_app.web.words import language

NOT_RELEASED = _l("There is no released result to print.")

bp.add_app_template_filter(rekeyed, "rekeyed")
bp.add_app_template_filter(points_under, "points_under")


@bp.get("/exams/results")
@permit("exam.sit")
def own_results_page() -> str:
    """The own certification examinations with what came out."""
    return render_template("exams/marking/own_results.html", results=own_results(read_session(), me().id))


@bp.get("/exams/results/<int:attempt_id>")
@permit("exam.sit")
def own_result_page(attempt_id: int) -> str:
    """The own result: points and mark, outcome, sections, review; before the release how far it is."""
    session = read_session()
    own = own_result(session, me().holder, attempt_id)
    return render_template(
        "exams/marking/own_result.html",
        own=own,
        told=told_of(session, own, criteria()) if own.result else None,
        base=session.get_one(TrainingBase, own.sitting.base_id),
        tree=criteria(),
    )


@bp.get("/exams/results/<int:attempt_id>/report.pdf")
@permit("exam.sit")
def own_report(attempt_id: int) -> Answer:
    """The own score report."""
    session = read_session()
    return report_pdf(session, [own_result(session, me().holder, attempt_id)])


@bp.get("/sittings/<int:sitting_id>/results/reports.pdf")
@permit("results.read")
def score_reports_pdf(sitting_id: int) -> Answer:
    """The score reports of everybody whose result is released, in the order of the roster; one with ?attempt=."""
    session = read_session()
    found = sitting_within(session, me().holder, "results.read", sitting_id)
    wanted = request.args.get("attempt", type=int)
    attempts = [a for a in session.scalars(counted_attempts(found.id)) if wanted in {None, a.id}]
    return report_pdf(session, [result_of(session, a) for a in attempts if a.state == "released"])


def report_pdf(session: Session, results: list[OwnResult]) -> Answer:
    """The reports of the released ones among `results`. NotFound without any."""
    tree = criteria()
    sheets = [report_sheet(session, own, told_of(session, own, tree)) for own in results if own.result]
    if not sheets:
        raise NotFound(NOT_RELEASED)
    name = f"report-{sheets[0].ticket_number}" if len(sheets) == 1 else f"reports-{results[0].sitting.id}"
    return Answer(
        score_reports(sheets, language(), now()),
        mimetype="application/pdf",
        headers={"Content-Disposition": f"attachment; filename={name}.pdf"},
    )


def report_sheet(session: Session, own: OwnResult, told: Told) -> ReportSheet:
    """What the report of this released result says."""
    assert own.result is not None and own.attempt is not None, "only a released result is printed"
    person, judged, standard = own.place.person, own.result.judgement, own.result.standard
    base = session.get_one(TrainingBase, own.sitting.base_id)
    firm = person.organisation
    return ReportSheet(
        name_zh=person.name_zh,
        name_en=person.name_en,
        staff_number=person.staff_number or "",
        organisation=Text(firm.name_zh, firm.name_en) if firm else None,
        ticket_number=own.place.ticket_number,
        title=Text(own.sitting.title_zh, own.sitting.title_en),
        base=Text(base.name_zh, base.name_en),
        handed_in_at=own.attempt.submitted_at or told.released_at,
        released_at=told.released_at,
        mark=judged.mark,
        passed=judged.outcome.value == "pass",
        score=judged.score,
        maximum=judged.maximum,
        cut=judged.cut,
        sections=tuple(SectionLine(one.title, one.points, one.maximum) for one in told.parts),
        form=told.form.content_hash[:12],
        run=own.result.run_id,
        decided_on=standard.decided_on,
        key_revision=told.revision.number if told.revision else None,
        receipt_code=told.receipt.code if told.receipt else "",
        receipt_address=f"{request.url_root}receipts/{told.receipt.code}" if told.receipt else "",
        demonstration=current_app.extensions["demonstration"],
    )

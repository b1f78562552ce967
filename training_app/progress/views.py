"""The home of every role: what waits, what comes next, never a word of what is not there yet."""

from dataclasses import dataclass

from flask import Blueprint as Pages
from flask import render_template
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from question_bank.blueprint import Blueprint
from question_bank.criteria import Edition, Node
from question_bank.standard import Judgement
from training_app.audit.models import AuditEntry, AuditHead
from training_app.bank.models import ItemVersion
from training_app.bank.review import returned_to, waiting_count
from training_app.bank.services import blueprint_for, criteria, current_bank
from training_app.clock import shanghai_day
from training_app.exams.attempts import ENTRY, attempts_of
from training_app.exams.console.today import consoles_today
from training_app.exams.day.occasions import Occasion, occasions_of
from training_app.exams.models import Attempt
from training_app.exams.objections.deciding import waiting_for
from training_app.exams.paper.settling import settle_own
from training_app.exams.paper.standing import LIVE
from training_app.exams.practice.services import Progress, in_scope, last_answers, pool_of, progress_in, weak_items
from training_app.exams.results import judgements
from training_app.exams.views import TREES, section_codes
from training_app.people.models import Organisation, Person, TrainingBase
from training_app.people.rules import ALL_BASES, Role
from training_app.people.signed import me
from training_app.progress.exam_step import ExamStep, exam_step
from training_app.progress.figures import BaseFigures, figures_by_base
from training_app.progress.observation_step import Live, ObservationStep, live_for, observation_step
from training_app.web.access import SIGNED_IN, permit
from training_app.web.requests import now, read_session
from training_app.web.words import in_language

bp = Pages("progress", __name__)


@bp.get("/")
@permit(SIGNED_IN)
def home() -> str:
    """One page with a part for each role that the person holds."""
    holder = me().holder
    roles = me().roles
    if holder.may("entry.take"):
        settle_own()
    session = read_session()
    bases = [base for base in _bases(session) if holder.reaches("people.read", base.id)]
    figures = figures_by_base(session, now()) if bases else {}
    live = live_for(session, holder, now()) if holder.may("observations.read") else None
    return render_template(
        "progress/home.html",
        account=session.get_one(Person, me().id),
        roles=roles,
        today=shanghai_day(now()),
        consoles=consoles_today(session, holder, now()) if holder.may("console.act") else (),
        live=live,
        training=_training(session, live) if holder.may("practice.take") else None,
        bases=[(base, figures.get(base.id, BaseFigures())) for base in bases],
        all_bases=holder.bases_for("people.read") == ALL_BASES,
        own_people=_own_people(session) if holder.organisation_for("people.read") else None,
        bank=_bank(session) if holder.may("bank.read") else None,
        objections=waiting_for(session, holder) if holder.may("objections.decide") else None,
        audit=_audit(session) if Role.AUDITOR in roles else None,
        editions=[(edition.root, in_language(edition.title)) for edition in _editions()],
    )


def _editions() -> list[Edition]:
    newest_first = sorted(criteria().editions.values(), key=lambda edition: edition.id[:4], reverse=True)
    return sorted(newest_first, key=lambda edition: edition.historical)


def _bases(session: Session) -> list[TrainingBase]:
    return list(session.scalars(select(TrainingBase).order_by(TrainingBase.position)))


@dataclass(frozen=True, slots=True)
class Training:
    """What a trainee's home shows: the running test, the last one and its judgement, practice, the weakest sections.

    occasions: of today. exam, observation: how far these steps are; None for who is no trainee.
    """

    may_test: bool
    blueprint: Blueprint | None
    live: Attempt | None
    last: Attempt | None
    judgement: Judgement | None
    whole: Progress
    weak: int
    sections: list[tuple[Node, Progress]]
    occasions: list[Occasion]
    exam: ExamStep | None
    observation: ObservationStep | None

    @property
    def urgent(self) -> Occasion | None:
        """The sitting whose door is open and closes soon, or whose paper runs."""
        return next((one for one in self.occasions if one.urgent), None)


def _training(session: Session, live: Live | None) -> Training:
    tree = criteria()
    today = shanghai_day(now())
    pool = pool_of(current_bank(session), today)
    answers = last_answers(session, me().id)
    may_test = me().holder.may("entry.take")
    attempts = attempts_of(session, me().id) if may_test else ()
    last = next((a for a in attempts if a.state not in LIVE), None)
    judged = judgements(session, [last]) if last else {}
    found = blueprint_for(session, ENTRY)
    codes = [code for root in TREES if root in tree and answers for code in section_codes(tree, root)]
    sections = [(tree.node(code), progress_in(in_scope(pool, code, tree), answers)) for code in codes]
    coming = occasions_of(session, me().id, now()) if may_test else []
    tried = sorted((row for row in sections if row[1].answered), key=lambda row: row[1].percent or 0)
    return Training(
        may_test=may_test,
        blueprint=found[1] if found else None,
        live=next((a for a in attempts if a.state in LIVE), None),
        last=last,
        judgement=judged[last.id][1] if last and last.id in judged else None,
        whole=progress_in(pool.values(), answers),
        weak=len(weak_items(pool, answers, tree, today)),
        sections=tried[:6],
        occasions=[one for one in coming if one.today],
        exam=exam_step(session, me().id, coming) if may_test else None,
        observation=observation_step(session, me().holder, live) if may_test and live else None,
    )


def _own_people(session: Session) -> tuple[Organisation | None, list[Person]]:
    organisation = me().holder.organisation_id
    people = select(Person).where(Person.organisation_id == organisation, Person.id != me().id).order_by(Person.id)
    return session.get(Organisation, organisation), list(session.scalars(people))


def _bank(session: Session) -> dict[str, int]:
    items = [stored.item for stored in current_bank(session).items()]
    return {
        "items": len(items),
        "cases": len(current_bank(session).cases),
        "unverified": sum(item.certainty.value == "unverified" for item in items),
        "historical": sum(item.effective_to is not None for item in items),
        "versions": session.scalar(select(func.count()).select_from(ItemVersion)) or 0,
        "waiting": waiting_count(session, me().holder),
        "returned": session.scalar(select(func.count()).select_from(ItemVersion).where(returned_to(me().id))) or 0,
    }


def _audit(session: Session) -> dict[str, object]:
    refusals = select(func.count()).select_from(AuditEntry).where(AuditEntry.act.in_(("refused", "sign_in.failed")))
    return {
        "lines": session.scalar(select(func.count()).select_from(AuditEntry)) or 0,
        "refusals": session.scalar(refusals) or 0,
        "chains": session.scalar(select(func.count()).select_from(AuditHead)) or 0,
    }

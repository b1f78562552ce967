"""The home of every role: what waits, what comes next, never a word of what is not there yet."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from question_bank.criteria import Node
from training_app.audit.models import AuditEntry, AuditHead
from training_app.bank.models import ItemVersion
from training_app.bank.services import criteria, current_bank
from training_app.clock import shanghai_day
from training_app.exams.attempts import attempts_of, is_over
from training_app.exams.models import Attempt, PracticeAnswer, Result
from training_app.exams.practice import Progress, in_scope, last_answers, pool_of, progress_in, weak_items
from training_app.exams.results import Scored, scored
from training_app.exams.views import section_codes
from training_app.people.models import Organisation, Person, Posting, RoleGrant, TrainingBase
from training_app.people.rules import ALL_BASES, Role
from training_app.people.signed import me
from training_app.web.access import SIGNED_IN, permit
from training_app.web.requests import now, read_session

bp = Blueprint("progress", __name__)


@bp.get("/")
@permit(SIGNED_IN)
def home() -> str:
    """One page with a part for each role that the person holds."""
    session = read_session()
    holder = me().holder
    roles = me().roles
    bases = [base for base in _bases(session) if holder.reaches("people.read", base.id)]
    return render_template(
        "progress/home.html",
        account=session.get_one(Person, me().id),
        roles=roles,
        today=shanghai_day(now()),
        training=_training(session) if holder.may("practice.take") else None,
        bases=[(base, base_figures(session, base.id)) for base in bases],
        all_bases=holder.bases_for("people.read") == ALL_BASES,
        own_people=_own_people(session) if holder.organisation_for("people.read") else None,
        bank=_bank(session) if holder.may("bank.read") else None,
        audit=_audit(session) if Role.AUDITOR in roles else None,
    )


def _bases(session: Session) -> list[TrainingBase]:
    return list(session.scalars(select(TrainingBase).order_by(TrainingBase.position)))


@dataclass(frozen=True, slots=True)
class Training:
    """What a trainee's home shows: the running test, the last result, the weakest section, practice as a whole."""

    live: Attempt | None
    last: tuple[Attempt, Scored | None] | None
    may_test: bool
    whole: Progress
    weak: int
    sections: list[tuple[Node, Progress]]


def _training(session: Session) -> Training:
    tree = criteria()
    today = shanghai_day(now())
    pool = pool_of(current_bank(session), today)
    answers = last_answers(session, me().id)
    may_test = me().holder.may("entry.take")
    attempts = attempts_of(session, me().id) if may_test else ()
    live = next((a for a in attempts if a.state == "running" and not is_over(a, now())), None)
    ended = next((a for a in attempts if a is not live), None)
    sections = [(tree.node(c), progress_in(in_scope(pool, c, tree), answers)) for c in section_codes(tree, "A26")]
    tried = sorted((row for row in sections if row[1].answered), key=lambda row: row[1].percent or 0)
    return Training(
        live=live,
        last=(ended, scored(session, ended)) if ended else None,
        may_test=may_test,
        whole=progress_in(pool.values(), answers),
        weak=len(weak_items(pool, answers, tree, today)),
        sections=tried[:6],
    )


@dataclass(frozen=True, slots=True)
class BaseFigures:
    """Counts of one base: people in training, staff, without first sign-in, practising, with a passed entry test."""

    trainees: int
    staff: int
    never_signed_in: int
    blocked: int
    practising: int
    tested: int
    passed: int


def base_figures(session: Session, base: str) -> BaseFigures:
    """The counts of `base`, of people posted there now."""
    posted = select(Posting.person_id).where(Posting.base_id == base, Posting.ended_on.is_(None))
    trainees = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.TRAINEE, RoleGrant.base_id == base, RoleGrant.ended_at.is_(None)
    )

    def count(statement: Select[int]) -> int:
        return session.scalar(select(func.count()).select_from(statement.subquery())) or 0

    tested = select(Attempt.person_id).where(Attempt.person_id.in_(trainees), Attempt.state == "released").distinct()
    passed = tested.join(Result, Result.attempt_id == Attempt.id).where(Result.outcome == "pass")
    practising = select(PracticeAnswer.person_id).where(PracticeAnswer.person_id.in_(trainees)).distinct()
    people = select(Person.id).where(Person.id.in_(posted))
    in_training = count(trainees)
    return BaseFigures(
        trainees=in_training,
        staff=count(people.where(Person.id.not_in(trainees))),
        never_signed_in=count(people.where(Person.password_hash.is_(None))),
        blocked=count(people.where(Person.blocked_at.is_not(None))),
        practising=count(practising),
        tested=count(tested),
        passed=count(passed),
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
    }


def _audit(session: Session) -> dict[str, object]:
    refusals = select(func.count()).select_from(AuditEntry).where(AuditEntry.act.in_(("refused", "sign_in.failed")))
    return {
        "lines": session.scalar(select(func.count()).select_from(AuditEntry)) or 0,
        "refusals": session.scalar(refusals) or 0,
        "chains": session.scalar(select(func.count()).select_from(AuditHead)) or 0,
    }

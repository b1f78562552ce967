"""Counts of people by base: who is in training, who has signed in, who practises and has taken the entry test."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from training_app.exams.attempts import ENTRY
from training_app.exams.models import Attempt, PracticeAnswer, Result
from training_app.people.models import Person, Posting, RoleGrant
from training_app.people.rules import Role


@dataclass(frozen=True, slots=True)
class BaseFigures:
    """Counts of one base, of people who are trainees there or posted there now.

    passed: trainees with an entry test at or above the line. never_signed_in, blocked: of everybody posted there.
    """

    trainees: int = 0
    practising: int = 0
    tested: int = 0
    passed: int = 0
    staff: int = 0
    never_signed_in: int = 0
    blocked: int = 0


def figures_by_base(session: Session, now: datetime) -> Mapping[str, BaseFigures]:
    """The counts of every base that has anybody, in a handful of questions however many bases there are."""
    trainee = select(RoleGrant.base_id, func.count(RoleGrant.person_id.distinct())).where(
        RoleGrant.role == Role.TRAINEE,
        RoleGrant.ended_at.is_(None),
        RoleGrant.base_id.is_not(None),
        RoleGrant.person_id.in_(select(Person.id).where(Person.rehearsal.is_(False))),
    )
    practising = select(PracticeAnswer.person_id)
    # time that is up ends a test, whether or not anybody has looked at it since
    ended = or_(Attempt.state != "running", Attempt.deadline_at < now)
    entry = Attempt.kind == ENTRY
    tested = select(Attempt.person_id).where(entry, ended)
    of_result = select(Attempt.person_id).join(Result, Result.attempt_id == Attempt.id)
    passed = of_result.where(entry, Result.outcome == "pass")
    counts = {
        "trainees": _by_base(session, trainee),
        "practising": _by_base(session, trainee.where(RoleGrant.person_id.in_(practising))),
        "tested": _by_base(session, trainee.where(RoleGrant.person_id.in_(tested))),
        "passed": _by_base(session, trainee.where(RoleGrant.person_id.in_(passed))),
        **_posted(session),
    }
    bases = {base for column in counts.values() for base in column}
    return {base: BaseFigures(**{name: column.get(base, 0) for name, column in counts.items()}) for base in bases}


def _by_base(session: Session, statement: Select[str | None, int]) -> dict[str, int]:
    rows = session.execute(statement.group_by(RoleGrant.base_id)).all()
    return {str(base): int(count) for base, count in rows}


def _posted(session: Session) -> dict[str, dict[str, int]]:
    here = and_(
        RoleGrant.person_id == Person.id,
        RoleGrant.role == Role.TRAINEE,
        RoleGrant.base_id == Posting.base_id,
        RoleGrant.ended_at.is_(None),
    )
    is_trainee = select(RoleGrant.id).where(here).exists()
    rows = session.execute(
        select(
            Posting.base_id,
            func.sum(case((is_trainee, 0), else_=1)).label("staff"),
            func.sum(case((Person.password_hash.is_(None), 1), else_=0)).label("never_signed_in"),
            func.sum(case((Person.blocked_at.is_not(None), 1), else_=0)).label("blocked"),
        )
        .join(Person, Person.id == Posting.person_id)
        .where(Posting.ended_on.is_(None))
        .group_by(Posting.base_id)
    ).all()
    names = ("staff", "never_signed_in", "blocked")
    return {name: {row.base_id: int(getattr(row, name)) for row in rows} for name in names}

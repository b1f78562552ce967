"""Objections of a demonstration: after each past sitting one that waits and one that is decided."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.exams.attempts import paper_of
from training_app.exams.marking_models import Release
from training_app.exams.models import Attempt, Result, ScoreLine
from training_app.exams.objections.asking import Asked, ask
from training_app.exams.objections.deciding import decide
from training_app.exams.objections.rules import Decision, Kind
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.people.models import Person, RoleGrant
from training_app.people.rules import Holder, Role
from training_app.people.signed import holder_of

ON_THE_ITEM: Final = "我认为本题的标准答案与现行认证标准的表述不一致，请复核该题的依据和答案。"
ANSWER: Final = (
    "已对照该题所依据的条款核对题干、选项和答案，三者一致；您所选的答案与条款的适用范围不符。"
    "该题答案不作更正，您的成绩不变。"
)
ON_THE_PROCEDURE: Final = "考试进行到一半时，机房走廊有较长时间的施工噪音，影响了作答，请核查当时的考场情况。"


def objections_of_the_demonstration(session: Session, days: int, now: datetime) -> None:
    """At each base, of who failed: an objection to an item, rejected with an answer, and one to the procedure, open."""
    releases = session.scalars(select(Release).order_by(Release.id)).all()
    for release in {release.sitting_id: release for release in releases}.values():
        sitting = session.get_one(Sitting, release.sitting_id)
        attempt = _failed(session, sitting)
        if attempt is None or release.at + timedelta(days=3) > now:
            continue
        candidate = holder_of(session.get_one(Person, attempt.person_id))
        position = _first_missed(session, attempt)
        asked = ask(
            session,
            attempt,
            Asked(Kind.ITEM, ON_THE_ITEM, position),
            days=days,
            by=By(candidate, None, release.at + timedelta(hours=5)),
        )
        decider = By(_programme_administrator(session), None, release.at + timedelta(days=1))
        decide(session, asked.id, Decision.REJECTED, ANSWER, by=decider)
        later = By(candidate, None, release.at + timedelta(days=2))
        ask(session, attempt, Asked(Kind.PROCEDURE, ON_THE_PROCEDURE), days=days, by=later)


def _failed(session: Session, sitting: Sitting) -> Attempt | None:
    return session.scalars(
        select(Attempt)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.sitting_id == sitting.id, Attempt.state == "released", Result.outcome == "fail")
        .order_by(Attempt.id)
    ).first()


def _first_missed(session: Session, attempt: Attempt) -> int:
    run = select(Result.run_id).where(Result.attempt_id == attempt.id).order_by(Result.run_id.desc()).limit(1)
    missed = set(
        session.scalars(
            select(ScoreLine.item_version_id).where(ScoreLine.run_id == run.scalar_subquery(), ScoreLine.points == 0)
        )
    )
    return next(place.position for place in paper_of(session, attempt) if place.version_id in missed)


def _programme_administrator(session: Session) -> Holder:
    granted = select(RoleGrant.person_id).where(RoleGrant.role == Role.PROGRAMME_ADMIN, RoleGrant.ended_at.is_(None))
    person = session.scalars(select(Person).where(Person.id.in_(granted)).order_by(Person.id)).unique().first()
    assert person is not None, "a demonstration has programme administrators"
    return holder_of(person)

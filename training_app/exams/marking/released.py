"""Results that were released, and runs as they stand: what pages, lists and reports read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from question_bank.standard import Judgement, Outcome
from training_app.exams.marking_models import Release, Standard
from training_app.exams.models import Attempt, Result, ScoreLine, ScoreRun


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run says of an attempt."""

    attempt_id: int
    run_id: int
    standard: Standard
    judgement: Judgement


def last_release(session: Session, sitting_id: int) -> Release | None:
    """The release that counts; None before the first."""
    return session.scalars(select(Release).where(Release.sitting_id == sitting_id).order_by(Release.id.desc())).first()


def results_by(session: Session, standard: Standard, attempt_ids: Collection[int]) -> dict[int, RunResult]:
    """By attempt, its newest run by this standard; attempts without one are absent."""
    newest = (
        select(func.max(ScoreRun.id))
        .where(ScoreRun.standard_id == standard.id, ScoreRun.attempt_id.in_(attempt_ids))
        .group_by(ScoreRun.attempt_id)
    )
    rows = session.scalars(select(Result).where(Result.run_id.in_(newest)))
    return {
        row.attempt_id: RunResult(
            row.attempt_id,
            row.run_id,
            standard,
            Judgement(row.score, standard.points, standard.cut, row.mark, Outcome(row.outcome)),
        )
        for row in rows
    }


def released_results(session: Session, sitting_id: int, attempt_ids: Collection[int]) -> dict[int, RunResult]:
    """By attempt, the result that was released last; none before a release."""
    release = last_release(session, sitting_id)
    if release is None:
        return {}
    return results_by(session, session.get_one(Standard, release.standard_id), attempt_ids)


def released_result(session: Session, attempt: Attempt) -> RunResult | None:
    """The released result of the attempt; None while there is none or when it does not count."""
    if attempt.state != "released" or attempt.sitting_id is None:
        return None
    return released_results(session, attempt.sitting_id, [attempt.id]).get(attempt.id)


def lines_of(session: Session, run_id: int) -> Mapping[int, int]:
    """Points by item version in a run."""
    rows = session.execute(select(ScoreLine.item_version_id, ScoreLine.points).where(ScoreLine.run_id == run_id))
    return {row.item_version_id: row.points for row in rows}

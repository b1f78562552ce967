"""Results that were released, and runs as they stand: what pages, lists and reports read."""

from collections.abc import Collection, Iterable, Mapping
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
    """The last release of any of its forms; None before the first."""
    return session.scalars(select(Release).where(Release.sitting_id == sitting_id).order_by(Release.id.desc())).first()


def released_standards(session: Session, sitting_id: int) -> dict[int, Standard]:
    """By form, the standard by which its results were released last; forms without a release are absent."""
    rows = session.scalars(
        select(Standard)
        .join(Release, Release.standard_id == Standard.id)
        .where(Release.sitting_id == sitting_id)
        .order_by(Release.id)
    )
    return {standard.form_id: standard for standard in rows}


def results_by(session: Session, standards: Iterable[Standard], attempt_ids: Collection[int]) -> dict[int, RunResult]:
    """By attempt, its newest run by one of these standards, of which no two are of one form; others are absent."""
    known = {standard.id: standard for standard in standards}
    newest = (
        select(func.max(ScoreRun.id))
        .where(ScoreRun.standard_id.in_(list(known)), ScoreRun.attempt_id.in_(attempt_ids))
        .group_by(ScoreRun.attempt_id)
    )
    rows = session.execute(
        select(Result, ScoreRun.standard_id).join(ScoreRun, ScoreRun.id == Result.run_id).where(ScoreRun.id.in_(newest))
    )
    return {row.Result.attempt_id: _run_result(row.Result, known[row.standard_id]) for row in rows}


def _run_result(row: Result, standard: Standard) -> RunResult:
    judgement = Judgement(row.score, standard.points, standard.cut, row.mark, Outcome(row.outcome))
    return RunResult(row.attempt_id, row.run_id, standard, judgement)


def released_results(session: Session, sitting_id: int, attempt_ids: Collection[int]) -> dict[int, RunResult]:
    """By attempt, the result that was released last; none before a release."""
    return results_by(session, released_standards(session, sitting_id).values(), attempt_ids)


def released_result(session: Session, attempt: Attempt) -> RunResult | None:
    """The released result of the attempt; None while there is none or when it does not count."""
    if attempt.state != "released" or attempt.sitting_id is None:
        return None
    return released_results(session, attempt.sitting_id, [attempt.id]).get(attempt.id)


def lines_of(session: Session, run_id: int) -> Mapping[int, int]:
    """Points by item version in a run."""
    rows = session.execute(select(ScoreLine.item_version_id, ScoreLine.points).where(ScoreLine.run_id == run_id))
    return {row.item_version_id: row.points for row in rows}

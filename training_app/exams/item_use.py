"""How often items were used where it is over, and what they earned: what the bank shows of an item.

A sitting counts from its end on, so that nobody learns from the bank what is on a paper to come.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from training_app.exams.models import Attempt, FormItem, PracticeAnswer, ScoreLine, ScoreRun
from training_app.exams.sitting_models import Sitting
from training_app.registry import ItemUse

OVER = ("submitted", "marking", "marked", "released")
FIRST = 1


def use_of_items(session: Session, version_ids: Sequence[int]) -> Mapping[int, ItemUse]:
    """Id of each version that was used -> its use."""
    used = {
        row.id: row
        for row in session.execute(
            select(
                FormItem.item_version_id.label("id"),
                func.count(Attempt.form_id.distinct()).label("forms"),
                func.count(Attempt.sitting_id.distinct()).label("sittings"),
                func.count(Attempt.id).label("attempts"),
            )
            .join(Attempt, Attempt.form_id == FormItem.form_id)
            .outerjoin(Sitting, Sitting.id == Attempt.sitting_id)
            .where(FormItem.item_version_id.in_(version_ids), is_over())
            .group_by(FormItem.item_version_id)
        )
    }
    scored = _scored(session, version_ids)
    practised = {
        row[0]: row[1]
        for row in session.execute(
            select(PracticeAnswer.item_version_id, func.count())
            .where(PracticeAnswer.item_version_id.in_(version_ids))
            .group_by(PracticeAnswer.item_version_id)
        )
    }
    return {
        version: ItemUse(
            forms=used[version].forms if version in used else 0,
            sittings=used[version].sittings if version in used else 0,
            attempts=used[version].attempts if version in used else 0,
            practised=practised.get(version, 0),
            responses=scored.get(version, (0, 0, 0))[0],
            points=scored.get(version, (0, 0, 0))[1],
            maximum=scored.get(version, (0, 0, 0))[2],
        )
        for version in version_ids
    }


def is_over() -> ColumnElement[bool]:
    """The condition on Attempt, joined with its Sitting, that nobody answers on such a paper any more."""
    over = and_(Sitting.state.in_(("closed", "released")), Sitting.rehearsal.is_(False))
    ended = or_(Attempt.sitting_id.is_(None), over)
    return and_(Attempt.state.in_(OVER), ended)


def _scored(session: Session, version_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Version -> (how many first attempts were scored, points earned, points possible), by the newest run of each."""
    newest = select(func.max(ScoreRun.id)).group_by(ScoreRun.attempt_id)
    rows = session.execute(
        select(
            ScoreLine.item_version_id,
            func.count(),
            func.sum(ScoreLine.points),
            func.sum(FormItem.points),
        )
        .join(ScoreRun, ScoreRun.id == ScoreLine.run_id)
        .join(Attempt, Attempt.id == ScoreRun.attempt_id)
        .join(
            FormItem,
            and_(FormItem.form_id == Attempt.form_id, FormItem.item_version_id == ScoreLine.item_version_id),
        )
        .outerjoin(Sitting, Sitting.id == Attempt.sitting_id)
        .where(ScoreLine.item_version_id.in_(version_ids), ScoreRun.id.in_(newest), Attempt.number == FIRST, is_over())
        .group_by(ScoreLine.item_version_id)
    )
    return {version: (count, int(points), int(maximum)) for version, count, points, maximum in rows}

"""Score runs: what the answers of an attempt are worth, apart from the hand-in and safe to repeat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.scoring import score
from question_bank.standard import Judgement, judge
from question_bank.texts import Text
from training_app.exams.attempts import PaperItem, given_of, note_change, paper_of
from training_app.exams.models import Attempt, Form, Result, ScoreLine, ScoreRun


def score_attempt(session: Session, attempt_id: int, now: datetime) -> None:
    """A submitted attempt is scored and its result released. Safe to call again, and by two at once."""
    attempt = session.scalar(select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is None or attempt.state != "submitted":
        return
    given = given_of(session, attempt)
    run = ScoreRun(attempt_id=attempt.id, reason="first", at=now)
    session.add(run)
    session.flush()
    lines = [
        {
            "run_id": run.id,
            "item_version_id": place.version_id,
            "points": score(place.item, given[place.version_id].response) if place.version_id in given else 0,
        }
        for place in paper_of(session, attempt)
    ]
    session.execute(insert(ScoreLine), lines)
    form = session.get_one(Form, attempt.form_id)
    assert form.cut is not None, "only a form with a cut score is scored"
    judgement = judge(sum(int(line["points"]) for line in lines), form.points, form.cut)
    session.add(
        Result(
            run_id=run.id,
            attempt_id=attempt.id,
            score=judgement.score,
            mark=judgement.mark,
            outcome=judgement.outcome.value,
        )
    )
    attempt.state = "released"
    attempt.version += 1
    session.flush()
    note_change(session, attempt, ("submitted", "released", "scored"), by=attempt.person_id, at=now)


@dataclass(frozen=True, slots=True)
class Scored:
    """The newest score run of an attempt: the judgement and the points of each item version."""

    judgement: Judgement
    points: Mapping[int, int]


def judgements(session: Session, attempts: Iterable[Attempt]) -> dict[int, tuple[int, Judgement]]:
    """By attempt id, the newest score run of each and how it is judged; attempts that are not scored are absent."""
    rows = session.execute(
        select(Result.attempt_id, Result.run_id, Result.score, Form.points, Form.cut)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(Form, Form.id == Attempt.form_id)
        .where(Result.attempt_id.in_([attempt.id for attempt in attempts]), Form.cut.is_not(None))
        .order_by(Result.run_id)
    )
    return {row.attempt_id: (row.run_id, judge(row.score, row.points, row.cut)) for row in rows}


def scored(session: Session, attempt: Attempt) -> Scored | None:
    """The newest result of the attempt; None while it is not scored."""
    found = judgements(session, [attempt]).get(attempt.id)
    if found is None:
        return None
    run_id, judgement = found
    rows = session.execute(select(ScoreLine.item_version_id, ScoreLine.points).where(ScoreLine.run_id == run_id))
    return Scored(judgement, {row.item_version_id: row.points for row in rows})


@dataclass(frozen=True, slots=True)
class SectionScore:
    """Points earned in one section, of those that stood on the paper."""

    code: str
    title: Text
    points: int
    maximum: int


def by_section(places: Sequence[PaperItem], found: Scored, criteria: Criteria) -> list[SectionScore]:
    """Scores by the section of each item's first code, in the order of the paper."""
    sections: dict[str, SectionScore] = {}
    for place in places:
        code = criteria.section_of(place.item.codes[0])
        before = sections.get(code, SectionScore(code, criteria.node(code).title, 0, 0))
        earned = found.points.get(place.version_id, 0)
        sections[code] = SectionScore(code, before.title, before.points + earned, before.maximum + place.points)
    return [sections[code] for code in sorted(sections)]

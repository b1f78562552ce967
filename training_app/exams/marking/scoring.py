"""Score runs of a sitting: every submitted attempt by the standard in force, each in a transaction of its own.

What is due is read from the database each time, so that a run that was cut off goes on where it stopped. An attempt is
due while it has no run by this standard over all its answers; the unique constraint of `score_run` says so too.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, and_, exists, insert, select
from sqlalchemy.orm import Session

from question_bank.rekeying import Corrections, score_under
from question_bank.standard import Judgement, judge
from training_app.exams.attempts import PaperItem, given_of, paper_of_form
from training_app.exams.marking.keys import corrections_of
from training_app.exams.marking.standards import ENDED, current_standard
from training_app.exams.marking_models import Release, Standard
from training_app.exams.models import Attempt, AttemptEvent, Result, ScoreLine, ScoreRun
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.upserts import insert_into

SCORABLE: Final = ("submitted", "marking", "marked", "released")
"""States of an attempt whose answers are all in."""
UNCOUNTED: Final = ("expelled", "void", "absent", "deferred", "withdrawn")
"""States of a place that has no result, whatever was answered."""

AT_A_TIME: Final = 20
"""Attempts in one turn of the worker, so that nobody's save waits long for the database."""

Writing = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Marking:
    """By what every attempt on a form is scored: the paper, its corrected keys, the cut score."""

    standard_id: int
    cut: int
    points: int
    paper: tuple[PaperItem, ...]
    corrections: Corrections

    def lines(self, responses: Mapping[int, object]) -> dict[int, int]:
        """Points of each item version for the responses that count, by item version."""
        return {
            place.version_id: score_under(
                place.item, self.corrections.get(place.version_id), responses.get(place.version_id)
            )
            for place in self.paper
        }

    def judged(self, lines: Mapping[int, int]) -> Judgement:
        """Score, mark and outcome of these lines."""
        return judge(sum(lines.values()), self.points, self.cut)


def marking_by(session: Session, standard: Standard) -> Marking:
    """Scoring by this standard, confirmed or not."""
    return Marking(
        standard.id,
        standard.cut,
        standard.points,
        paper_of_form(session, standard.form_id),
        corrections_of(session, standard.revision_id),
    )


def counted_attempts(sitting_id: int) -> Select[Attempt]:
    """The attempts of the sitting that can have a result, in the order of the roster."""
    return (
        select(Attempt)
        .join(RosterPlace, RosterPlace.attempt_id == Attempt.id)
        .where(
            RosterPlace.sitting_id == sitting_id,
            Attempt.sitting_id == sitting_id,
            RosterPlace.state.not_in(UNCOUNTED),
            Attempt.state != "voided",
        )
        .order_by(RosterPlace.id)
    )


def standards_to_score(session: Session, sitting: Sitting) -> list[Standard]:
    """The standards by which the forms of the sitting are scored now.

    None while it runs; nor of a form whose keys or cut score are not confirmed, or whose results by it are released.
    """
    if sitting.state not in ENDED:
        return []
    found = [current_standard(session, one.form_id) for one in sitting.forms]
    return [one for one in found if one is not None and not _is_released(session, sitting.id, one.id)]


def due(session: Session, sitting: Sitting) -> list[int]:
    """Ids of the attempts that have no run by the standard in force over all their answers."""
    return [
        attempt for standard in standards_to_score(session, sitting) for attempt in _due_by(session, sitting, standard)
    ]


def _due_by(session: Session, sitting: Sitting, standard: Standard) -> list[int]:
    scored = exists().where(
        and_(
            ScoreRun.attempt_id == Attempt.id,
            ScoreRun.standard_id == standard.id,
            ScoreRun.head_seq == Attempt.head_seq,
        )
    )
    found = counted_attempts(sitting.id).where(
        Attempt.form_id == standard.form_id, Attempt.state.in_(SCORABLE), ~scored
    )
    return [attempt.id for attempt in session.scalars(found)]


def _is_released(session: Session, sitting_id: int, standard_id: int) -> bool:
    # what was released by a standard stays as it was: answers accepted later ask for a new one
    found = select(Release.id).where(Release.sitting_id == sitting_id, Release.standard_id == standard_id)
    return session.scalar(found) is not None


def score_attempt_by(session: Session, attempt_id: int, marking: Marking, now: datetime) -> bool:
    """Whether the attempt got a run now. Nothing happens again for the same answers and standard."""
    attempt = session.scalar(select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is None or attempt.state not in SCORABLE or attempt.sitting_id is None:
        return False
    if _is_released(session, attempt.sitting_id, marking.standard_id):
        return False
    run_id = _new_run(session, attempt, marking, now)
    if run_id is None:
        return False
    lines = marking.lines({version: given.response for version, given in given_of(session, attempt).items()})
    session.execute(
        insert(ScoreLine),
        [{"run_id": run_id, "item_version_id": version, "points": points} for version, points in lines.items()],
    )
    judged = marking.judged(lines)
    session.add(
        Result(
            run_id=run_id,
            attempt_id=attempt.id,
            score=judged.score,
            mark=judged.mark,
            outcome=judged.outcome.value,
        )
    )
    _mark(session, attempt, now)
    session.flush()
    return True


def _new_run(session: Session, attempt: Attempt, marking: Marking, now: datetime) -> int | None:
    """Id of a new run; None when this standard has scored these answers."""
    earlier = session.scalars(
        select(ScoreRun.standard_id).where(ScoreRun.attempt_id == attempt.id).order_by(ScoreRun.id.desc())
    ).first()
    reason = "first" if earlier is None else "late_answers" if earlier == marking.standard_id else "new_standard"
    values = {
        "attempt_id": attempt.id,
        "standard_id": marking.standard_id,
        "head_seq": attempt.head_seq,
        "reason": reason,
        "at": now,
    }
    statement = insert_into(session, ScoreRun).values(values).on_conflict_do_nothing().returning(ScoreRun.id)
    return session.execute(statement).scalar_one_or_none()


def _mark(session: Session, attempt: Attempt, now: datetime) -> None:
    """From submitted over marking to marked, each step in the log. A form of keyed items passes without stopping."""
    for before, after in (("submitted", "marking"), ("marking", "marked")):
        if attempt.state == before:
            attempt.state, attempt.version = after, attempt.version + 1
            session.add(
                AttemptEvent(attempt_id=attempt.id, from_state=before, to_state=after, reason="scored", by=None, at=now)
            )


def score_sitting(
    write: Writing, sitting_id: int, now: datetime, go_on: Callable[[], bool] = lambda: True
) -> tuple[int, int]:
    """How many attempts were scored now and how many are still due. It stops when `go_on` says no.

    Each attempt is a transaction of its own: a crash loses nothing, and the next call goes on.
    """
    with write() as session:
        sitting = session.get_one(Sitting, sitting_id)
        waiting = [
            (attempt_id, marking)
            for standard in standards_to_score(session, sitting)
            for attempts in [_due_by(session, sitting, standard)]
            if attempts
            for marking in [marking_by(session, standard)]
            for attempt_id in attempts
        ]
    done = 0
    for place, (attempt_id, marking) in enumerate(waiting):
        if not go_on():
            return done, len(waiting) - place
        with write() as session:
            done += score_attempt_by(session, attempt_id, marking, now)
    return done, 0


def sittings_to_score(session: Session) -> list[int]:
    """Ids of the sittings that have something to score."""
    ended = session.scalars(select(Sitting).where(Sitting.state.in_(ENDED)).order_by(Sitting.id)).all()
    return [sitting.id for sitting in ended if due(session, sitting)]


def score_some(session: Session, now: datetime, *, most: int = AT_A_TIME) -> int:
    """How many attempts were scored in any sitting, at most `most`, in one transaction. For the worker's turn."""
    done = 0
    for sitting_id in sittings_to_score(session):
        left = iter(range(most - done))

        def go_on(left: Iterator[int] = left) -> bool:
            return next(left, None) is not None

        done += score_sitting(lambda: nullcontext(session), sitting_id, now, go_on)[0]
        if done >= most:
            break
    return done

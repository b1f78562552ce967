"""Acknowledged answers of a rehearsal looked up in the database, and the one place of a simulated candidate."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.rehearsal.rules import is_same_answer
from training_app.exams.sitting_models import RosterPlace, Sitting

AT_ONCE: Final = 200


def lost_of(session: Session, marked_id: int, stored: Mapping[tuple[int, int, int], object]) -> int:
    """How many of the acknowledged answers, (attempt, item, number) -> answer, the database does not hold."""
    wanted: dict[int, dict[tuple[int, int], object]] = defaultdict(dict)
    for (attempt, item, seq), answer in stored.items():
        wanted[attempt][item, seq] = answer
    numbers = sorted(wanted)
    found = 0
    for start in range(0, len(numbers), AT_ONCE):
        rows = session.execute(
            select(
                ResponseEvent.attempt_id, ResponseEvent.item_version_id, ResponseEvent.client_seq, ResponseEvent.payload
            )
            .join(Attempt, Attempt.id == ResponseEvent.attempt_id)
            .where(Attempt.sitting_id == marked_id, Attempt.id.in_(numbers[start : start + AT_ONCE]))
        )
        for row in rows:
            number = (row.item_version_id, row.client_seq)
            has = wanted[row.attempt_id]
            found += number in has and is_same_answer(has[number], row.payload)
    return len(stored) - found


def place_in_rehearsal(session: Session, person_id: int, now: datetime) -> int | None:
    """The only place that the account of a simulated candidate opens; None when its rehearsal is over."""
    return session.scalar(
        select(RosterPlace.id)
        .join(Sitting, Sitting.id == RosterPlace.sitting_id)
        .where(
            RosterPlace.person_id == person_id,
            Sitting.rehearsal,
            Sitting.state.in_(("open", "running")),
            Sitting.ends_at > now,
        )
    )

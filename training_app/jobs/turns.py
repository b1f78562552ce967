"""Turns: what is done again and again. Of several workers one takes each; what fails in one stops no other."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from training_app.db import Database
from training_app.jobs.models import JobTurn
from training_app.registry import Turn
from training_app.upserts import insert_into

log = logging.getLogger("training_app.jobs")

MOST_ROUNDS: Final = 20
"""So often a turn is called again at once while it finds something to do."""

LATE_AFTER: Final = timedelta(minutes=2)
"""A turn that did not end for so long beyond its time is late."""


def is_taken(session: Session, name: str, turn: Turn, now: datetime) -> bool:
    """Whether the turn is due and falls to this caller alone."""
    first = session.execute(
        insert_into(session, JobTurn)
        .values(name=name, begun_at=now, fault="")
        .on_conflict_do_nothing()
        .returning(JobTurn.name)
    ).first()
    if first is not None:
        return True
    pause = timedelta(seconds=turn.every_s)
    # one that begins in the future was begun before the clock was set back
    is_due = or_(JobTurn.begun_at <= now - pause, JobTurn.begun_at > now + pause)
    due = session.execute(
        update(JobTurn).where(JobTurn.name == name, is_due).values(begun_at=now).returning(JobTurn.name),
        execution_options={"synchronize_session": False},
    ).first()
    return due is not None


def take(database: Database, name: str, turn: Turn, now: datetime) -> int:
    """How many things the turn dealt with; 0 as well when it is not due. What it raises is logged and written down."""
    with database.write() as session:
        if not is_taken(session, name, turn, now):
            return 0
    done = 0
    try:
        for _round in range(MOST_ROUNDS):
            found = _round_of(database, turn, now)
            done += found
            if not found:
                break
    except Exception as error:
        log.exception("turn %s failed", name)
        _note(database, name, {"failed_at": now, "fault": type(error).__name__[:80]})
    else:
        _note(database, name, {"ended_at": now, "fault": ""})
    if done:
        log.info("turn", extra={"fields": {"turn": name, "done": done}})
    return done


def _round_of(database: Database, turn: Turn, now: datetime) -> int:
    if turn.before is not None:
        turn.before()
    with database.write() as session:
        found = turn.run(session, now)
    if turn.after is not None:
        turn.after()
    return found


def _note(database: Database, name: str, values: Mapping[str, object]) -> None:
    with database.write() as session:
        session.execute(update(JobTurn).where(JobTurn.name == name).values(**values))


def state_of_turns(session: Session, turns: Mapping[str, Turn], now: datetime) -> dict[str, object]:
    """The part of `/healthz`: `state` "up", "late" or "waiting" (never begun), the last turn, and which turns fail."""
    rows = {row.name: row for row in session.scalars(select(JobTurn).where(JobTurn.name.in_(turns)))}
    ended = [row.ended_at for row in rows.values() if row.ended_at is not None]
    late = sorted(
        name
        for name, row in rows.items()
        if now - max(row.ended_at or row.begun_at, row.failed_at or row.begun_at)
        > timedelta(seconds=turns[name].every_s) + LATE_AFTER
    )
    failing = sorted(name for name, row in rows.items() if row.fault)
    state = "late" if late else "up" if rows else "waiting"
    last = max(ended).isoformat() if ended else None
    return {"state": state, "last_turn": last, "late": late, "failing": failing}

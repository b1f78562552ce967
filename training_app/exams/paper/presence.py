"""Signs of life of the page that holds a paper: where it is now, when it was silent, what it noticed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from training_app.db import Asks, engine_of
from training_app.exams.day_models import Gap, PaperFact, Presence
from training_app.exams.guarded import overwriting
from training_app.saves import Delivery, Fact

HEARTBEAT_S: Final = 10
"""How often a page tells that it is there, in seconds."""
SILENCE: Final = timedelta(seconds=25)
"""A time without a sign of life that is longer than this is a gap: two heartbeats were missed."""
MOST_FACTS: Final = 2000
"""Of one attempt."""

_PRESENCE = cast("Table", Presence.__table__)
_SEEN: Final = {
    "sqlite": overwriting(sqlite.insert(_PRESENCE)),
    "postgresql": overwriting(postgresql.insert(_PRESENCE)),
}


def presence_values(attempt_id: int, delivery: Delivery, now: datetime) -> dict[str, object]:
    """The sign of life of the page, with what it told of itself."""
    return {
        "attempt_id": attempt_id,
        "device": delivery.device,
        "seen_at": now,
        "position": delivery.position,
        "unsent": delivery.unsent,
        "marks": {"flagged": list(delivery.flagged), "seen": list(delivery.seen)},
        "full_screen": delivery.full_screen,
        "secure": delivery.secure,
    }


def show_presence(session: Asks, attempt_id: int, delivery: Delivery, now: datetime) -> None:
    """The page is there now, with what it told of itself."""
    session.execute(_SEEN[engine_of(session).dialect.name], presence_values(attempt_id, delivery, now))


def note_gap(
    session: Session, attempt_id: int, running: tuple[datetime, datetime], silent: tuple[datetime, datetime]
) -> None:
    """The part of the silence in which the clock ran is a gap, when it is long enough. Both as (from, to)."""
    begins, ends = max(running[0], silent[0]), min(running[1], silent[1])
    if ends - begins > SILENCE:
        session.execute(insert(Gap).values(attempt_id=attempt_id, from_at=begins, to_at=ends))


def note_facts(session: Session, attempt_id: int, facts: Sequence[Fact], *, device: str, now: datetime) -> None:
    """What the page noticed is kept; a resend adds nothing."""
    if not facts:
        return
    known = session.execute(
        select(PaperFact.kind, PaperFact.at).where(PaperFact.attempt_id == attempt_id, PaperFact.device == device)
    ).all()
    there = {(row.kind, row.at) for row in known}
    rows = list[dict[str, object]]()
    for fact in facts:
        at = min(fact.at or now, now)
        if (fact.kind, at) not in there and len(known) + len(rows) < MOST_FACTS:
            there.add((fact.kind, at))
            rows.append(_fact(attempt_id, fact.kind, at, device=device, seconds=fact.seconds))
    if rows:
        session.execute(insert(PaperFact), rows)


def note_fact(session: Session, attempt_id: int, kind: str, at: datetime, *, device: str, **details: object) -> None:
    """Something that happened at the page stands in the record."""
    session.execute(insert(PaperFact), [_fact(attempt_id, kind, at, device=device, details=details)])


def note_once(session: Session, attempt_id: int, kind: str, at: datetime, *, device: str) -> None:
    """The same, unless it stands there already of this page."""
    known = select(func.count()).where(
        PaperFact.attempt_id == attempt_id, PaperFact.kind == kind, PaperFact.device == device
    )
    if not session.scalar(known):
        note_fact(session, attempt_id, kind, at, device=device)


def _fact(
    attempt_id: int, kind: str, at: datetime, *, device: str, seconds: int | None = None, details: object = None
) -> dict[str, object]:
    return {
        "attempt_id": attempt_id,
        "kind": kind,
        "seconds": seconds,
        "details": details or {},
        "device": device,
        "at": at,
    }

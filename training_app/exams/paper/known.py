"""What this process knows of an attempt: its head and what is stored, so that a save need not read it all again.

Knowledge may be stale: it is only ever used under a guarded update that names the head and every value it rests on,
and read anew when that guard does not hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Row, Table, bindparam, select

from training_app.db import Asks, home_of
from training_app.exams.day_models import Presence
from training_app.exams.models import Attempt, Form, ResponseEvent
from training_app.exams.paper.access import own_by_claim
from training_app.exams.paper.chaining import Head
from training_app.exams.paper.deciding import Given, Stored
from training_app.exams.paper.parts import FormParts, parts_of_form
from training_app.memory import Memory
from training_app.people.claims import Claim

MOST_ATTEMPTS: Final = 5000


@dataclass(frozen=True, slots=True)
class Known:
    """An attempt as this process last saw it. latest: number and whether it is an answer, of each item's response.

    seen_at: the last sign of life of the page that holds it. shown_by: the page that held it last.
    """

    id: int
    kind: str
    person_id: int
    sitting_id: int | None
    state: str
    started_at: datetime | None
    deadline_at: datetime | None
    paused_at: datetime | None
    device: str | None
    head: Head
    parts: FormParts
    stored: Mapping[tuple[int, int], Stored]
    latest: Mapping[int, tuple[int, bool]]
    last_stored_at: datetime | None
    seen_at: datetime | None
    shown_by: str | None

    @property
    def answered(self) -> int:
        """How many items have an answer."""
        return sum(is_answer for _, is_answer in self.latest.values())

    def after(self, head: Head, given: Iterable[Given], now: datetime) -> "Known":
        """The attempt with `given` stored at its end."""
        stored, latest = dict(self.stored), dict(self.latest)
        seq = self.head.server_seq
        for one in given:
            seq += 1
            stored[one.item, one.seq] = Stored(seq, one.payload)
            if one.seq > latest.get(one.item, (0, False))[0]:
                latest[one.item] = (one.seq, bool(one.payload))
        return replace(self, head=head, stored=stored, latest=latest, last_stored_at=now, seen_at=now)


_KEPT: Final[Memory[tuple[str, int], Known]] = Memory(MOST_ATTEMPTS)

_ATTEMPT, _EVENT = cast("Table", Attempt.__table__).c, cast("Table", ResponseEvent.__table__).c
_PRESENCE, _FORM = cast("Table", Presence.__table__).c, cast("Table", Form.__table__).c
_ANY = (
    select(
        _ATTEMPT.id,
        _ATTEMPT.kind,
        _ATTEMPT.person_id,
        _ATTEMPT.sitting_id,
        _ATTEMPT.state,
        _ATTEMPT.started_at,
        _ATTEMPT.deadline_at,
        _ATTEMPT.paused_at,
        _ATTEMPT.device,
        _ATTEMPT.head_seq,
        _ATTEMPT.head_hash,
        _ATTEMPT.form_id,
        _FORM.content_hash,
        _PRESENCE.seen_at,
        _PRESENCE.device.label("shown_by"),
    )
    .join(Form.__table__, _FORM.id == _ATTEMPT.form_id)
    .outerjoin(Presence.__table__, _PRESENCE.attempt_id == _ATTEMPT.id)
    .where(_ATTEMPT.id == bindparam("attempt"))
)
_OWN = _ANY.where(own_by_claim())
_ANSWERS = (
    select(
        _EVENT.item_version_id,
        _EVENT.client_seq,
        _EVENT.server_seq,
        _EVENT.payload,
        _EVENT.received_at,
        _EVENT.previous_hash,
    )
    # what came after the head that was read belongs to somebody faster: the guard will tell
    .where(
        _EVENT.attempt_id == bindparam("attempt"),
        _EVENT.server_seq > bindparam("after"),
        _EVENT.server_seq <= bindparam("head"),
    )
    .order_by(_EVENT.server_seq)
)


def remembered(session: Asks, attempt_id: int) -> Known | None:
    """What this process knows of the attempt, perhaps stale."""
    return _KEPT.recall((home_of(session), attempt_id))


def remember(session: Asks, known: Known) -> None:
    """`known` is what this process knows now."""
    _KEPT.keep((home_of(session), known.id), known)


def look_up(session: Asks, attempt_id: int, claim: Claim | None = None) -> Known | None:
    """The attempt as the database has it now; None when there is none.

    claim: of who asks; then also None when the attempt is not the own one, or the claim holds no more.
    """
    values = claim.values() if claim else {}
    row = session.execute(_OWN if claim else _ANY, {"attempt": attempt_id, **values}).one_or_none()
    if row is None:
        return None
    found = Known(
        id=row.id,
        kind=row.kind,
        person_id=row.person_id,
        sitting_id=row.sitting_id,
        state=row.state,
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        paused_at=row.paused_at,
        device=row.device,
        head=Head(row.head_seq, row.head_hash),
        parts=parts_of_form(session, row.form_id, row.content_hash),
        stored={},
        latest={},
        last_stored_at=None,
        seen_at=row.seen_at,
        shown_by=row.shown_by,
    )
    return _with_answers(session, found, remembered(session, attempt_id))


def _with_answers(session: Asks, found: Known, before: Known | None) -> Known:
    """`found` with its answers. before: what was known; where that leads to what was found, only the rest is read."""
    known = before if before is not None and before.parts == found.parts else None
    if known is not None and known.head == found.head:
        return replace(found, stored=known.stored, latest=known.latest, last_stored_at=known.last_stored_at)
    rows = _answers(session, found, known.head.server_seq if known else 0)
    if known is not None and (not rows or rows[0].previous_hash != known.head.hash):
        known, rows = None, _answers(session, found, 0)
    stored, latest = (dict(known.stored), dict(known.latest)) if known else ({}, {})
    for row in rows:
        stored[row.item_version_id, row.client_seq] = Stored(row.server_seq, row.payload)
        if row.client_seq > latest.get(row.item_version_id, (0, False))[0]:
            latest[row.item_version_id] = (row.client_seq, bool(row.payload))
    return replace(found, stored=stored, latest=latest, last_stored_at=rows[-1].received_at if rows else None)


def _answers(session: Asks, found: Known, after: int) -> Sequence[Row[*tuple[Any, ...]]]:
    values = {"attempt": found.id, "after": after, "head": found.head.server_seq}
    return session.execute(_ANSWERS, values).all()

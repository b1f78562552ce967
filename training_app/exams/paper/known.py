"""What this process knows of an attempt: its head and what is stored, so that a save need not read it all again.

Knowledge may be stale: it is only ever used under a guarded update that names the head and every value it rests on,
and read anew when that guard does not hold.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.exams.day_models import Presence
from training_app.exams.models import Attempt, Form, ResponseEvent
from training_app.exams.paper.chaining import Head
from training_app.exams.paper.deciding import Given, Stored
from training_app.exams.paper.parts import FormParts, parts_of_form

MOST_ATTEMPTS: Final = 2000


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


_lock = threading.Lock()
_kept: OrderedDict[tuple[str, int], Known] = OrderedDict()


def _key(session: Session, attempt_id: int) -> tuple[str, int]:
    return str(session.get_bind().engine.url), attempt_id


def remembered(session: Session, attempt_id: int) -> Known | None:
    """What this process knows of the attempt, perhaps stale."""
    with _lock:
        return _kept.get(_key(session, attempt_id))


def remember(session: Session, known: Known) -> None:
    """`known` is what this process knows now; the longest unused is forgotten."""
    key = _key(session, known.id)
    with _lock:
        _kept[key] = known
        _kept.move_to_end(key)
        while len(_kept) > MOST_ATTEMPTS:
            _kept.popitem(last=False)


def look_up(session: Session, attempt_id: int) -> Known | None:
    """The attempt as the database has it now; None when there is none."""
    row = session.execute(
        select(
            Attempt.id,
            Attempt.kind,
            Attempt.person_id,
            Attempt.sitting_id,
            Attempt.state,
            Attempt.started_at,
            Attempt.deadline_at,
            Attempt.paused_at,
            Attempt.device,
            Attempt.head_seq,
            Attempt.head_hash,
            Attempt.form_id,
            Form.content_hash,
            Presence.seen_at,
            Presence.device.label("shown_by"),
        )
        .join(Form, Form.id == Attempt.form_id)
        .outerjoin(Presence, Presence.attempt_id == Attempt.id)
        .where(Attempt.id == attempt_id)
    ).one_or_none()
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
    before = remembered(session, attempt_id)
    if before is not None and before.head == found.head and before.parts == found.parts:
        return replace(found, stored=before.stored, latest=before.latest, last_stored_at=before.last_stored_at)
    return _with_answers(session, found)


def _with_answers(session: Session, found: Known) -> Known:
    rows = session.execute(
        select(
            ResponseEvent.item_version_id,
            ResponseEvent.client_seq,
            ResponseEvent.server_seq,
            ResponseEvent.payload,
            ResponseEvent.received_at,
        )
        # what came after the head that was read belongs to somebody faster: the guard will tell
        .where(ResponseEvent.attempt_id == found.id, ResponseEvent.server_seq <= found.head.server_seq)
        .order_by(ResponseEvent.server_seq)
    ).all()
    stored = {(row.item_version_id, row.client_seq): Stored(row.server_seq, row.payload) for row in rows}
    latest: dict[int, tuple[int, bool]] = {}
    for row in rows:
        if row.client_seq > latest.get(row.item_version_id, (0, False))[0]:
            latest[row.item_version_id] = (row.client_seq, bool(row.payload))
    return replace(found, stored=stored, latest=latest, last_stored_at=rows[-1].received_at if rows else None)

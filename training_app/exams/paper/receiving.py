"""Deliveries of a page: answers appended and chained, facts kept, the page told what is stored. Nothing is lost.

The hot path of an exam. A save of the page that holds the paper costs three statements: one guarded update of the
head, one insert of all answers, one sign of life. Everything else is read only when something is out of the ordinary.
An answer is acknowledged after the commit, by whoever called this.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from training_app.errors import Conflict, NotFound
from training_app.exams.day_models import DeadlineEvent
from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.paper.access import NO_ATTEMPT, PERMISSION, check_own
from training_app.exams.paper.chaining import Head, Sender, following
from training_app.exams.paper.deciding import DELAYED, Piled, RefusedEntry, Situation, Verdicts, decide
from training_app.exams.paper.handing_in import close_if_over
from training_app.exams.paper.known import Known, look_up, remember, remembered
from training_app.exams.paper.late import pile
from training_app.exams.paper.presence import SILENCE, note_fact, note_facts, note_gap, note_once, show_presence
from training_app.exams.paper.standing import HANDED_IN, LIVE, standing_of_running
from training_app.exams.paper.tokens import BeaconTime
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder
from training_app.saves import Delivery

MOST_ANSWERS: Final = 20_000
"""Of one attempt: more than any person can give."""
TRIES: Final = 5

TOO_MUCH = _l("This paper has taken more answers than anybody can give. Call the invigilator.")
BUSY = _l("Several windows save at once. Wait a moment; the page sends again by itself.")

_ATTEMPT, _EVENT = cast("Table", Attempt.__table__), cast("Table", ResponseEvent.__table__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a delivery came, and how its beacons are read."""

    now: datetime
    beacon_time: BeaconTime


@dataclass(frozen=True, slots=True)
class Reply:
    """What a page is told. stored: item, number and server number of each answer that the database holds.

    state: waiting, running, paused, closing, submitted, void or elsewhere. elsewhere: when the page that holds the
    paper was last there, if that is another one.
    """

    known: Known
    state: str
    stored: tuple[tuple[int, int, int], ...]
    refused: tuple[RefusedEntry, ...]
    piled: tuple[Piled, ...]
    elsewhere: datetime | None = None
    missing: tuple[tuple[int, int], ...] = ()


class _Stale(Exception):
    """What was known of the attempt no longer holds."""


def receive(session: Session, holder: Holder, attempt_id: int, delivery: Delivery, *, arrival: Arrival) -> Reply:
    """What the page is told of its delivery. A resend is harmless; what cannot count goes to the late pile.

    Raises NotFound for an attempt that is not the person's own, Conflict when others save at the same moment.
    """
    known = remembered(session, attempt_id)
    if known is not None and _may_trust(known, holder, delivery, arrival.now):
        with suppress(_Stale):
            return _receive(session, known, delivery, arrival, must_write=True)
    for _ in range(TRIES):
        with suppress(_Stale):
            return _receive(session, _looked_up(session, holder, attempt_id), delivery, arrival)
    raise Conflict(BUSY)


def _may_trust(known: Known, holder: Holder, delivery: Delivery, now: datetime) -> bool:
    """Whether everything is in order as far as this process knows, so that only new answers are to be stored."""
    has_news = any((entry.item, entry.seq) not in known.stored for entry in delivery.entries)
    was_there = known.seen_at is not None and now - known.seen_at < SILENCE
    in_order = (
        known.state == "running"
        and known.device == delivery.device
        and known.person_id == holder.id
        and holder.may(PERMISSION[known.kind])
    )
    quiet = not delivery.take_over and not delivery.facts
    return has_news and was_there and in_order and quiet and standing_of_running(known.deadline_at, now) == "running"


def _looked_up(session: Session, holder: Holder, attempt_id: int) -> Known:
    known = look_up(session, attempt_id) if 0 < attempt_id <= LARGEST_ID else None
    if known is None:
        raise NotFound(NO_ATTEMPT)
    check_own(holder, known.person_id, known.kind)
    return known


def _receive(
    session: Session, known: Known, delivery: Delivery, arrival: Arrival, *, must_write: bool = False
) -> Reply:
    """must_write: `known` may be stale, so nothing is acknowledged but under the guard of a write."""
    now = arrival.now
    if known.state == "running" and standing_of_running(known.deadline_at, now) == "over":
        close_if_over(session, session.get_one(Attempt, known.id, populate_existing=True), now)
        closed = look_up(session, known.id)
        assert closed is not None
        known = closed
    known = _held(session, known, delivery, now)
    holds = known.device == delivery.device
    verdicts = _verdicts(session, known, delivery, arrival)
    if must_write and not verdicts.new:
        raise _Stale
    after = _store(session, known, verdicts, device=delivery.device, now=now)
    full = pile(session, known.id, verdicts.piled, device=delivery.device, now=now)
    if holds:
        after = _show(session, after, delivery, now)
    elif known.state in LIVE:
        note_once(session, known.id, "elsewhere", now, device=delivery.device)
    note_facts(session, known.id, delivery.facts, device=delivery.device, now=now)
    remember(session, after)
    numbers = [*verdicts.again, *((one.item, one.seq) for one in verdicts.new)]
    return Reply(
        known=after,
        state=_state_for(after, now) if holds or after.state not in LIVE else "elsewhere",
        stored=tuple((item, seq, after.stored[item, seq].server_seq) for item, seq in numbers),
        refused=(*verdicts.refused, *full),
        piled=tuple(verdicts.piled[: len(verdicts.piled) - len(full)]),
        elsewhere=None if holds else known.seen_at,
    )


def _held(session: Session, known: Known, delivery: Delivery, now: datetime) -> Known:
    """The attempt, held by this page when it is free or when the page takes it over."""
    if known.device == delivery.device or known.state not in LIVE:
        return known
    # the page from which the seat was moved away still asks until it is told: it does not win the paper back by that
    if not delivery.take_over and (known.device is not None or known.shown_by == delivery.device):
        return known
    same = _ATTEMPT.c.device.is_(None) if known.device is None else _ATTEMPT.c.device == known.device
    taken = session.execute(
        update(_ATTEMPT)
        .where(_ATTEMPT.c.id == known.id, same, _ATTEMPT.c.state == known.state)
        .values(device=delivery.device, version=_ATTEMPT.c.version + 1)
        .returning(_ATTEMPT.c.id)
    ).scalar_one_or_none()
    if taken is None:
        raise _Stale
    if known.device is not None:
        note_fact(session, known.id, "took_over", now, device=delivery.device, former=known.device)
    return replace(known, device=delivery.device)


def _verdicts(session: Session, known: Known, delivery: Delivery, arrival: Arrival) -> Verdicts:
    if not delivery.entries:
        return Verdicts()
    situation = Situation(
        state=known.state,
        started_at=known.started_at,
        deadline_at=known.deadline_at,
        paused_at=known.paused_at,
        items=known.parts.items,
        stored=known.stored,
        holds=known.device == delivery.device or known.state not in LIVE,
        pauses=_pauses(session, known, delivery, arrival.now),
    )
    return decide(
        situation,
        delivery.entries,
        lambda entry: arrival.beacon_time(entry.beacon or delivery.beacon),
        arrival.now,
    )


def _pauses(session: Session, known: Known, delivery: Delivery, now: datetime) -> Sequence[tuple[datetime, datetime]]:
    """Pauses that are over, read only for answers that were long on their way."""
    if all(entry.at is None or now - entry.at < DELAYED for entry in delivery.entries):
        return ()
    return pauses_of(session, known.id)


def pauses_of(session: Session, attempt_id: int) -> Sequence[tuple[datetime, datetime]]:
    """Pauses of the attempt that are over, as (from, to)."""
    rows = session.execute(
        select(DeadlineEvent.at, DeadlineEvent.seconds).where(
            DeadlineEvent.attempt_id == attempt_id, DeadlineEvent.kind == "pause"
        )
    )
    return [(row.at - timedelta(seconds=row.seconds), row.at) for row in rows]


def _store(session: Session, known: Known, verdicts: Verdicts, *, device: str, now: datetime) -> Known:
    """The attempt with the new answers at the end of its chain. Raises _Stale when it is no longer as it was known."""
    if not verdicts.new:
        return known
    if known.head.server_seq + len(verdicts.new) > MOST_ANSWERS:
        raise Conflict(TOO_MUCH)
    head, rows = following(known.head, verdicts.new, Sender(known.id, device, now))
    _advance(session, known, head)
    session.execute(insert(_EVENT).values(rows))
    return known.after(head, verdicts.new, now)


def _advance(session: Session, known: Known, head: Head) -> None:
    columns = _ATTEMPT.c
    moved = session.execute(
        update(_ATTEMPT)
        .where(
            columns.id == known.id,
            columns.person_id == known.person_id,
            columns.form_id == known.parts.form_id,
            columns.state == known.state,
            columns.deadline_at == known.deadline_at,
            columns.device == known.device,
            columns.head_seq == known.head.server_seq,
            columns.head_hash == known.head.hash,
        )
        .values(head_seq=head.server_seq, head_hash=head.hash)
        .returning(columns.id)
    ).scalar_one_or_none()
    if moved is None:
        raise _Stale


def _show(session: Session, known: Known, delivery: Delivery, now: datetime) -> Known:
    """The page was seen now; a long silence before that, while the clock ran, is a gap."""
    if known.state not in LIVE:
        return known
    runs = known.state == "running" and known.started_at is not None and known.deadline_at is not None
    if runs and known.seen_at is not None and now - known.seen_at > SILENCE:
        assert known.started_at is not None and known.deadline_at is not None
        note_gap(session, known.id, (known.started_at, known.deadline_at), (known.seen_at, now))
    show_presence(session, known.id, delivery, now)
    return replace(known, seen_at=now)


def _state_for(known: Known, now: datetime) -> str:
    if known.state == "running":
        return standing_of_running(known.deadline_at, now)
    if known.state in HANDED_IN:
        return "submitted"
    return {"created": "waiting", "voided": "void"}.get(known.state, known.state)

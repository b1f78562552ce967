"""The quick way of a save, a sign of life and a hand-in: all is in order, nothing is looked up but by its own proof.

A save is one statement on PostgreSQL and three on SQLite: the head moves on where sign-in, clock, page and head are as
they should be; the answer and the sign of life follow. What is not in order is left to `receiving`, untouched.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Connection, Table, bindparam, update

from training_app.db import Database
from training_app.exams.day_models import Presence, Receipt
from training_app.exams.guarded import Guarded
from training_app.exams.models import Attempt, AttemptEvent, ResponseEvent
from training_app.exams.paper.access import own_by_claim
from training_app.exams.paper.chaining import Sender, following
from training_app.exams.paper.deciding import DELAYED, Given, Situation, decide
from training_app.exams.paper.handing_in import BY_CANDIDATE
from training_app.exams.paper.known import Known, look_up, remember, remembered
from training_app.exams.paper.notices import notices_of
from training_app.exams.paper.presence import SILENCE, presence_values, show_presence
from training_app.exams.paper.receipts import new_receipt
from training_app.exams.paper.receiving import MOST_ANSWERS, Arrival, Reply
from training_app.exams.paper.standing import standing_of_running
from training_app.people.claims import Claim
from training_app.people.reach import LARGEST_ID
from training_app.saves import Delivery
from training_app.signing import Keys

_ATTEMPT = cast("Table", Attempt.__table__)

AS_KNOWN: Final = (
    _ATTEMPT.c.id == bindparam("known_id"),
    _ATTEMPT.c.form_id == bindparam("known_form"),
    _ATTEMPT.c.state == bindparam("known_state"),
    _ATTEMPT.c.deadline_at == bindparam("known_deadline"),
    _ATTEMPT.c.device == bindparam("known_device"),
    _ATTEMPT.c.head_seq == bindparam("known_seq"),
    _ATTEMPT.c.head_hash == bindparam("known_hash"),
    own_by_claim(),
)
"""The attempt is as it is known, and the own one of who claims to be signed in."""

_SAVE: Final = Guarded(
    update(_ATTEMPT)
    .where(*AS_KNOWN)
    .values(head_seq=bindparam("new_seq"), head_hash=bindparam("new_hash"))
    .returning(_ATTEMPT.c.id),
    {"event": ResponseEvent, "page": Presence},
    overwritten="page",
)

_HAND_IN: Final = Guarded(
    update(_ATTEMPT)
    .where(*AS_KNOWN)
    .values(state="submitted", submitted_at=bindparam("new_submitted"), version=_ATTEMPT.c.version + 1)
    .returning(_ATTEMPT.c.id),
    {"note": AttemptEvent, "receipt": Receipt},
)


def as_known(known: Known, claim: Claim) -> dict[str, object]:
    """The parameters of AS_KNOWN."""
    return {
        "known_id": known.id,
        "known_form": known.parts.form_id,
        "known_state": known.state,
        "known_deadline": known.deadline_at,
        "known_device": known.device,
        "known_seq": known.head.server_seq,
        "known_hash": known.head.hash,
        **claim.values(),
    }


def save_quickly(
    database: Database, claim: Claim, attempt_id: int, delivery: Delivery, *, arrival: Arrival
) -> Reply | None:
    """What the page is told of one new answer of its own running paper; None for anything else, with nothing stored."""
    if len(delivery.entries) != 1 or not _is_plain(attempt_id, delivery):
        return None
    with database.change_at_once() as connection:
        known = remembered(connection, attempt_id)
        if known is not None and _in_order(known, claim, delivery, arrival.now):
            reply = _saved(connection, known, claim, delivery, arrival=arrival)
            if reply is not None:
                return reply
        known = look_up(connection, attempt_id, claim)
        if known is None or not _in_order(known, claim, delivery, arrival.now):
            return None
        return _saved(connection, known, claim, delivery, arrival=arrival)


def live_quickly(
    database: Database, claim: Claim, attempt_id: int, delivery: Delivery, *, now: datetime
) -> tuple[Reply, list[dict[str, object]]] | None:
    """What the page is told of its sign of life, and what the room tells it; None when anything is not in order."""
    if delivery.entries or not _is_plain(attempt_id, delivery):
        return None
    with database.change_at_once() as connection:
        known = look_up(connection, attempt_id, claim)
        if known is None or not _in_order(known, claim, delivery, now):
            return None
        show_presence(connection, known.id, delivery, now)
        remember(connection, known)
        return Reply(known, "running", (), (), ()), notices_of(connection, known)


def hand_in_quickly(
    database: Database, claim: Claim, attempt_id: int, delivery: Delivery, *, arrival: Arrival
) -> Reply | None:
    """What the page is told when its running paper is handed in whole; None for anything else, with nothing done."""
    if delivery.entries or not _is_plain(attempt_id, delivery):
        return None
    with database.change_at_once() as connection:
        known = remembered(connection, attempt_id)
        if known is not None and _is_whole(known, claim, delivery, arrival.now):
            reply = _handed_in(connection, known, claim, arrival.now, keys=database.keys)
            if reply is not None:
                return reply
        known = look_up(connection, attempt_id, claim)
        if known is None or not _is_whole(known, claim, delivery, arrival.now):
            return None
        return _handed_in(connection, known, claim, arrival.now, keys=database.keys)


def _is_whole(known: Known, claim: Claim, delivery: Delivery, now: datetime) -> bool:
    claims = (number for number in delivery.claims.items() if number[0] in known.parts.items)
    return _in_order(known, claim, delivery, now) and all(number in known.stored for number in claims)


def _handed_in(connection: Connection, known: Known, claim: Claim, now: datetime, *, keys: Keys | None) -> Reply | None:
    assert keys is not None, "this database was opened without keys to sign with"
    note = {"attempt_id": known.id, "from_state": known.state, "to_state": "submitted", "reason": BY_CANDIDATE}
    rows = {"note": {**note, "by": claim.person_id, "at": now}, "receipt": new_receipt(keys, known, now)}
    if not _HAND_IN.run(connection, {**as_known(known, claim), "new_submitted": now}, rows):
        return None
    after = replace(known, state="submitted")
    remember(connection, after)
    return Reply(after, "submitted", (), (), ())


def _is_plain(attempt_id: int, delivery: Delivery) -> bool:
    return 0 < attempt_id <= LARGEST_ID and not delivery.take_over and not delivery.facts


def _in_order(known: Known, claim: Claim, delivery: Delivery, now: datetime) -> bool:
    """Whether the paper runs, in time, on this page, which was never silent for long."""
    return (
        known.state == "running"
        and known.device == delivery.device
        and known.person_id == claim.person_id
        and known.seen_at is not None
        and now - known.seen_at < SILENCE
        and standing_of_running(known.deadline_at, now) == "running"
    )


def _saved(connection: Connection, known: Known, claim: Claim, delivery: Delivery, *, arrival: Arrival) -> Reply | None:
    given = _only_new(known, delivery, arrival)
    if given is None:
        return None
    head, (row,) = following(known.head, [given], Sender(known.id, delivery.device, arrival.now))
    values = {**as_known(known, claim), "new_seq": head.server_seq, "new_hash": head.hash}
    page = presence_values(known.id, delivery, arrival.now)
    if not _SAVE.run(connection, values, {"event": row, "page": page}):
        return None
    after = known.after(head, [given], arrival.now)
    remember(connection, after)
    return Reply(after, "running", ((given.item, given.seq, head.server_seq),), (), ())


def _only_new(known: Known, delivery: Delivery, arrival: Arrival) -> Given | None:
    """The answer of the delivery, when it is a new one that counts and was not long on its way."""
    if known.head.server_seq >= MOST_ANSWERS or _was_delayed(delivery, arrival.now):
        return None
    situation = Situation(
        state=known.state,
        started_at=known.started_at,
        deadline_at=known.deadline_at,
        paused_at=known.paused_at,
        items=known.parts.items,
        stored=known.stored,
        holds=True,
    )
    verdicts = decide(
        situation, delivery.entries, lambda entry: arrival.beacon_time(entry.beacon or delivery.beacon), arrival.now
    )
    return verdicts.new[0] if verdicts.new else None


def _was_delayed(delivery: Delivery, now: datetime) -> bool:
    return any(entry.at is not None and now - entry.at >= DELAYED for entry in delivery.entries)

"""Answers that were left on a computer: delivered later by whoever uses it, shown to nobody, kept for a decision."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from question_bank.errors import RefusedResponse
from question_bank.scoring import parse_response
from training_app.errors import NotFound
from training_app.exams.paper.deciding import Given, Piled
from training_app.exams.paper.known import Known, look_up
from training_app.exams.paper.late import pile
from training_app.exams.paper.presence import note_once
from training_app.exams.paper.tokens import Tokens
from training_app.saves import Entry, Parcel

NO_SUCH_PARCEL = _l("These answers belong to no paper of this site.")


@dataclass(frozen=True, slots=True)
class Kept:
    """Item and number of each answer that is here now, and of each that is none to its paper."""

    kept: tuple[tuple[int, int], ...]
    refused: tuple[tuple[int, int], ...]


def take_in(session: Session, parcel: Parcel, *, tokens: Tokens, now: datetime) -> Kept:
    """What of the parcel is kept. An answer that is stored already is only said to be; every other one is piled.

    Raises NotFound for a token that is not of this site.
    """
    attempt_id = tokens.attempt_of_token(parcel.token)
    known = look_up(session, attempt_id) if attempt_id is not None else None
    if known is None:
        raise NotFound(NO_SUCH_PARCEL)
    kept, refused, piled = list[tuple[int, int]](), list[tuple[int, int]](), list[Piled]()
    for entry in parcel.entries:
        number = (entry.item, entry.seq)
        given = _given(known, entry, now)
        if given is None:
            refused.append(number)
            continue
        kept.append(number)
        stored = known.stored.get(number)
        if stored is None or stored.payload != given.payload:
            piled.append(Piled(given, "left_behind"))
    full = {(one.item, one.seq) for one in pile(session, known.id, piled, device=parcel.device, now=now)}
    if piled:
        note_once(session, known.id, "left_behind", now, device=parcel.device)
    return Kept(tuple(number for number in kept if number not in full), (*refused, *sorted(full)))


def _given(known: Known, entry: Entry, now: datetime) -> Given | None:
    item = known.parts.items.get(entry.item)
    if item is None or not entry.is_numbered:
        return None
    try:
        payload = parse_response(item, entry.payload)
    except RefusedResponse:
        return None
    captured_at = min(max(entry.at or now, known.started_at or now), now)
    return Given(entry.item, entry.seq, payload, captured_at)

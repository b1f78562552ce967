"""The late pile of a sitting as a person decides it: each answer beside the one that counts now. No key is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.items import Kind
from training_app.audit.services import Act
from training_app.bank.models import ItemVersion
from training_app.errors import NotFound, Refused
from training_app.exams.attempts import given_of
from training_app.exams.console.access import require_state
from training_app.exams.day_models import LateEvent
from training_app.exams.letters import in_letters
from training_app.exams.models import Attempt, FormItem
from training_app.exams.paper.late import decide_late
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting

Part = tuple[FormItem, Kind]
DECIDED_IN = frozenset({"open", "running", "closed", "released"})


@dataclass(frozen=True, slots=True)
class LateLine:
    """A late answer. now: what counts for its item, would: what would count; both in letters as on the paper."""

    id: int
    position: int
    why: str
    captured_at: datetime
    received_at: datetime
    now: str
    would: str
    decision: str | None


@dataclass(frozen=True, slots=True)
class LatePile:
    """The late answers of one candidate. ready: whether the attempt is handed in, so that they can be decided."""

    place: RosterPlace
    attempt: Attempt
    lines: tuple[LateLine, ...]
    ready: bool

    @property
    def waiting(self) -> int:
        """How many wait for a decision."""
        return sum(line.decision is None for line in self.lines)


def piles_of(session: Session, sitting: Sitting) -> list[LatePile]:
    """Every candidate with late answers, those that wait first."""
    events: dict[int, list[LateEvent]] = {}
    for event in session.scalars(
        select(LateEvent)
        .join(Attempt, Attempt.id == LateEvent.attempt_id)
        .where(Attempt.sitting_id == sitting.id)
        .order_by(LateEvent.id)
    ).all():
        events.setdefault(event.attempt_id, []).append(event)
    rows = session.execute(
        select(RosterPlace, Attempt)
        .join(Attempt, Attempt.id == RosterPlace.attempt_id)
        .where(RosterPlace.sitting_id == sitting.id, Attempt.id.in_(events))
        .order_by(RosterPlace.ticket_number)
    ).unique()
    forms: dict[int, dict[int, Part]] = {one.form_id: {} for one in sitting.forms}
    parts = session.execute(
        select(FormItem, ItemVersion.kind)
        .join(ItemVersion, ItemVersion.id == FormItem.item_version_id)
        .where(FormItem.form_id.in_(forms))
    )
    for part, kind in parts:
        forms[part.form_id][part.item_version_id] = (part, Kind(kind))
    piles = [
        _pile(session, (row.RosterPlace, row.Attempt), events[row.Attempt.id], forms[row.Attempt.form_id])
        for row in rows.all()
        if row.Attempt.form_id in forms
    ]
    return sorted(piles, key=lambda pile: not pile.waiting)


def _pile(
    session: Session, seat: tuple[RosterPlace, Attempt], events: Sequence[LateEvent], parts: Mapping[int, Part]
) -> LatePile:
    place, attempt = seat
    given = given_of(session, attempt)
    lines = []
    for event in (one for one in events if one.item_version_id in parts):
        (part, kind), counts = parts[event.item_version_id], given.get(event.item_version_id)
        lines.append(
            LateLine(
                event.id,
                part.position,
                event.why,
                event.captured_at,
                event.received_at,
                in_letters(kind, part.option_order, counts.response if counts else None) or _("no answer"),
                in_letters(kind, part.option_order, event.payload) or _("no answer"),
                event.decision,
            )
        )
    ready = attempt.state in {"submitted", "marking", "marked"}
    return LatePile(place, attempt, tuple(sorted(lines, key=lambda line: (line.position, line.id))), ready)


def decide_pile(
    session: Session, sitting: Sitting, place: RosterPlace, decisions: dict[int, str], *, reason: str, by: By
) -> int:
    """How many late answers of the candidate were decided, each "accepted" or "refused". Conflict as a whole when a
    colleague decided one of them first.
    """
    require_state(sitting, DECIDED_IN)
    if not decisions:
        raise Refused(_l("Choose for at least one answer whether it counts."))
    events = session.scalars(
        select(LateEvent).where(LateEvent.attempt_id == place.attempt_id, LateEvent.id.in_(decisions))
    ).all()
    if len(events) != len(decisions) or not set(decisions.values()) <= {"accepted", "refused"}:
        raise NotFound(_l("One of these answers is not in the late pile of this person. Load the page again."))
    for event in sorted(events, key=lambda one: one.id):
        decide_late(session, event, accepted=decisions[event.id] == "accepted", reason=reason, by=by)
    accepted = sum(decision == "accepted" for decision in decisions.values())
    details = {"accepted": accepted, "refused": len(decisions) - accepted}
    act = Act("late.decided", "sitting", *by.stamp(sitting), details)
    write_down(session, sitting, act, by, place=place, reason=reason)
    return len(decisions)

"""What happened to a paper and around it, in the order of time, from everything that was kept apart from answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from training_app.audit.words import act_name
from training_app.exams.day_models import DeadlineEvent, Gap, Incident, LateEvent, PaperFact, RoomNotice
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent

KINDS: Final = {
    "state": _l("State"),
    "clock": _l("Clock"),
    "gap": _l("Silence"),
    "fact": _l("At the page"),
    "late": _l("Late answer"),
    "incident": _l("Incident"),
    "notice": _l("Notice to the room"),
    "history": _l("Sitting"),
}
ATTEMPT_STATES: Final = {
    "created": _l("prepared"),
    "waiting": _l("in the waiting room"),
    "running": _l("running"),
    "paused": _l("paused"),
    "submitted": _l("handed in"),
    "marking": _l("being marked"),
    "marked": _l("marked"),
    "released": _l("released"),
    "voided": _l("void"),
}
FACTS: Final = {
    "opened": _l("The paper was opened"),
    "took_over": _l("The paper was taken over on this computer"),
    "elsewhere": _l("It was opened elsewhere too"),
    "left_window": _l("Left the window"),
    "left_full_screen": _l("Left the full screen"),
    "left_behind": _l("Answers left on a computer came in"),
    "wrong_seat": _l("Named a wrong seat"),
}
CLOCK_KINDS: Final = {
    "personal": _l("Personal time"),
    "compensation": _l("Time added"),
    "pause": _l("Pause"),
}
LATE_WHY: Final = {
    "late": _l("after the deadline"),
    "conflict": _l("the same number with another answer, or from a computer that did not hold the paper"),
    "paused": _l("during a pause"),
    "left_behind": _l("left behind on a computer"),
    "handed_in": _l("after the hand-in"),
}
NOT_EVIDENCE: Final = ("objection.decided",)
THE_DAY_BEGINS: Final = timedelta(hours=1)
"""How long before the beginning acts on the whole sitting belong to what happened to a paper."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline. until: the end of what lasted. by: who did it, None for the page or the clock."""

    at: datetime
    kind: str
    words: str
    details: str = ""
    until: datetime | None = None
    by: int | None = None
    device: str | None = None


def happenings(session: Session, sitting: Sitting, attempt: Attempt, place: RosterPlace | None) -> list[Happening]:
    """Everything that was kept about the attempt, its place, its room and the whole sitting, oldest first."""
    room_id = place.seat.room_id if place is not None and place.seat is not None else None
    place_id = place.id if place is not None else None
    found = [
        *_states(session, attempt),
        *_clock(session, attempt),
        *_page(session, attempt),
        *_late(session, attempt),
        *_told(session, sitting, (place_id, room_id)),
        *_history(session, sitting, place_id),
    ]
    return sorted(found, key=lambda happening: happening.at)


def _rows(session: Session, table: Any, attempt: Attempt) -> Sequence[Any]:
    return session.scalars(select(table).where(table.attempt_id == attempt.id).order_by(table.id)).all()


def _states(session: Session, attempt: Attempt) -> list[Happening]:
    return [
        Happening(event.at, "state", str(ATTEMPT_STATES.get(event.to_state, event.to_state)), by=event.by)
        for event in _rows(session, AttemptEvent, attempt)
    ]


def _clock(session: Session, attempt: Attempt) -> list[Happening]:
    return [
        Happening(
            event.at,
            "clock",
            str(_("%(kind)s: %(seconds)s s later", kind=CLOCK_KINDS[event.kind], seconds=event.seconds)),
            event.reason or "",
            by=event.by,
        )
        for event in _rows(session, DeadlineEvent, attempt)
    ]


def _page(session: Session, attempt: Attempt) -> list[Happening]:
    gaps = [Happening(gap.from_at, "gap", _silence(gap), until=gap.to_at) for gap in _rows(session, Gap, attempt)]
    facts = [
        Happening(fact.at, "fact", str(FACTS[fact.kind]), _fact_details(fact), device=fact.device)
        for fact in _rows(session, PaperFact, attempt)
    ]
    return gaps + facts


def _silence(gap: Gap) -> str:
    seconds = int((gap.to_at - gap.from_at).total_seconds())
    return str(ngettext("No sign of life for %(num)s s", "No sign of life for %(num)s s", seconds))


def _fact_details(fact: PaperFact) -> str:
    parts = [_("%(seconds)s s", seconds=fact.seconds)] if fact.seconds is not None else []
    parts += [str(fact.details[key]) for key in ("typed", "own") if key in fact.details]
    return " · ".join(parts)


def _late(session: Session, attempt: Attempt) -> list[Happening]:
    return [
        Happening(event.received_at, "late", str(_("Came in: %(why)s", why=LATE_WHY[event.why])), device=event.device)
        for event in _rows(session, LateEvent, attempt)
    ]


def _told(session: Session, sitting: Sitting, where: tuple[int | None, int | None]) -> list[Happening]:
    """Incidents and notices of the place, its room or the whole sitting."""
    incidents = session.scalars(select(Incident).where(_reaches(Incident, sitting, where)).order_by(Incident.id))
    notices = session.scalars(select(RoomNotice).where(_reaches(RoomNotice, sitting, where)).order_by(RoomNotice.id))
    return [
        *(Happening(one.at, "incident", one.text or _("erased"), by=one.by) for one in incidents),
        *(Happening(one.at, "notice", one.text or _("erased"), by=one.by) for one in notices),
    ]


def _reaches(table: Any, sitting: Sitting, where: tuple[int | None, int | None]) -> ColumnElement[bool]:
    place_id, room_id = where
    everybody = and_(table.place_id.is_(None), table.room_id.is_(None))
    in_room = and_(table.place_id.is_(None), table.room_id == (room_id or 0))
    return and_(table.sitting_id == sitting.id, or_(everybody, in_room, table.place_id == (place_id or 0)))


def _history(session: Session, sitting: Sitting, place_id: int | None) -> list[Happening]:
    of_all = and_(SittingEvent.place_id.is_(None), SittingEvent.at >= sitting.starts_at - THE_DAY_BEGINS)
    events = session.scalars(
        select(SittingEvent)
        .where(
            SittingEvent.sitting_id == sitting.id,
            or_(of_all, SittingEvent.place_id == (place_id or 0)),
            SittingEvent.act.not_in(NOT_EVIDENCE),
        )
        .order_by(SittingEvent.id)
    )
    return [Happening(event.at, "history", act_name(event.act), event.reason or "", by=event.by) for event in events]

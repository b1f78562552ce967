"""Observations on a home: what is on the air and what comes next; and as a step of the trainee's way."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from training_app.clock import shanghai_day
from training_app.observations.attendance import watched_by
from training_app.observations.listing import now_and_next
from training_app.observations.models import Observation
from training_app.observations.reach import may_host, standing_of
from training_app.observations.words import title_of
from training_app.people.rules import Holder


@dataclass(frozen=True, slots=True)
class ObservationStep:
    """A step of the track. state: "done", "current" or "todo"."""

    state: str
    word: str
    measure: str


@dataclass(frozen=True, slots=True)
class Live:
    """What a home shows: what is on the air or connects, what is planned next, and which of them the reader hosts."""

    now: list[Observation]
    next: list[Observation]
    hosted: frozenset[int]

    def is_hosted(self, observation: Observation) -> bool:
        """Whether the reader hosts it."""
        return observation.id in self.hosted


def live_for(session: Session, holder: Holder, now: datetime) -> Live:
    """What the home of this person shows."""
    shown, planned = now_and_next(session, holder, now)
    return Live(shown, planned, frozenset(one.id for one in (*shown, *planned) if may_host(holder, one)))


def observation_step(session: Session, holder: Holder, live: Live) -> ObservationStep:
    """What was watched for ever; else the next place; else what is on the air; else nothing yet."""
    watched = [one for one in watched_by(session, holder.id) if one.seconds]
    if watched:
        minutes = sum(one.seconds for one in watched) // 60
        day = f"{shanghai_day(watched[0].observation.starts_at):%Y-%m-%d}"
        return ObservationStep("done", _("%(minutes)s min watched", minutes=minutes), day)
    booked = next((one for one in live.next if standing_of(session, holder, one).place is not None), None)
    if booked is not None:
        day = f"{shanghai_day(booked.starts_at):%Y-%m-%d}"
        return ObservationStep("current", _("planned for %(day)s", day=day), title_of(booked))
    if live.now:
        return ObservationStep("current", _("on the air now"), title_of(live.now[0]))
    return ObservationStep("todo", _("none watched yet"), _("take a place in one"))

"""Who does something to an observation, and how it is written down: in the audit log and in its own history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.observations.models import Observation, ObservationEvent
from training_app.people.rules import Holder


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, from which address, when."""

    holder: Holder
    address: str | None
    now: datetime

    def stamp(self, observation: Observation) -> tuple[str, int, int, str, str | None]:
        """Kind and id of what is touched, actor, base and address, as an `Act` on the observation takes them."""
        return "observation", observation.id, self.holder.id, observation.base_id, self.address


def write_down(session: Session, observation: Observation, act: Act, by: By, *, reason: str | None = None) -> None:
    """The act stands in the audit log and in the history of the observation, in the transaction of the act itself."""
    details = dict(act.details) | ({"reason": reason} if reason else {})
    record(session, replace(act, details=details), by.now)
    _add_event(session, observation, act, (reason, by.holder.id, by.now))


def write_down_by_clock(session: Session, observation: Observation, act: Act, now: datetime) -> None:
    """What the clock did to an observation stands in the audit log and in its history, with nobody as the actor."""
    record(session, act, now)
    _add_event(session, observation, act, (None, None, now))


def _add_event(
    session: Session, observation: Observation, act: Act, what: tuple[str | None, int | None, datetime]
) -> None:
    reason, by, at = what
    details: Mapping[str, object] | None = dict(act.details) or None
    session.execute(
        insert(ObservationEvent).values(
            observation_id=observation.id,
            act=act.act,
            state=observation.state,
            details=details,
            reason=reason or None,
            by=by,
            at=at,
        )
    )


def change_stage(observation: Observation, now: datetime) -> None:
    """The media process must hear of what has changed. Before the observation is first opened it hears of nothing."""
    if observation.state != "planned" or observation.stage_version:
        observation.stage_version += 1
        observation.stage_changed_at = now

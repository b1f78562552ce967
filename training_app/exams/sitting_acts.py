"""Who does something to a sitting, and how it is written down: in the audit log and in the sitting's own history."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent
from training_app.people.rules import Holder


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, from which address, when."""

    holder: Holder
    address: str | None
    now: datetime

    def stamp(self, sitting: Sitting) -> tuple[int, int, str, str | None]:
        """Id of the sitting, actor, base and address, as an `Act` on the sitting takes them."""
        return sitting.id, self.holder.id, sitting.base_id, self.address


def write_down(
    session: Session, sitting: Sitting, act: Act, by: By, *, place: RosterPlace | None = None, reason: str | None = None
) -> None:
    """The act stands in the audit log and in the history of the sitting, in the transaction of the act itself."""
    details = dict(act.details)
    if place is not None:
        details["ticket"] = place.ticket_number
    if reason:
        details["reason"] = reason
    record(session, replace(act, details=details), by.now)
    session.execute(
        insert(SittingEvent).values(
            sitting_id=sitting.id,
            place_id=place.id if place else None,
            act=act.act,
            reason=reason or None,
            by=by.holder.id,
            at=by.now,
        )
    )


def write_down_by_clock(session: Session, sitting: Sitting, act: Act, now: datetime) -> None:
    """What the clock did to a sitting stands in the audit log and in its history, with nobody as the actor."""
    record(session, act, now)
    session.execute(insert(SittingEvent).values(sitting_id=sitting.id, act=act.act, at=now))

"""The end of a sitting: what still runs is handed in, who never came is absent, seats and people are free."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.services import release
from training_app.errors import Conflict, Refused
from training_app.exams.console.access import ON_THE_DAY
from training_app.exams.day.rules import BEGUN
from training_app.exams.models import Attempt
from training_app.exams.paper.clockwork import change_state
from training_app.exams.paper.handing_in import submit
from training_app.exams.paper.standing import BEFORE_START
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingRoom


@dataclass(frozen=True, slots=True)
class Ending:
    """How a sitting ended: people who had handed in or were handed in for, and people who never began."""

    sat: int
    handed_in_for: int
    absent: int


def end_sitting(session: Session, sitting: Sitting, reason: str, *, also_working: int, by: By) -> Ending:
    """The sitting is closed. also_working: how many at work the form showed; Refused when they are more by now.

    Refused too while somebody who has not begun still may. Conflict when a colleague ended it first.
    """
    if sitting.state not in ON_THE_DAY:
        raise Conflict(_l("This sitting has ended already, or was never open."))
    seats = session.execute(
        select(RosterPlace, Attempt)
        .outerjoin(Attempt, Attempt.id == RosterPlace.attempt_id)
        .where(RosterPlace.sitting_id == sitting.id, RosterPlace.state.in_(("expected", "sat")))
        .order_by(Attempt.id)
    ).unique()
    found = [(row.RosterPlace, row.Attempt) for row in seats.all()]
    if by.now <= sitting.latest_start_at and any(_never_began(attempt) for _place, attempt in found):
        raise Refused(_l("Until the latest start people may still begin. End the sitting after it."))
    working = [seat for seat in found if seat[1] is not None and seat[1].state in BEGUN]
    if len(working) > also_working:
        text = _l(
            "%(count)s people are still working. Look again, and end for them too if you mean it.", count=len(working)
        )
        raise Refused(text)
    absent = [_end_place(session, place, attempt, by) for place, attempt in found].count("absent")
    sitting.state, sitting.version = "closed", sitting.version + 1
    session.flush()
    _free(session, sitting)
    ending = Ending(len(found) - absent, len(working), absent)
    details = {"count": ending.sat, "handed_in_for": ending.handed_in_for, "absent": ending.absent}
    write_down(session, sitting, Act("sitting.closed", "sitting", *by.stamp(sitting), details), by, reason=reason)
    return ending


def _end_place(session: Session, place: RosterPlace, attempt: Attempt | None, by: By) -> str:
    """How the place ended: "sat" or "absent"."""
    if attempt is not None and attempt.state in BEGUN:
        submit(session, attempt, reason="sitting_ended", by=by.holder.id, now=by.now)
    never_began = _never_began(attempt)
    if attempt is not None and never_began:
        change_state(session, attempt, attempt.state, "voided", "absent", by=by.holder.id, at=by.now)
    outcome = "absent" if never_began else "sat"
    if place.state != outcome:
        place.state, place.version = outcome, place.version + 1
        session.flush()
    return outcome


def _never_began(attempt: Attempt | None) -> bool:
    return attempt is None or attempt.state in BEFORE_START


def _free(session: Session, sitting: Sitting) -> None:
    """Rooms, seats and people are free at once; duties stand, so that late answers can still be decided."""
    for table in (SittingRoom, InvigilatorDuty, RosterPlace):
        for booking in session.scalars(select(table.booking_id).where(table.sitting_id == sitting.id)).all():
            release(session, booking, ended=True)

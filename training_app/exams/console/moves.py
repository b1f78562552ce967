"""A candidate moved to another seat in the middle: the claim moves, and the new computer holds the paper."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.rules import resource
from training_app.bookings.services import change_resource
from training_app.errors import Conflict, Refused
from training_app.exams.console.access import ON_THE_DAY, SeatOf, require_state
from training_app.exams.models import Attempt
from training_app.exams.paper.standing import LIVE
from training_app.exams.setup.seating import usable_seats
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import Sitting


def move(session: Session, sitting: Sitting, seat: SeatOf, to: int | None, *, reason: str, by: By) -> None:
    """The person sits there from now on and goes on where the paper stood. Conflict when the seat has been taken."""
    place, attempt = seat
    require_state(sitting, ON_THE_DAY)
    if place.state not in {"expected", "sat"} or attempt is None or attempt.state not in LIVE:
        raise Conflict(_l("This person has finished, so no other seat is needed."))
    wanted = next((one for one in usable_seats(session, sitting) if one.id == to), None)
    before = place.seat
    if wanted is None or before is None or wanted.id == before.id:
        raise Refused(_l("This seat cannot be given. Choose one of the list."))
    change_resource(session, place.booking_id, resource("seat", before.id), resource("seat", wanted.id))
    place.seat_id, place.version = wanted.id, place.version + 1
    session.execute(update(Attempt).where(Attempt.id == attempt.id).values(device=None, version=Attempt.version + 1))
    session.flush()
    details = {"seat": [before.label, wanted.label]}
    act = Act("place.moved", "sitting", *by.stamp(sitting), details)
    write_down(session, sitting, act, by, place=place, reason=f"{before.label} → {wanted.label}: {reason}")
    session.expire(place, ["seat"])

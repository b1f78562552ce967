"""The coming sittings of a trainee, and what leads on from each: the door, the paper, the receipt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from training_app.bookings.models import Room
from training_app.clock import shanghai_day
from training_app.exams.day.door import Arrival, arrival_for, seat_and_room
from training_app.exams.day.photos import may_give_photo
from training_app.exams.day.rules import BEGUN, EARLIEST_OPENING
from training_app.exams.models import Attempt
from training_app.exams.setup.roster import coming_places
from training_app.exams.sitting_models import RosterPlace, Sitting

SOON: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A coming place. leads_to: "door", "paper", "receipt" or "" for nowhere yet. urgent: the door closes soon."""

    place: RosterPlace
    sitting: Sitting
    attempt: Attempt | None
    room: Room | None
    leads_to: str
    urgent: bool
    today: bool
    takes_photo: bool


def occasions_of(session: Session, person_id: int, now: datetime) -> list[Occasion]:
    """The person's places in sittings that are not over, next first."""
    return [_occasion(arrival_for(session, place), now) for place, _sitting in coming_places(session, person_id, now)]


def _occasion(arrival: Arrival, now: datetime) -> Occasion:
    sitting = arrival.sitting
    leads_to = _leads_to(arrival, now)
    _seat, room = seat_and_room(arrival)
    return Occasion(
        place=arrival.place,
        sitting=sitting,
        attempt=arrival.attempt,
        room=room,
        leads_to=leads_to,
        urgent=leads_to == "paper" or (leads_to == "door" and sitting.latest_start_at - now < SOON),
        today=leads_to != "" or shanghai_day(sitting.starts_at) == shanghai_day(now),
        takes_photo=may_give_photo(arrival),
    )


def _leads_to(arrival: Arrival, now: datetime) -> str:
    why = arrival.why_not(now)
    if why == "finished":
        return "receipt"
    if why == "early" and now >= arrival.sitting.starts_at - EARLIEST_OPENING:
        return "door"
    if why is not None:
        return ""
    return "paper" if arrival.attempt is not None and arrival.attempt.state in BEGUN else "door"

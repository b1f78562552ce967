"""At the door: whose ticket it is, who comes in now, and on which seat."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.bookings.models import Room, Seat
from training_app.clock import shanghai_day
from training_app.errors import NotFound, Refused
from training_app.exams.day.opening import open_if_due
from training_app.exams.day.rules import (
    MOST_WRONG_SEATS,
    OPENS_BEFORE,
    Coming,
    effective_start,
    is_due_to_open,
    same_seat,
    ticket_as_typed,
    why_not_admitted,
)
from training_app.exams.day_models import PaperFact
from training_app.exams.models import Attempt
from training_app.exams.paper.clockwork import change_state
from training_app.exams.setup.listing import title_of
from training_app.exams.setup.roster import coming_places
from training_app.exams.setup.seating import usable_seats
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder
from training_app.web.words import clock, moment

NO_PLACE = _l("You have no such place. Your coming sittings stand under Exams.")
REASONS = {
    "unknown": _l("There is no ticket with this number. Compare it with your admission ticket, digit by digit."),
    "another": _l("This ticket is somebody else's. Take your own; if this was handed to you, tell the invigilator."),
    "place_void": _l("This ticket counts no more: the place was given up or put off. Ask the invigilator."),
    "expelled": _l("You were excluded from this sitting. Ask the invigilator."),
    "finished": _l("You have handed in already: this examination is over for you."),
    "cancelled": _l("This sitting does not take place. You hear of a new date from your base."),
    "over": _l("This sitting is over."),
    "unprepared": _l("This sitting is not prepared yet. Tell the invigilator."),
}


class TurnedAway(Refused):
    """Somebody who does not come in; `why` is the reason of `rules.why_not_admitted`, or "unknown" or "another"."""

    def __init__(self, why: str, message: object, ticket: str, base: str | None = None) -> None:
        super().__init__(message)
        self.why = why
        self.ticket = ticket
        self.base = base


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person's place with its sitting and, once the sitting is prepared, the attempt."""

    place: RosterPlace
    sitting: Sitting
    attempt: Attempt | None

    @property
    def start(self) -> datetime:
        """When papers may begin."""
        return effective_start(self.sitting.starts_at, self.sitting.start_at)

    def why_not(self, now: datetime) -> str | None:
        """The reason why the person does not come in now, None when the door is open."""
        sitting = self.sitting
        state = self.attempt.state if self.attempt else None
        coming = Coming(self.place.state, sitting.state, state, sitting.starts_at, sitting.latest_start_at)
        return why_not_admitted(coming, now, same_day=shanghai_day(now) == shanghai_day(sitting.starts_at))

    def require_admitted(self, now: datetime) -> None:
        """Nothing, or TurnedAway with a sentence."""
        why = self.why_not(now)
        if why is not None:
            raise TurnedAway(why, self._sentence(why), self.place.ticket_number, self.sitting.base_id)

    def _sentence(self, why: str) -> object:
        sitting = self.sitting
        if why == "late":
            latest = moment(sitting.latest_start_at)
            return _l("The latest start was %(time)s; nobody begins after it. Tell the invigilator.", time=latest)
        if why == "early":
            opens = clock(sitting.starts_at - OPENS_BEFORE, False)
            return _l("The door opens at %(time)s, half an hour before the beginning. Come back then.", time=opens)
        if why == "other_day":
            return _l(
                "This ticket is for %(title)s on %(moment)s, not for today.",
                title=title_of(sitting),
                moment=moment(sitting.starts_at),
            )
        return REASONS[why]


def arrival_of(session: Session, holder: Holder, place_id: int) -> Arrival:
    """The person's own place. NotFound, the same for none and for another person's; the latter is noted."""
    place = session.get(RosterPlace, place_id) if place_id <= LARGEST_ID else None
    if place is None:
        raise NotFound(NO_PLACE)
    if place.person_id != holder.id:
        raise NotFound(NO_PLACE, act="exam.sit")
    return arrival_for(session, place)


def arrival_for(session: Session, place: RosterPlace) -> Arrival:
    """The place with its sitting and attempt."""
    attempt = session.get(Attempt, place.attempt_id) if place.attempt_id else None
    return Arrival(place, session.get_one(Sitting, place.sitting_id), attempt)


def arrive(session: Session, holder: Holder, typed: str, now: datetime) -> Arrival:
    """The own place of this ticket, when the person may come in now; the sitting opens when it is time.

    Raises TurnedAway with the reason in a sentence.
    """
    ticket = ticket_as_typed(typed)
    place = session.scalar(select(RosterPlace).where(RosterPlace.ticket_number == ticket))
    if place is None:
        raise TurnedAway("unknown", REASONS["unknown"], ticket)
    if place.person_id != holder.id:
        raise TurnedAway("another", REASONS["another"], ticket)
    arrival = arrival_for(session, place)
    open_if_due(session, arrival.sitting, now)
    try:
        arrival.require_admitted(now)
    except TurnedAway as refusal:
        other = _ticket_for_now(session, holder, place, now)
        if other is not None:
            text = _l("This is the ticket of another sitting. The one for now is %(number)s.", number=other)
            raise TurnedAway("other_sitting", text, ticket, refusal.base) from refusal
        raise
    return arrival


def _ticket_for_now(session: Session, holder: Holder, place: RosterPlace, now: datetime) -> str | None:
    """The number of another ticket of the person with which he or she could come in now."""
    for other, sitting in coming_places(session, holder.id, now):
        opens = is_due_to_open(sitting.state, sitting.starts_at, now)
        if other.id != place.id and (opens or sitting.state in {"open", "running"}):
            arrival = arrival_for(session, other)
            if arrival.why_not(now) is None:
                return other.ticket_number
    return None


def note_turned_away(session: Session, refusal: TurnedAway, who: tuple[int | None, str], now: datetime) -> None:
    """Who was turned away, with which ticket and why, stands in the audit log. who: person id and address."""
    person_id, address = who
    details = {"permission": "exam.sit", "path": "/door", "ticket": refusal.ticket, "why": refusal.why}
    act = Act("refused", "endpoint", "exams.door", person_id, refusal.base, address, details)
    record(session, act, now)


def confirm_seat(session: Session, arrival: Arrival, typed: str, by: By) -> str:
    """What the seat is that was typed: "right", "taken" by somebody else, "wrong", "unknown" here, or "unallocated".

    With the right one the person is in and waits. Any other is a fact that the console shows.
    """
    open_if_due(session, arrival.sitting, by.now)
    arrival.require_admitted(by.now)
    place, attempt = arrival.place, arrival.attempt
    assert attempt is not None, "who is admitted has an attempt"
    if place.seat is None:
        return "unallocated"
    if not same_seat(typed, place.seat.label):
        return _wrong_seat(session, arrival, typed, by.now)
    if place.entered_at is None:
        place.entered_at, place.version = by.now, place.version + 1
        session.flush()
    if attempt.state == "created":
        change_state(session, attempt, "created", "waiting", "entered", by=by.holder.id, at=by.now)
    return "right"


def _wrong_seat(session: Session, arrival: Arrival, typed: str, now: datetime) -> str:
    place, attempt = arrival.place, arrival.attempt
    assert attempt is not None and place.seat is not None
    named = [seat.id for seat in usable_seats(session, arrival.sitting) if same_seat(typed, seat.label)]
    holder = session.scalar(
        select(RosterPlace.id).where(
            RosterPlace.sitting_id == place.sitting_id,
            RosterPlace.seat_id.in_(named),
            RosterPlace.state.in_(("expected", "sat")),
        )
    )
    why = "unknown" if not named else "wrong" if holder is None else "taken"
    known = select(func.count()).where(PaperFact.attempt_id == attempt.id, PaperFact.kind == "wrong_seat")
    if (session.scalar(known) or 0) < MOST_WRONG_SEATS:
        details = {"typed": typed.strip()[:20], "own": place.seat.label, "why": why}
        session.execute(insert(PaperFact).values(attempt_id=attempt.id, kind="wrong_seat", details=details, at=now))
    return why


def seat_and_room(arrival: Arrival) -> tuple[Seat | None, Room | None]:
    """The seat of the place and its room, None where none is allocated."""
    seat = arrival.place.seat
    room = next((row.room for row in arrival.sitting.rooms if seat and row.room_id == seat.room_id), None)
    return seat, room

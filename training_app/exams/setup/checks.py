"""What is done and what is missing before a sitting can be prepared, and its rooms as they will be."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.errors import CannotAssemble
from training_app.bookings.models import Room, Seat
from training_app.exams.papers import blueprint_version
from training_app.exams.setup.confirmations import lines_on_confirmations
from training_app.exams.setup.drawing import drawing_for, what_lacks
from training_app.exams.setup.duties import open_duties
from training_app.exams.setup.preparing import expected_places
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting
from training_app.web.words import in_language, name_of


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the check list. lines: what is missing in detail. needed: whether preparing waits for it."""

    done: bool
    text: str
    lines: tuple[str, ...] = ()
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """A seat of a plan and who sits there."""

    seat: Seat
    place: RosterPlace | None


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room of a sitting. rows: its seats by row and place, None where there is no seat."""

    room: Room
    rows: tuple[tuple[Cell | None, ...], ...]
    duties: tuple[InvigilatorDuty, ...]
    taken: int
    usable: int


def room_plans(session: Session, sitting: Sitting, places: Sequence[RosterPlace]) -> list[RoomPlan]:
    """Every room of the sitting with seats, names and invigilators."""
    by_seat = {place.seat_id: place for place in places if place.seat_id is not None}
    duties = open_duties(session, sitting)
    return [
        RoomPlan(
            room=row.room,
            rows=_grid(row.room.seats, by_seat),
            duties=tuple(duty for duty in duties if duty.room_id == row.room_id),
            taken=sum(seat.id in by_seat for seat in row.room.seats),
            usable=sum(seat.usable for seat in row.room.seats),
        )
        for row in sitting.rooms
    ]


def _grid(seats: Sequence[Seat], by_seat: dict[int, RosterPlace]) -> tuple[tuple[Cell | None, ...], ...]:
    if not seats:
        return ()
    cells = {(seat.row, seat.place): Cell(seat, by_seat.get(seat.id)) for seat in seats}
    columns = range(min(seat.place for seat in seats), max(seat.place for seat in seats) + 1)
    rows = sorted({seat.row for seat in seats})
    return tuple(tuple(cells.get((row, column)) for column in columns) for row in rows)


def checks_of(session: Session, sitting: Sitting, plans: Sequence[RoomPlan], criteria: Criteria) -> list[Check]:
    """The check list of a planned sitting, in the order in which things are done."""
    places = expected_places(session, sitting)
    unseated = [place for place in places if place.seat_id is None]
    usable = sum(plan.usable for plan in plans)
    return [
        _rooms_check(plans, usable),
        _bank_check(session, sitting, criteria),
        Check(
            bool(places),
            _("People are placed: %(count)s", count=len(places)) if places else _("Nobody is placed yet"),
        ),
        _seats_check(places, unseated, usable),
        _duties_check(plans),
    ]


def _rooms_check(plans: Sequence[RoomPlan], usable: int) -> Check:
    names = ", ".join(name_of(plan.room) for plan in plans)
    return Check(usable > 0, _("Rooms are booked: %(names)s, %(seats)s usable seats", names=names, seats=usable))


def _bank_check(session: Session, sitting: Sitting, criteria: Criteria) -> Check:
    blueprint = blueprint_version(session, sitting.blueprint_version_id)
    lacking = what_lacks(session, sitting, criteria)
    if lacking is None and sitting.form_count > 1:
        return Check(
            True,
            _(
                "The bank holds enough for %(forms)s forms of %(items)s items",
                forms=sitting.form_count,
                items=blueprint.items,
            ),
        )
    if lacking is None:
        return Check(True, _("The bank fills the blueprint: %(items)s items", items=blueprint.items))
    lines = shortage_lines(lacking) + lines_on_confirmations(session, drawing_for(session, sitting, "trial"), criteria)
    if sitting.form_count > 1:
        return Check(False, _("The bank does not hold enough for %(forms)s forms yet", forms=sitting.form_count), lines)
    return Check(False, _("The bank does not fill the blueprint yet"), lines)


def shortage_lines(lacking: CannotAssemble) -> tuple[str, ...]:
    """What lacks, cell by cell, and why items of the bank cannot be drawn."""
    excluded = [
        _("%(count)s items are left out. %(reason)s", count=count, reason=in_language(reason))
        for reason, count in lacking.excluded
    ]
    return (*(in_language(shortage.said) for shortage in lacking.shortages), *excluded)


def _seats_check(places: Sequence[RosterPlace], unseated: Sequence[RosterPlace], usable: int) -> Check:
    if len(places) > usable:
        return Check(False, _("%(places)s people, but only %(seats)s usable seats", places=len(places), seats=usable))
    if unseated or not places:
        return Check(False, _("Seats are not allocated yet (%(count)s people without)", count=len(unseated)))
    return Check(True, _("Everybody has a seat"))


def _duties_check(plans: Sequence[RoomPlan]) -> Check:
    without = [name_of(plan.room) for plan in plans if not plan.duties]
    if without:
        return Check(False, _("No invigilator yet in: %(rooms)s", rooms=", ".join(without)), needed=False)
    return Check(True, _("Every room has an invigilator"), needed=False)

"""Rooms: the list, and the page of a room with its seats, hours, bookings and closures."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, render_template, request
from flask import Response as Answer
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, and_, cast, func, literal, select
from sqlalchemy.orm import Session, selectinload

from training_app.audit.models import AuditEntry
from training_app.audit.words import details_in_words
from training_app.bookings.closures import closures_of
from training_app.bookings.models import Booking, Claim, Kit, Room, Seat
from training_app.bookings.names import (
    ROOM_KIND_NAMES,
    STATE_NAMES,
    WEEKDAY_NAMES,
    hours_in_words,
    hours_of,
    occasion_name,
    span_in_words,
    spans_in_words,
    value_in_words,
)
from training_app.bookings.occupancy import Occupied, occupied
from training_app.bookings.reach import Bookable, bookables_within, kind_of, room_of
from training_app.bookings.rules import LIVE_STATES, Span
from training_app.lists import Column, Filter, ListSpec, list_page, list_rows, requested_export
from training_app.people.models import TrainingBase
from training_app.people.people_views import exported, names_of
from training_app.people.reach import bases_within
from training_app.people.rules import Holder
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session
from training_app.web.words import name_of

bp = Blueprint("bookings", __name__)

AHEAD: Final = timedelta(days=14)
LAST_ACTS: Final = 8

bp.add_app_template_filter(lambda kind: str(ROOM_KIND_NAMES[kind]), "room_kind")
bp.add_app_template_filter(occasion_name, "occasion_name")
bp.add_app_template_filter(span_in_words, "span")
bp.add_app_template_filter(lambda booking: span_in_words(Span(booking.starts_at, booking.ends_at)), "booking_span")
bp.add_app_template_filter(lambda details: details_in_words(details, value_in_words), "booking_details")

SEATS = (
    select(func.count(Seat.id))
    .where(Seat.room_id == Room.id, Seat.usable)
    .correlate(Room)
    .scalar_subquery()
    .label("seats")
)


def closed_now(table: type[Room] | type[Kit]) -> ColumnElement[bool]:
    """The condition that a closure stands at this moment."""
    name = literal("room:" if table is Room else "kit:") + cast(table.id, String)
    return (
        select(Claim.id)
        .join(Booking, Booking.id == Claim.booking_id)
        .where(
            Booking.kind == "closure",
            Claim.resource == name,
            Claim.state.in_(LIVE_STATES),
            Claim.starts_at <= now(),
            Claim.ends_at > now(),
        )
        .correlate(table)
        .exists()
    )


def state_filter(table: type[Room] | type[Kit]) -> Filter:
    """The choice by state."""
    closed, retired = closed_now(table), table.retired_at.is_not(None)
    conditions = {"in_use": and_(~closed, ~retired), "closed": and_(closed, ~retired), "retired": retired}
    return Filter("state", _l("State"), tuple(STATE_NAMES.items()), lambda value: conditions[value])


def base_filter(bases: Mapping[str, str], table: type[Room] | type[Kit]) -> Filter:
    """The choice by base. bases: id → name of those within reach."""
    return Filter("base", _l("Base"), tuple(bases.items()), lambda value: table.base_id == value)


def position_of_base(table: type[Room] | type[Kit]) -> Any:
    """The place of the base among the bases, to sort by."""
    return select(TrainingBase.position).where(TrainingBase.id == table.base_id).correlate(table).scalar_subquery()


def state_of(bookable: Bookable, closed: bool) -> str:
    """`retired`, `closed` or `in_use`."""
    return "retired" if bookable.retired_at else "closed" if closed else "in_use"


def rooms_spec(bases: Mapping[str, str]) -> ListSpec:
    """The list of rooms. Rows: Room, number of usable seats, whether it is closed now."""
    return ListSpec(
        columns=(
            Column("name_zh", _l("Chinese name"), lambda row: row.Room.name_zh, Room.name_zh),
            Column("name_en", _l("English name"), lambda row: row.Room.name_en, func.lower(Room.name_en)),
            Column("base", _l("Base"), lambda row: bases.get(row.Room.base_id, ""), position_of_base(Room)),
            Column("kind", _l("Kind"), lambda row: str(ROOM_KIND_NAMES[row.Room.kind]), Room.kind),
            Column("seats", _l("Seats"), lambda row: row.seats, SEATS, numeric=True),
            Column("hours", _l("Opening hours"), lambda row: hours_in_words(hours_of(row.Room.openings))),
            Column("state", _l("State"), lambda row: str(STATE_NAMES[state_of(row.Room, row.closed)])),
        ),
        default_sort="base",
        tie=Room.id,
        search=(Room.name_zh, Room.name_en, Room.note),
        filters=(
            base_filter(bases, Room),
            Filter("kind", _l("Kind"), tuple(ROOM_KIND_NAMES.items()), lambda value: Room.kind == value),
            state_filter(Room),
        ),
    )


def names_of_bases(session: Session, holder: Holder) -> dict[str, str]:
    """The bases within reach: id → name."""
    return {base.id: name_of(base) for base in bases_within(session, holder, "rooms.read")}


@bp.get("/rooms")
@permit("rooms.read")
def rooms() -> str | Answer:
    """Every room of the bases within reach."""
    session = read_session()
    holder = me().holder
    spec = rooms_spec(names_of_bases(session, holder))
    statement: Any = (  # of a room and two facts: lists take the rows as they come
        select(Room, SEATS, closed_now(Room).label("closed"))
        .where(bookables_within(Room, holder))
        .options(selectinload(Room.openings))
    )
    kind = requested_export(request.args)
    if kind:
        return exported(spec, list_rows(session, statement, spec, request.args), kind, "rooms")
    page = list_page(session, statement, spec, request.args)
    return render_template("bookings/rooms.html", page=page, state_of=state_of)


@bp.get("/rooms/<int:number>")
@permit("rooms.read")
def room(number: int) -> str:
    """A room: particulars, hours, seats, what is booked in the next days, closures."""
    session = read_session()
    holder = me().holder
    found = room_of(session, holder, "rooms.read", number)
    by_day = {day: [h for h in hours_of(found.openings) if h.weekday == day] for day in range(7)}
    week = [(name, spans_in_words(by_day[day])) for day, name in enumerate(WEEKDAY_NAMES)]
    return render_template(
        "bookings/room.html", subject=found, week=week, plan=plan_of(found), **told_of(session, holder, found)
    )


def plan_of(found: Room) -> dict[str, Any]:
    """The seats as a grid: its width, and for each row its number and the seat of each place (None: a gap)."""
    width = max((seat.place for seat in found.seats), default=0)
    rows: dict[int, list[Seat | None]] = {}
    for seat in found.seats:
        rows.setdefault(seat.row, [None] * width)[seat.place - 1] = seat
    usable = sum(seat.usable for seat in found.seats)
    return {"width": width, "rows": rows, "usable": usable, "unusable": len(found.seats) - usable}


def told_of(session: Session, holder: Holder, found: Bookable) -> dict[str, Any]:
    """What the pages of rooms and of kit both tell: base, state, bookings ahead, closures, last acts, rights."""
    ahead = occupied(session, found, Span(now(), now() + AHEAD), now())
    acts = last_acts(session, holder, found)
    return {
        "kind": kind_of(found),
        "base": session.get_one(TrainingBase, found.base_id),
        "state": state_of(found, _is_closed(ahead)),
        "ahead": ahead,
        "closures": closures_of(session, found, now()),
        "acts": acts,
        "names": names_of(session, {entry.actor_id for entry in acts}),
        "edits": holder.reaches("rooms.edit", found.base_id),
    }


def _is_closed(ahead: list[Occupied]) -> bool:
    return any(one.kind == "closure" and one.span.start <= now() for one in ahead)


def last_acts(session: Session, holder: Holder, found: Bookable) -> list[AuditEntry]:
    """The last acts on it, newest first, for who may read the chain of its base."""
    if not holder.reaches("audit.read", found.base_id):
        return []
    statement = select(AuditEntry).where(
        AuditEntry.object_kind == kind_of(found), AuditEntry.object_id == str(found.id)
    )
    return list(session.scalars(statement.order_by(AuditEntry.id.desc()).limit(LAST_ACTS)))

"""Sittings planned and changed: rooms and times booked all together or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, insert, select, true, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bank.models import BlueprintVersion
from training_app.bookings.models import Room
from training_app.bookings.rules import Hours, Span, in_order, resource, within_hours
from training_app.bookings.services import Request, book, release, take_turns
from training_app.clock import SHANGHAI, shanghai_day
from training_app.errors import Conflict, NotFound, Refused
from training_app.exams.marking.stages import void_released_results
from training_app.exams.rules import CAN_BE_SET_ANEW, CHANGEABLE, SITTING_CHANGES, Times, may_become, times_fault
from training_app.exams.setup.preparing import unprepare, void_all_attempts
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingRoom
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import ALL_BASES, Holder
from training_app.web.words import name_of

NO_SITTING = _l("There is no such sitting within your reach.")
CLOSED = _l("This sitting can no longer be changed.")
TIMES = {
    "past": _l("The sitting begins in the past. Choose a later time."),
    "far": _l("The sitting lies more than five years ahead. Look at the year."),
    "latest_start": _l("The latest start lies before the beginning."),
    "end": _l("Who begins at the latest start needs the whole length: keep the rooms longer."),
}
CHANGED_MEANWHILE = _l(
    "Somebody else changed this sitting while you were editing. Compare with what stands there now; "
    "saving again puts yours in its place."
)


class RoomRefused(Conflict):
    """A room cannot be had at that time; the message names it."""


class ChangedMeanwhile(Conflict):
    """Somebody else changed the sitting since it was shown."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is entered for a sitting. rooms: ids. replaces_id: the sitting that this one sets anew."""

    title_zh: str
    title_en: str
    blueprint_version_id: int
    times: Times
    rooms: tuple[int, ...]
    replaces_id: int | None = None


def sittings_within(holder: Holder, permission: str) -> ColumnElement[bool]:
    """The condition on Sitting that `permission` of `holder` sets."""
    bases = holder.bases_for(permission)
    return true() if bases == ALL_BASES else Sitting.base_id.in_(bases)


def sitting_within(
    session: Session, holder: Holder, permission: str, sitting_id: int, *, to_change: bool = False
) -> Sitting:
    """The sitting with this id. NotFound, the same for none and for another base's; the latter is noted.

    to_change: the row stays locked to the end of the transaction, so that acts on one sitting follow each other.
    """
    lock = {"of": Sitting} if to_change else None
    sitting = session.get(Sitting, sitting_id, with_for_update=lock) if sitting_id <= LARGEST_ID else None
    if sitting is None:
        raise NotFound(NO_SITTING)
    if not holder.reaches(permission, sitting.base_id):
        raise NotFound(NO_SITTING, act=permission)
    return sitting


def require_changeable(sitting: Sitting) -> None:
    """Nothing, or Refused when times, rooms and roster stand."""
    if sitting.state not in CHANGEABLE:
        raise Refused(CLOSED)


def span_of(sitting: Sitting) -> Span:
    """The time for which rooms, seats and people are taken."""
    return Span(sitting.starts_at, sitting.ends_at)


def times_of(sitting: Sitting) -> Times:
    """The times of the sitting as the rules see them."""
    length = timedelta(seconds=sitting.length_s)
    return Times(sitting.starts_at, sitting.latest_start_at, sitting.ends_at, length)


def plan(session: Session, base: str, entered: Plan, by: By) -> Sitting:
    """The planned sitting with its rooms, or a refusal and nothing."""
    if not by.holder.reaches("sittings.edit", base):
        raise NotFound(NO_SITTING, act="sittings.edit")
    _require_sound(session, entered, by.now)
    if entered.replaces_id is not None:
        _require_former(session, base, entered.replaces_id, by)
    sitting = Sitting(base_id=base, state="planned", made_by=by.holder.id, made_at=by.now)
    sitting.replaces_id = entered.replaces_id
    _take_over(sitting, entered)
    session.add(sitting)
    session.flush()
    _book_rooms(session, sitting, entered.rooms, by)
    details = {"starts": _local(sitting.starts_at), "title": sitting.title_zh}
    write_down(session, sitting, Act("sitting.planned", "sitting", *by.stamp(sitting), details), by)
    return sitting


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _require_former(session: Session, base: str, former_id: int, by: By) -> None:
    former = sitting_within(session, by.holder, "sittings.edit", former_id)
    if former.base_id != base or former.state not in CAN_BE_SET_ANEW:
        raise Refused(_l("Only a sitting of this base that was declared void or cancelled is set anew."))


def _require_sound(session: Session, entered: Plan, now: datetime) -> None:
    fault = times_fault(entered.times, now)
    if fault is not None:
        raise Refused(TIMES[fault])
    version = session.get(BlueprintVersion, entered.blueprint_version_id)
    if version is None or version.purpose != "certification":
        raise Refused(_l("Choose a blueprint of a certification examination."))


def _take_over(sitting: Sitting, entered: Plan) -> None:
    times = entered.times
    sitting.title_zh, sitting.title_en = entered.title_zh, entered.title_en
    sitting.blueprint_version_id = entered.blueprint_version_id
    sitting.in_force_on = shanghai_day(times.starts_at)
    sitting.starts_at, sitting.latest_start_at, sitting.ends_at = (
        times.starts_at,
        times.latest_start_at,
        times.ends_at,
    )
    sitting.length_s = int(times.length.total_seconds())


def _book_rooms(session: Session, sitting: Sitting, rooms: Iterable[int], by: By) -> None:
    wanted = sorted(set(rooms))
    if not wanted:
        raise RoomRefused(_l("Choose at least one room."))
    take_turns(session, in_order(resource("room", number) for number in wanted))
    for number in wanted:
        room = _open_room(session, sitting, number)
        request = Request(
            "sitting_room",
            ("sitting", sitting.id),
            sitting.base_id,
            span_of(sitting),
            (resource("room", number),),
            made_by=by.holder.id,
        )
        try:
            booking = book(session, request, by.now)
        except Conflict as taken:
            raise RoomRefused(_l("%(room)s: %(why)s", room=name_of(room), why=taken.message)) from taken
        values = {"sitting_id": sitting.id, "room_id": number, "booking_id": booking.id}
        session.execute(insert(SittingRoom).values(values))
    session.expire(sitting, ["rooms"])


def _open_room(session: Session, sitting: Sitting, number: int) -> Room:
    room = session.get(Room, number) if 0 < number <= LARGEST_ID else None
    if room is None or room.base_id != sitting.base_id or room.kind != "exam" or room.retired_at is not None:
        raise RoomRefused(_l("One of the rooms is no exam room in use at this base."))
    local = Span(sitting.starts_at.astimezone(SHANGHAI), sitting.ends_at.astimezone(SHANGHAI))
    if not within_hours(local, [Hours(h.weekday, h.from_minute, h.to_minute) for h in room.openings]):
        raise RoomRefused(_l("%(room)s is not open for the whole time. See its opening hours.", room=name_of(room)))
    return room


def change(session: Session, sitting: Sitting, entered: Plan, *, reason: str, by: By) -> None:
    """The sitting as entered. With other times or rooms every claim moves, or nothing does.

    A drawn form is given up when the day or the blueprint is another one.
    """
    require_changeable(sitting)
    _require_sound(session, entered, by.now)
    before = (sitting.starts_at, sitting.ends_at, {row.room_id for row in sitting.rooms})
    law = (sitting.in_force_on, sitting.blueprint_version_id)
    _take_over(sitting, entered)
    sitting.version += 1
    session.flush()
    for place in sitting.places:
        if not times_of(sitting).room_for(timedelta(seconds=place.personal_time_s)) and place.state == "expected":
            raise Refused(_l("%(name)s has personal time: keep the rooms longer.", name=name_of(place.person)))
    if sitting.state == "prepared" and law != (sitting.in_force_on, sitting.blueprint_version_id):
        unprepare(session, sitting, by)
    postponed = before[:2] != (sitting.starts_at, sitting.ends_at)
    if postponed or before[2] != set(entered.rooms):
        _move_all(session, sitting, entered.rooms, by)
    details = {"starts": [_local(before[0]), _local(sitting.starts_at)]} if postponed else {}
    act = (
        Act("sitting.postponed", "sitting", *by.stamp(sitting), details)
        if postponed
        else Act("sitting.changed", "sitting", *by.stamp(sitting), details)
    )
    write_down(session, sitting, act, by, reason=reason)


def claim_version(sitting: Sitting, seen: int) -> None:
    """Nothing when the sitting still has the version that was shown, else ChangedMeanwhile."""
    if sitting.version != seen:
        raise ChangedMeanwhile(CHANGED_MEANWHILE)


def _move_all(session: Session, sitting: Sitting, rooms: tuple[int, ...], by: By) -> None:
    """Rooms, duties and places are booked anew at the times of the sitting; seats of rooms given up are free."""
    duties = _duties(session, sitting, rooms)
    places = _places(session, sitting, rooms)
    takers = [*(person for _, person, _ in duties), *(person for _, person, _, _ in places)]
    seats = [resource("seat", seat) for *_, seat in places if seat]
    kept = [resource("room", room) for room in rooms]
    take_turns(session, in_order([*(resource("person", person) for person in takers), *kept, *seats]))
    for booking in [*(d[2] for d in duties), *(p[2] for p in places), *(row.booking_id for row in sitting.rooms)]:
        release(session, booking)
    session.execute(delete(SittingRoom).where(SittingRoom.sitting_id == sitting.id))
    session.expire(sitting)
    _book_rooms(session, sitting, rooms, by)
    for duty, person, _ in duties:
        booking = book_person(session, sitting, "duty", (person, None), by=by)
        session.execute(update(InvigilatorDuty).where(InvigilatorDuty.id == duty).values(booking_id=booking))
    for place, person, _, seat in places:
        booking = book_person(session, sitting, "exam_place", (person, seat), by=by)
        values = {"booking_id": booking, "seat_id": seat, "version": RosterPlace.version + 1}
        session.execute(update(RosterPlace).where(RosterPlace.id == place).values(values))
    session.expire_all()


def _duties(session: Session, sitting: Sitting, rooms: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(duty, person, booking) of every open duty. Refused when one is in a room that is given up."""
    found = session.scalars(
        select(InvigilatorDuty).where(InvigilatorDuty.sitting_id == sitting.id, InvigilatorDuty.ended_at.is_(None))
    ).all()
    for duty in found:
        if duty.room_id not in rooms:
            who = name_of(duty.person)
            raise RoomRefused(_l("%(name)s invigilates in a room that is given up. End that duty first.", name=who))
    return [(duty.id, duty.person_id, duty.booking_id) for duty in found]


def _places(session: Session, sitting: Sitting, rooms: tuple[int, ...]) -> list[tuple[int, int, int, int | None]]:
    """(place, person, booking, seat) of everybody expected; seat None where the room is given up."""
    found = session.scalars(
        select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.state == "expected")
    ).all()
    return [
        (
            place.id,
            place.person_id,
            place.booking_id,
            place.seat_id if place.seat and place.seat.room_id in rooms else None,
        )
        for place in found
    ]


def book_person(session: Session, sitting: Sitting, kind: str, who: tuple[int, int | None], *, by: By) -> int:
    """Id of the booking of a person and, when there is one, a seat, for the time of the sitting."""
    person, seat = who
    wanted = [resource("person", person), *([resource("seat", seat)] if seat else [])]
    request = Request(
        kind,
        ("sitting", sitting.id),
        sitting.base_id,
        span_of(sitting),
        tuple(wanted),
        person_id=person,
        made_by=by.holder.id,
    )
    return book(session, request, by.now).id


def cancel(session: Session, sitting: Sitting, reason: str, by: By) -> None:
    """The sitting does not take place: every room, seat and person is free again, and places are void."""
    _end(session, sitting, "cancelled", ("expected",), by=by)
    write_down(session, sitting, Act("sitting.cancelled", "sitting", *by.stamp(sitting)), by, reason=reason)


def declare_void(session: Session, sitting: Sitting, reason: str, by: By) -> None:
    """The sitting counts for nobody, whatever was released; it can be set anew, with its people."""
    void_released_results(session, sitting, by)
    _end(session, sitting, "void", ("expected", "sat", "absent", "deferred"), by=by)
    write_down(session, sitting, Act("sitting.voided", "sitting", *by.stamp(sitting)), by, reason=reason)


def _end(session: Session, sitting: Sitting, state: str, ending: tuple[str, ...], *, by: By) -> None:
    """The sitting has that state, and places whose state is one of `ending` are void."""
    if not may_become(SITTING_CHANGES, sitting.state, state):
        raise Refused(CLOSED)
    void_all_attempts(session, sitting, state, by)
    open_duty = (InvigilatorDuty.sitting_id == sitting.id, InvigilatorDuty.ended_at.is_(None))
    standing = (RosterPlace.sitting_id == sitting.id, RosterPlace.state.in_(ending))
    bookings = [
        *session.scalars(select(SittingRoom.booking_id).where(SittingRoom.sitting_id == sitting.id)),
        *session.scalars(select(InvigilatorDuty.booking_id).where(*open_duty)),
        *session.scalars(select(RosterPlace.booking_id).where(*standing)),
    ]
    sitting.state, sitting.version = state, sitting.version + 1
    session.flush()
    for booking in bookings:
        release(session, booking)
    session.execute(update(InvigilatorDuty).where(*open_duty).values(ended_at=by.now))
    session.execute(update(RosterPlace).where(*standing).values(state="void", version=RosterPlace.version + 1))
    session.expire_all()

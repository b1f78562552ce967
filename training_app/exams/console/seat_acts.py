"""What is done at one seat: document looked at, incident, notice, hand-in for somebody, exclusion, absence."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.services import release
from training_app.errors import Conflict, Refused
from training_app.exams.console.access import ON_THE_DAY, SeatOf, require_state, room_named
from training_app.exams.day.rules import BEGUN
from training_app.exams.day_models import Incident, RoomNotice
from training_app.exams.paper.clockwork import change_state
from training_app.exams.paper.handing_in import submit
from training_app.exams.paper.standing import BEFORE_START, HANDED_IN, LIVE
from training_app.exams.rules import PLACE_CHANGES, may_become
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting

NOT_NOW = _l("This cannot be done at this seat any more. Look at it as it is now.")
WITH_PEOPLE = ON_THE_DAY | {"closed"}
NOTED_IN = WITH_PEOPLE | {"prepared"}


def mark_document(session: Session, sitting: Sitting, seat: SeatOf, outcome: str, *, reason: str, by: By) -> None:
    """Whether an identity document was seen: outcome, time and who are kept, never a number."""
    place, _attempt = seat
    require_state(sitting, ON_THE_DAY)
    if place.state not in {"expected", "sat"}:
        raise Conflict(NOT_NOW)
    if outcome != "seen" and not reason:
        raise Refused(_l("Say what is missing or doubtful."))
    place.document_outcome, place.document_seen_at, place.document_seen_by = outcome, by.now, by.holder.id
    place.version += 1
    session.flush()
    act = Act("document.marked", "sitting", *by.stamp(sitting), {"outcome": outcome})
    write_down(session, sitting, act, by, place=place, reason=reason)


def note_incident(session: Session, sitting: Sitting, where: RosterPlace | int | None, text: str, *, by: By) -> None:
    """What happened at a place, in a room (its id) or in the whole sitting, in words."""
    require_state(sitting, NOTED_IN)
    at = _at(where)
    act = Act("incident.noted", "sitting", *by.stamp(sitting), room_named(sitting, at["room_id"]))
    session.execute(insert(Incident).values(sitting_id=sitting.id, **at, text=text, by=by.holder.id, at=by.now))
    write_down(session, sitting, act, by, place=where if isinstance(where, RosterPlace) else None, reason=text)


def tell(session: Session, sitting: Sitting, where: RosterPlace | int | None, text: str, *, by: By) -> None:
    """A sentence that the papers of a place, of a room (its id) or of everybody show with their next sign of life."""
    require_state(sitting, ON_THE_DAY)
    at = _at(where)
    act = Act("notice.told", "sitting", *by.stamp(sitting), room_named(sitting, at["room_id"]))
    session.execute(insert(RoomNotice).values(sitting_id=sitting.id, **at, text=text, by=by.holder.id, at=by.now))
    write_down(session, sitting, act, by, place=where if isinstance(where, RosterPlace) else None, reason=text)


def _at(where: RosterPlace | int | None) -> dict[str, int | None]:
    return {
        "room_id": where if isinstance(where, int) else None,
        "place_id": where.id if isinstance(where, RosterPlace) else None,
    }


def hand_in_for(session: Session, sitting: Sitting, seat: SeatOf, reason: str, *, by: By) -> None:
    """What is stored of the person is handed in; nothing can be added afterwards. Conflict when it is already."""
    place, attempt = seat
    require_state(sitting, ON_THE_DAY)
    if attempt is None or attempt.state not in BEGUN:
        raise Conflict(NOT_NOW)
    submit(session, attempt, reason="handed_in_for", by=by.holder.id, now=by.now)
    _end_place(session, place, "sat")
    act = Act("attempt.handed_in_for", "sitting", *by.stamp(sitting))
    write_down(session, sitting, act, by, place=place, reason=reason)


def expel(session: Session, sitting: Sitting, seat: SeatOf, reason: str, *, by: By) -> None:
    """The person is excluded 违纪: what was answered is handed in and stored, and counts for nothing."""
    place, attempt = seat
    require_state(sitting, WITH_PEOPLE)
    if attempt is None or not may_become(PLACE_CHANGES, place.state, "expelled"):
        raise Conflict(NOT_NOW)
    if attempt.state in BEGUN:
        submit(session, attempt, reason="expelled", by=by.holder.id, now=by.now)
    session.refresh(attempt)
    if attempt.state in LIVE | HANDED_IN:
        change_state(session, attempt, attempt.state, "voided", "expelled", by=by.holder.id, at=by.now)
    session.refresh(place)
    _end_place(session, place, "expelled")
    write_down(session, sitting, Act("place.expelled", "sitting", *by.stamp(sitting)), by, place=place, reason=reason)


def mark_absent(session: Session, sitting: Sitting, seat: SeatOf, reason: str, *, by: By) -> None:
    """The person did not come 缺考. Not before the latest start; the seat is free."""
    place, _attempt = seat
    require_state(sitting, ON_THE_DAY)
    if by.now <= sitting.latest_start_at:
        raise Refused(_l("Until the latest start the person may still come. Mark the absence after it."))
    _leave(session, seat, "absent", by)
    write_down(session, sitting, Act("place.absent", "sitting", *by.stamp(sitting)), by, place=place, reason=reason)


def put_off(session: Session, sitting: Sitting, seat: SeatOf, reason: str, *, by: By) -> None:
    """The person sits at a later sitting 缓考. Not once the paper has begun."""
    place, _attempt = seat
    require_state(sitting, ON_THE_DAY)
    _leave(session, seat, "deferred", by)
    write_down(session, sitting, Act("place.deferred", "sitting", *by.stamp(sitting)), by, place=place, reason=reason)


def _leave(session: Session, seat: SeatOf, state: str, by: By) -> None:
    place, attempt = seat
    if not may_become(PLACE_CHANGES, place.state, state):
        raise Conflict(NOT_NOW)
    if attempt is not None and attempt.state in BEFORE_START:
        change_state(session, attempt, attempt.state, "voided", state, by=by.holder.id, at=by.now)
    if attempt is not None and attempt.state != "voided":
        raise Conflict(_l("This person has begun, so the place ends as sat."))
    place.state, place.seat_id, place.version = state, None, place.version + 1
    session.flush()
    release(session, place.booking_id)


def _end_place(session: Session, place: RosterPlace, state: str) -> None:
    if place.state != state:
        place.state, place.version = state, place.version + 1
        session.flush()

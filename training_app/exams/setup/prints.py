"""Papers of a sitting as PDF: admission tickets, seat plan, door list."""

from collections.abc import Callable, Mapping

from flask import Response as Answer
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from question_bank.texts import Text
from training_app.bookings.models import Room
from training_app.documents.lists import Candidate, RoomSheet, door_list, seat_plan
from training_app.documents.lists import Seat as SeatOnPaper
from training_app.documents.tickets import TicketSheet, admission_tickets
from training_app.errors import NotFound
from training_app.exams.day.photos import kept_photo
from training_app.exams.setup.dealing import alike_seats, letters_of
from training_app.exams.setup.preparing import expected_places
from training_app.exams.setup.roster import own_place
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.exams.views import bp
from training_app.files.serving import store
from training_app.people.models import TrainingBase
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session
from training_app.web.words import language

RULES = (
    Text("请于开考前30分钟到达考场。", "Be at the room 30 minutes before the beginning."),
    Text(
        "座位须与本证一致；如有不符，请告知监考员。",
        "The seat must be the one on this ticket; if not, tell the invigilator.",
    ),
    Text(
        "手机等通信设备须关闭并交由监考员保管。",
        "Phones and other devices are switched off and left with the invigilator.",
    ),
    Text("设备故障时请举手，不要自行重启。", "If the computer fails, raise your hand; do not restart it."),
    Text("交卷后经监考员确认方可离场。", "Leave when the invigilator has confirmed that your answers arrived."),
)


@bp.get("/sittings/<int:sitting_id>/tickets.pdf")
@permit("sittings.read")
def tickets_pdf(sitting_id: int) -> Answer:
    """The admission tickets of everybody expected."""
    session = read_session()
    sitting = sitting_within(session, me().holder, "sittings.read", sitting_id)
    sheets = [ticket_sheet(session, sitting, place) for place in expected_places(session, sitting)]
    if not sheets:
        raise NotFound(_l("Nobody is expected at this sitting, so there is no ticket to print."))
    return _pdf(admission_tickets(sheets, language(), now()), f"tickets-{sitting.id}")


@bp.get("/exams/places/<int:place_id>/ticket.pdf")
@permit("entry.take")
def own_ticket_pdf(place_id: int) -> Answer:
    """The admission ticket of one's own coming place."""
    session = read_session()
    place, sitting = own_place(session, me().id, place_id, now())
    return _pdf(admission_tickets([ticket_sheet(session, sitting, place)], language(), now()), place.ticket_number)


@bp.get("/sittings/<int:sitting_id>/door-list.pdf")
@permit("sittings.read")
def door_list_pdf(sitting_id: int) -> Answer:
    """Who sits in which room, by name for the door and by seat to sign."""
    # who signs reads it, and it hangs at the door: so without the letters of the forms
    return _list_pdf(sitting_id, door_list, "door-list", with_forms=False)


@bp.get("/sittings/<int:sitting_id>/seat-plan.pdf")
@permit("sittings.read")
def seat_plan_pdf(sitting_id: int) -> Answer:
    """The rooms with their seats and names."""
    return _list_pdf(sitting_id, seat_plan, "seat-plan", with_forms=True)


def _list_pdf(sitting_id: int, made: Callable[..., bytes], name: str, *, with_forms: bool) -> Answer:
    session = read_session()
    sitting = sitting_within(session, me().holder, "sittings.read", sitting_id)
    letters = letters_of(session, sitting.id) if with_forms else {}
    alike = alike_seats(session, sitting.id) if with_forms else {}
    return _pdf(made(room_sheets(session, sitting, letters, alike), language(), now()), f"{name}-{sitting.id}")


def _pdf(content: bytes, name: str) -> Answer:
    return Answer(
        content, mimetype="application/pdf", headers={"Content-Disposition": f"attachment; filename={name}.pdf"}
    )


def ticket_sheet(session: Session, sitting: Sitting, place: RosterPlace) -> TicketSheet:
    """What the ticket of this place says."""
    person = place.person
    room = session.get_one(Room, place.seat.room_id) if place.seat else None
    return TicketSheet(
        name_zh=person.name_zh,
        name_en=person.name_en,
        staff_number=person.staff_number or "",
        organisation=_names(person.organisation) if person.organisation else None,
        ticket_number=place.ticket_number,
        title=Text(sitting.title_zh, sitting.title_en),
        base=_names(session.get_one(TrainingBase, sitting.base_id)),
        room=_names(room) if room else Text("见考场公告", "See the notice at the base"),
        seat_label=place.seat.label if place.seat else "",
        starts_at=sitting.starts_at,
        latest_start_at=sitting.latest_start_at,
        length_minutes=sitting.length_s // 60,
        personal_minutes=place.personal_time_s // 60,
        rules=RULES,
        demonstration=current_app.extensions["demonstration"],
        photo=photo_on_ticket(session, place),
    )


def photo_on_ticket(session: Session, place: RosterPlace) -> bytes | None:
    """The photograph that the candidate gave, None when there is none."""
    kept = kept_photo(session, place.id, now()) if place.photo else None
    try:
        return store().path_of(kept.digest).read_bytes() if kept else None
    except FileNotFoundError:
        return None


def room_sheets(
    session: Session, sitting: Sitting, letters: Mapping[int, str], alike: Mapping[int, tuple[str, ...]]
) -> list[RoomSheet]:
    """The rooms of the sitting as the lists take them; who has no seat yet stands with the first room.

    letters: of the forms, by the ids of places; alike: labels of the seats next to theirs with the same form.
    """
    places = expected_places(session, sitting)
    by_seat = {place.seat_id: _candidate(place, letters, alike) for place in places if place.seat_id}
    unseated = tuple(_candidate(place, letters, alike) for place in places if not place.seat_id)
    base = _names(session.get_one(TrainingBase, sitting.base_id))
    return [
        RoomSheet(
            title=Text(sitting.title_zh, sitting.title_en),
            base=base,
            room=_names(row.room),
            starts_at=sitting.starts_at,
            length_minutes=sitting.length_s // 60,
            seats=tuple(
                SeatOnPaper(seat.label, seat.row, seat.place, seat.usable, by_seat.get(seat.id))
                for seat in row.room.seats
            ),
            demonstration=current_app.extensions["demonstration"],
            unseated=unseated if number == 0 else (),
        )
        for number, row in enumerate(sitting.rooms)
    ]


def _candidate(place: RosterPlace, letters: Mapping[int, str], alike: Mapping[int, tuple[str, ...]]) -> Candidate:
    return Candidate(
        place.person.name_zh,
        place.person.name_en,
        place.person.staff_number or "",
        place.ticket_number,
        place.personal_time_s // 60,
        letters.get(place.id, ""),
        alike.get(place.id, ()),
    )


def _names(row: object) -> Text:
    return Text(str(getattr(row, "name_zh", "")), str(getattr(row, "name_en", "")))

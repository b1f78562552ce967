"""Pages of a roster: adding people, one place, seats; and the own coming places of a trainee."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by, done
from training_app.exams.rules import CHANGEABLE
from training_app.exams.setup.forms import LeaveForm, ListForm, SeatForm, TimeForm
from training_app.exams.setup.roster import (
    add_place,
    defer,
    found_by,
    grant_time,
    person_to_place,
    place_of,
    withdraw,
)
from training_app.exams.setup.roster_lists import Verdict, apply_list, text_of_file, to_add, verdicts
from training_app.exams.setup.seating import allocate_all, free_seats, give_seat
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.exams.sitting_words import VERDICT_MARKS, VERDICTS
from training_app.exams.views import bp
from training_app.people.admin_forms import choices
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import name_of

bp.add_app_template_filter(lambda word: (VERDICT_MARKS.get(word, "attention"), str(VERDICTS[word])), "verdict_words")


def _sitting(session: Session, sitting_id: int) -> Sitting:
    return sitting_within(session, me().holder, "sittings.edit", sitting_id)


# adding people


@bp.get("/sittings/<int:sitting_id>/people")
@permit("sittings.edit")
def add_people(sitting_id: int) -> str:
    """Trainees found by name or number, and a field for a list."""
    return _people_page(sitting_id, ListForm(formdata=None))


def _people_page(sitting_id: int, form: ListForm, found: list[Verdict] | None = None) -> str:
    session = read_session()
    sitting = _sitting(session, sitting_id)
    words = " ".join(request.args.get("q", "").split())[:100]
    people = found_by(session, me().holder, sitting.base_id, words) if words else []
    placed = {place.person_id for place in sitting.places if place.state not in {"withdrawn", "void"}}
    return render_template(
        "exams/add_people.html",
        sitting=sitting,
        words=words,
        people=people,
        placed=placed,
        form=form,
        verdicts=found,
        adding=[person.id for person in to_add(found or [])],
    )


@bp.post("/sittings/<int:sitting_id>/places")
@permit("sittings.edit")
def add_a_place(sitting_id: int) -> Response:
    """One person has a place."""
    person_id = request.form.get("person", 0, type=int)

    def act(session: Session, sitting: Sitting) -> None:
        person = person_to_place(session, me().holder, sitting.base_id, person_id)
        add_place(session, sitting, person, by())

    onward = url_for("exams.add_people", sitting_id=sitting_id, q=request.form.get("q", ""))
    return done(sitting_id, act, _("The person has a place."), onward)


@bp.post("/sittings/<int:sitting_id>/people/list")
@permit("sittings.edit")
def check_list(sitting_id: int) -> str | tuple[str, int]:
    """A verdict for every line of a list; nothing is stored."""
    form = ListForm()
    sitting = _sitting(read_session(), sitting_id)
    if not form.validate():
        return _people_page(sitting_id, form), 422
    try:
        if form.file.data:
            form.text.data = text_of_file(form.file.data.read())
        found = verdicts(read_session(), sitting, form.text.data, by())
    except Refused as refusal:
        form.text.errors = [refusal.message]
        return _people_page(sitting_id, form), 422
    return _people_page(sitting_id, form, found)


@bp.post("/sittings/<int:sitting_id>/people/apply")
@permit("sittings.edit")
def apply_a_list(sitting_id: int) -> str | Response | tuple[str, int]:
    """Everybody whom the preview named has a place, or nobody."""
    form = ListForm()
    sitting = _sitting(read_session(), sitting_id)
    if not form.validate():
        return _people_page(sitting_id, form), 422
    expected = [
        int(number)
        for number in request.form.getlist("adding")
        if number.isascii() and number.isdigit() and len(number) < 10
    ]
    try:
        with write_session() as session:
            locked = sitting_within(session, me().holder, "sittings.edit", sitting_id, to_change=True)
            count = apply_list(session, locked, form.text.data, expected[:1000], by=by())
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.text.errors = [refusal.message]
        session = read_session()
        sitting = _sitting(session, sitting_id)
        return _people_page(sitting_id, form, verdicts(session, sitting, form.text.data, by())), refusal.status
    flash(_("Added to the roster: %(count)s.", count=count), "success")
    return redirect(url_for("exams.sitting", sitting_id=sitting_id))


# one place


@bp.get("/sittings/<int:sitting_id>/places/<int:place_id>")
@permit("sittings.edit")
def roster_place(sitting_id: int, place_id: int) -> str:
    """One person's place: seat, personal time, giving it up."""
    return _place_page(sitting_id, place_id)


def _place_page(
    sitting_id: int,
    place_id: int,
    *,
    time: TimeForm | None = None,
    leave: LeaveForm | None = None,
    seat: SeatForm | None = None,
) -> str:
    session = read_session()
    sitting = _sitting(session, sitting_id)
    place = place_of(session, sitting, place_id)
    standing = {"minutes": place.personal_time_s // 60, "reason": place.personal_time_reason}
    seat = seat or SeatForm(formdata=None, data={"seat": place.seat_id})
    _offer_seats(session, sitting, place, seat)
    return render_template(
        "exams/roster_place.html",
        sitting=sitting,
        place=place,
        room=next((row.room for row in sitting.rooms if place.seat and row.room_id == place.seat.room_id), None),
        former=session.get(RosterPlace, place.resit_of) if place.resit_of else None,
        changeable=sitting.state in CHANGEABLE and place.state == "expected",
        time_form=time or TimeForm(formdata=None, data=standing),
        leave_form=leave or LeaveForm(formdata=None),
        seat_form=seat,
    )


def _offer_seats(session: Session, sitting: Sitting, place: RosterPlace, form: SeatForm) -> None:
    rooms = {row.room_id: name_of(row.room) for row in sitting.rooms}
    seats = [*([place.seat] if place.seat and place.seat.room_id in rooms else []), *free_seats(session, sitting, by())]
    form.seat.choices = choices({str(seat.id): f"{rooms[seat.room_id]} · {seat.label}" for seat in seats}, _("Choose"))


@bp.post("/sittings/<int:sitting_id>/places/<int:place_id>/time")
@permit("sittings.edit")
def change_time(sitting_id: int, place_id: int) -> str | Response | tuple[str, int]:
    """Personal time is granted or taken back."""
    form = TimeForm()
    _sitting(read_session(), sitting_id)
    if form.validate():
        try:
            with write_session() as session:
                sitting = sitting_within(session, me().holder, "sittings.edit", sitting_id, to_change=True)
                place = place_of(session, sitting, place_id)
                grant_time(session, sitting, place, form.minutes.data, reason=form.reason.data, by=by())
        except Refused as refusal:
            _raise_if_foreign(refusal)
            form.minutes.errors = [refusal.message]
        else:
            flash(_("Personal time is saved."), "success")
            return redirect(url_for("exams.roster_place", sitting_id=sitting_id, place_id=place_id))
    return _place_page(sitting_id, place_id, time=form), 422


def _raise_if_foreign(refusal: Refused) -> None:
    if isinstance(refusal, NotAllowed | NotFound):
        raise refusal


@bp.post("/sittings/<int:sitting_id>/places/<int:place_id>/leave")
@permit("sittings.edit")
def give_up_place(sitting_id: int, place_id: int) -> str | Response | tuple[str, int]:
    """A place is deferred or withdrawn."""
    form = LeaveForm()
    _sitting(read_session(), sitting_id)
    if not form.validate():
        return _place_page(sitting_id, place_id, leave=form), 422
    leave = defer if form.act.data == "defer" else withdraw
    return done(
        sitting_id,
        lambda session, sitting: leave(
            session, sitting, place_of(session, sitting, place_id), form.reason.data, by=by()
        ),
        _("The place is deferred.") if form.act.data == "defer" else _("The place is withdrawn."),
    )


@bp.post("/sittings/<int:sitting_id>/places/<int:place_id>/seat")
@permit("sittings.edit")
def change_seat(sitting_id: int, place_id: int) -> str | Response | tuple[str, int]:
    """Somebody sits on another seat."""
    session = read_session()
    sitting = _sitting(session, sitting_id)
    form = SeatForm()
    _offer_seats(session, sitting, place_of(session, sitting, place_id), form)
    if not form.validate():
        return _place_page(sitting_id, place_id, seat=form), 422
    return done(
        sitting_id,
        lambda session, sitting: give_seat(
            session, sitting, place_of(session, sitting, place_id), form.seat.data, by=by()
        ),
        _("The seat is changed."),
        url_for("exams.roster_place", sitting_id=sitting_id, place_id=place_id),
    )


@bp.post("/sittings/<int:sitting_id>/seats")
@permit("sittings.edit")
def allocate_seats(sitting_id: int) -> Response:
    """Everybody gets a seat by chance."""
    return done(
        sitting_id,
        lambda session, sitting: allocate_all(session, sitting, f"{sitting.id}/{now().isoformat()}", by()),
        _("Everybody has a seat."),
    )

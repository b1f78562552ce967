"""The seats and the opening hours of a room, as administrators change them."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from training_app.bookings.acts import act_on_bookable
from training_app.bookings.forms import DAYS, HoursForm, LayoutForm, SeatForm
from training_app.bookings.models import Room
from training_app.bookings.names import hours_as_kept, hours_of
from training_app.bookings.reach import room_of, seat_of
from training_app.bookings.rooms import set_hours
from training_app.bookings.rules import hours_in_digits
from training_app.bookings.seating import Layout, SeatChange, change_seat, lay_out
from training_app.bookings.views import bp, plan_of
from training_app.errors import NotFound, Refused
from training_app.people.acts import changes, note
from training_app.people.admin_forms import VersionedForm
from training_app.people.admission import ChangedMeanwhile, Taken
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session

STORED_MEANWHILE = _l(
    "Somebody else changed this room while you were editing. What is stored now stands below; saving again puts yours "
    "in its place."
)


def _room_to_edit(number: int) -> Room:
    return room_of(read_session(), me().holder, "rooms.edit", number)


def _refused(form: VersionedForm, number: int, refusal: Refused) -> None:
    """The refusal stands above the form, which keeps what was typed and stands for what is stored now."""
    if isinstance(refusal, NotFound):
        raise refusal
    if isinstance(refusal, Taken):
        form[refusal.field].errors = [refusal.message]
        return
    if isinstance(refusal, ChangedMeanwhile):
        form.take_version(_room_to_edit(number).version)
        form.form_errors = [STORED_MEANWHILE]
    else:
        form.form_errors = [refusal.message]


@bp.route("/rooms/<int:number>/seats", methods=["GET", "POST"])
@permit("rooms.edit")
def seats(number: int) -> str | Response | tuple[str, int]:
    """The seats, laid out by rows and places; a single one is changed from the plan."""
    found = _room_to_edit(number)
    plan = plan_of(found)
    shown = {"rows": max(plan["rows"], default=None), "places": plan["width"] or None}
    form = LayoutForm(version=found.version, **shown)
    if form.validate_on_submit():
        try:
            _lay_out(number, form)
        except Refused as refusal:
            _refused(form, number, refusal)
        else:
            flash(_("The seats are laid out."), "success")
            return redirect(url_for("bookings.seats", number=number))
    found = _room_to_edit(number)
    page = render_template("bookings/seats.html", form=form, subject=found, plan=plan_of(found))
    return page, 422 if form.errors else 200


def _lay_out(number: int, form: LayoutForm) -> None:
    layout = Layout(form.rows.data, form.places.data, form.anew.data)
    with write_session() as session:
        found = room_of(session, me().holder, "rooms.edit", number)
        done = lay_out(session, found, layout, seen_version=form.seen_version(), now=now())
        details = {
            "rows": layout.rows,
            "places": layout.places,
            "added": done.added,
            "removed": done.removed,
            "relabelled": done.relabelled,
        }
        note(session, act_on_bookable("seats.laid_out", found, details))


@bp.route("/rooms/<int:number>/seats/<int:seat_id>", methods=["GET", "POST"])
@permit("rooms.edit")
def seat(number: int, seat_id: int) -> str | Response | tuple[str, int]:
    """One seat: its label, and whether anybody may sit there."""
    found = _room_to_edit(number)
    shown = seat_of(read_session(), found, seat_id)
    form = SeatForm(version=found.version, label=shown.label, usable="yes" if shown.usable else "no")
    form.was_usable = shown.usable
    if form.validate_on_submit():
        try:
            _change_seat(number, seat_id, form)
        except Refused as refusal:
            _refused(form, number, refusal)
        else:
            flash(_("Seat %(label)s is saved.", label=form.label.data), "success")
            return redirect(url_for("bookings.seats", number=number))
    found = _room_to_edit(number)
    page = render_template("bookings/seat.html", form=form, subject=found, seat=seat_of(read_session(), found, seat_id))
    return page, 422 if form.errors else 200


def _change_seat(number: int, seat_id: int, form: SeatForm) -> None:
    with write_session() as session:
        found = room_of(session, me().holder, "rooms.edit", number)
        subject = seat_of(session, found, seat_id)
        label, usable = subject.label, subject.usable
        wanted = SeatChange(form.label.data, form.usable.data == "yes")
        change_seat(session, subject, wanted, seen_version=form.seen_version(), now=now())
        details: dict[str, object] = {"seat": [label, wanted.label] if wanted.label != label else label}
        if wanted.usable != usable:
            details |= {"usable": [usable, wanted.usable]}
        if form.reason.data:
            details |= {"reason": form.reason.data}
        note(session, act_on_bookable("seat.changed", found, details))


@bp.route("/rooms/<int:number>/hours", methods=["GET", "POST"])
@permit("rooms.edit")
def hours(number: int) -> str | Response | tuple[str, int]:
    """The opening hours of the week, a line a day."""
    found = _room_to_edit(number)
    form = HoursForm(version=found.version, **_typed(found))
    stored: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            _set_hours(number, form)
        except ChangedMeanwhile as refusal:
            _refused(form, number, refusal)
            typed = _typed(_room_to_edit(number))
            stored = {day: typed[day] or "–" for day in DAYS if typed[day] != hours_in_digits(form[day].hours())}
        else:
            flash(_("The opening hours are saved."), "success")
            return redirect(url_for("bookings.room", number=number))
    page = render_template("bookings/hours.html", form=form, subject=_room_to_edit(number), stored=stored, days=DAYS)
    return page, 422 if form.errors else 200


def _typed(found: Room) -> dict[str, str]:
    open_hours = hours_of(found.openings)
    return {
        day: hours_in_digits(one for one in open_hours if one.weekday == weekday) for weekday, day in enumerate(DAYS)
    }


def _set_hours(number: int, form: HoursForm) -> None:
    wanted = form.hours()
    with write_session() as session:
        found = room_of(session, me().holder, "rooms.edit", number)
        before = {"hours": hours_as_kept(hours_of(found.openings))}
        set_hours(session, found, wanted, form.seen_version())
        note(session, act_on_bookable("hours.changed", found, changes(before, {"hours": hours_as_kept(wanted)})))

"""Closures of rooms and equipment: made, and ended before their time."""

import secrets

from flask import flash, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from training_app.bookings.acts import act_on_bookable
from training_app.bookings.closures import Closing, close, closure_of, end_closure
from training_app.bookings.forms import ClosureForm, ReasonForm
from training_app.bookings.names import local_text
from training_app.bookings.record_views import page_of, to_edit
from training_app.bookings.views import bp
from training_app.errors import NotFound, Refused
from training_app.people.acts import note
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session


@bp.route("/rooms/<int:number>/closures/new", methods=["GET", "POST"], defaults={"kind": "room"})
@bp.route("/kit/<int:number>/closures/new", methods=["GET", "POST"], defaults={"kind": "kit"})
@permit("rooms.edit")
def close_bookable(kind: str, number: int) -> str | Response | tuple[str, int]:
    """Closed from then to then; refused while anything is booked at that time."""
    found = to_edit(read_session(), kind, number)
    form = ClosureForm(key=secrets.token_hex(16))
    if form.validate_on_submit():
        try:
            _close(kind, number, form)
        except NotFound:
            raise
        except Refused as refusal:
            form.form_errors = [refusal.message]
        else:
            flash(_("The closure is entered; nothing can be booked at that time."), "success")
            return page_of(found)
    found = to_edit(read_session(), kind, number)
    return render_template("bookings/close.html", form=form, kind=kind, subject=found), 422 if form.errors else 200


def _close(kind: str, number: int, form: ClosureForm) -> None:
    span = form.span()
    with write_session() as session:
        found = to_edit(session, kind, number)
        made = close(session, found, Closing(span, form.reason.data, me().id, form.form_key()), now())
        if made is not None:
            details = {"starts": local_text(span.start), "ends": local_text(span.end), "reason": form.reason.data}
            note(session, act_on_bookable("closure.added", found, details))


@bp.route("/rooms/<int:number>/closures/<int:booking_id>/end", methods=["GET", "POST"], defaults={"kind": "room"})
@bp.route("/kit/<int:number>/closures/<int:booking_id>/end", methods=["GET", "POST"], defaults={"kind": "kit"})
@permit("rooms.edit")
def end_a_closure(kind: str, number: int, booking_id: int) -> str | Response | tuple[str, int]:
    """The time is free again, with a reason."""
    found = to_edit(read_session(), kind, number)
    form = ReasonForm()
    if form.validate_on_submit():
        with write_session() as session:
            found = to_edit(session, kind, number)
            ended = end_closure(session, found, booking_id, now())
            details = {
                "starts": local_text(ended.starts_at),
                "ends": local_text(ended.ends_at),
                "reason": form.reason.data,
            }
            note(session, act_on_bookable("closure.ended", found, details))
        flash(_("The closure is ended; the time can be booked again."), "success")
        return page_of(found)
    closure = closure_of(read_session(), found, booking_id, now())
    page = render_template("bookings/end_closure.html", form=form, kind=kind, subject=found, closure=closure)
    return page, 422 if form.errors else 200

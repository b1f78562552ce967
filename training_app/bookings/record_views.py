"""Adding and changing rooms and equipment, taking them out of use and back. Each act is written down."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.bookings.acts import act_on_bookable
from training_app.bookings.forms import KitForm, ReasonForm, RoomForm
from training_app.bookings.models import Room
from training_app.bookings.names import ROOM_KIND_NAMES
from training_app.bookings.reach import BOOKABLES, Bookable, bookable_of, kind_of
from training_app.bookings.rooms import FIELDS, add, change, restore, retire
from training_app.bookings.rules import resource
from training_app.bookings.views import bp
from training_app.errors import Conflict, NotFound, Refused
from training_app.people.acts import changes, note, values_of
from training_app.people.admin_forms import VersionedForm, choices
from training_app.people.admission import ChangedMeanwhile, Taken
from training_app.people.reach import bases_within
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import name_of

FORMS: dict[str, Callable[..., VersionedForm]] = {"room": RoomForm, "kit": KitForm}


def page_of(bookable: Bookable) -> Response:
    """To the page of the room or kit."""
    return redirect(url_for(f"bookings.{kind_of(bookable)}", number=bookable.id))


def to_edit(session: Session, kind: str, number: int) -> Bookable:
    """The room or kit, within the reach of whoever is signed in and may change it."""
    return bookable_of(session, me().holder, "rooms.edit", resource(kind, number))


def _entered(form: VersionedForm, kind: str) -> dict[str, str]:
    return {field: str(form[field].data or "") for field in FIELDS[kind]}


@bp.route("/rooms/new", methods=["GET", "POST"], defaults={"kind": "room"})
@bp.route("/kit/new", methods=["GET", "POST"], defaults={"kind": "kit"})
@permit("rooms.edit")
def add_bookable(kind: str) -> str | Response | tuple[str, int]:
    """A room or a piece of equipment that is not here yet."""
    form = FORMS[kind]()
    bases = {base.id: name_of(base) for base in bases_within(read_session(), me().holder, "rooms.edit")}
    form.base_id.choices = choices(bases)
    if form.validate_on_submit():
        added = BOOKABLES[kind](base_id=form.base_id.data)
        try:
            with write_session() as session:
                add(session, added, _entered(form, kind))
                details = {"base": added.base_id, **values_of(added, FIELDS[kind])}
                if isinstance(added, Room):
                    note(session, act_on_bookable("room.added", added, details))
                else:
                    note(session, act_on_bookable("kit.added", added, details))
        except Taken as refusal:
            form[refusal.field].errors = [refusal.message]
        else:
            flash(_("%(name)s is added.", name=name_of(added)), "success")
            return page_of(added)
    page = render_template("bookings/edit.html", form=form, kind=kind, subject=None, stored={})
    return page, 422 if form.errors else 200


@bp.route("/rooms/<int:number>/edit", methods=["GET", "POST"], defaults={"kind": "room"})
@bp.route("/kit/<int:number>/edit", methods=["GET", "POST"], defaults={"kind": "kit"})
@permit("rooms.edit")
def edit_bookable(kind: str, number: int) -> str | Response | tuple[str, int]:
    """The particulars, changed; what was typed stays when it cannot be saved."""
    found = to_edit(read_session(), kind, number)
    form = FORMS[kind](obj=found)
    del form.base_id  # a room stays where it is
    stored: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            _change(kind, number, form)
        except Taken as refusal:
            form[refusal.field].errors = [refusal.message]
        except ChangedMeanwhile as refusal:
            stored = _stored_beside(kind, number, form)
            form.form_errors = [refusal.message]
        else:
            flash(_("The record is saved."), "success")
            return page_of(found)
    found = to_edit(read_session(), kind, number)
    page = render_template("bookings/edit.html", form=form, kind=kind, subject=found, stored=stored)
    return page, 422 if form.errors else 200


def _change(kind: str, number: int, form: VersionedForm) -> None:
    with write_session() as session:
        found = to_edit(session, kind, number)
        before = values_of(found, FIELDS[kind])
        change(session, found, _entered(form, kind), form.seen_version())
        details = changes(before, values_of(found, FIELDS[kind]))
        if isinstance(found, Room):
            note(session, act_on_bookable("room.changed", found, details))
        else:
            note(session, act_on_bookable("kit.changed", found, details))


def _stored_beside(kind: str, number: int, form: VersionedForm) -> dict[str, str]:
    found = to_edit(read_session(), kind, number)
    form.take_version(found.version)
    words = {field: str(getattr(found, field) or "–") for field in FIELDS[kind]}
    if isinstance(found, Room):
        words["kind"] = str(ROOM_KIND_NAMES[found.kind])
    entered = _entered(form, kind)
    return {field: words[field] for field in FIELDS[kind] if (getattr(found, field) or "") != entered[field]}


@bp.route("/rooms/<int:number>/retire", methods=["GET", "POST"], defaults={"kind": "room"})
@bp.route("/kit/<int:number>/retire", methods=["GET", "POST"], defaults={"kind": "kit"})
@permit("rooms.edit")
def retire_bookable(kind: str, number: int) -> str | Response | tuple[str, int]:
    """Out of use, with a reason; refused while bookings stand."""
    found = to_edit(read_session(), kind, number)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with write_session() as session:
                found = to_edit(session, kind, number)
                retire(session, found, now())
                note(session, act_on_bookable("use.ended", found, {"reason": form.reason.data}))
        except NotFound:
            raise
        except Refused as refusal:
            form.form_errors = [refusal.message]
        else:
            flash(_("%(name)s is out of use.", name=name_of(found)), "success")
            return page_of(found)
    found = to_edit(read_session(), kind, number)
    return render_template("bookings/retire.html", form=form, kind=kind, subject=found), 422 if form.errors else 200


@bp.post("/rooms/<int:number>/restore", defaults={"kind": "room"})
@bp.post("/kit/<int:number>/restore", defaults={"kind": "kit"})
@permit("rooms.edit")
def restore_bookable(kind: str, number: int) -> Response:
    """Back in use."""
    try:
        with write_session() as session:
            found = to_edit(session, kind, number)
            restore(session, found)
            note(session, act_on_bookable("use.resumed", found))
    except Conflict as refusal:
        flash(str(refusal.message), "error")
    else:
        flash(_("%(name)s is in use again.", name=name_of(found)), "success")
    return redirect(url_for(f"bookings.{kind}", number=number))

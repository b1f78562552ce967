"""Pages that plan a sitting and change it; what was typed stays when it cannot be had."""

from dataclasses import asdict
from datetime import time, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from question_bank.serialising import blueprint_from_json
from training_app.bank.models import BlueprintVersion
from training_app.bank.services import criteria
from training_app.bookings.models import Room
from training_app.clock import SHANGHAI
from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.setup.claims import RoomRefused
from training_app.exams.setup.drawing import CELLS_TOLD, what_lacks
from training_app.exams.setup.forms import NewSittingForm, SittingForm
from training_app.exams.setup.roster import take_over_roster
from training_app.exams.setup.rules import ONE_FORM
from training_app.exams.setup.sittings import (
    ChangedMeanwhile,
    change,
    claim_version,
    forms_wished,
    plan,
    sitting_within,
)
from training_app.exams.sitting_models import Sitting
from training_app.exams.views import bp
from training_app.people.admin_forms import choices
from training_app.people.reach import bases_within
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session, write_session
from training_app.web.words import in_language, name_of


@bp.route("/sittings/new", methods=["GET", "POST"])
@permit("sittings.edit")
def new_sitting() -> str | Response | tuple[str, int]:
    """A sitting is planned; what was typed stays when it cannot be had."""
    session, holder = read_session(), me().holder
    former = _former(session)
    bases = bases_within(session, holder, "sittings.edit")
    wanted = former.base_id if former else request.args.get("base", "")
    base = next((one for one in bases if one.id == wanted), bases[0])
    form = NewSittingForm(
        formdata=request.form if request.method == "POST" else None, data=_suggestion(session, former)
    )
    _offer(session, form, base.id)
    if form.validate_on_submit():
        try:
            return _planned(form, base.id, former)
        except (RoomRefused, Refused) as refusal:
            _show_refusal(form, refusal)
    page = render_template(
        "exams/new_sitting.html",
        form=form,
        base=base,
        bases=[(name_of(one), url_for("exams.new_sitting", base=one.id), one.id == base.id) for one in bases],
        former=former,
    )
    return page, 422 if form.errors else 200


def _former(session: Session) -> Sitting | None:
    number = request.args.get("replaces", type=int)
    return sitting_within(session, me().holder, "sittings.edit", number) if number else None


def _suggestion(session: Session, former: Sitting | None) -> dict[str, object]:
    if former is not None:
        return _as_entered(former) | {"day": None}
    newest = _blueprints(session)
    minutes = blueprint_from_json(newest[-1].body).minutes if newest else 90
    end = timedelta(hours=9, minutes=15 + minutes + 30)
    return {
        "starts": time(9, 0),
        "latest_start": time(9, 15),
        "length": minutes,
        "ends": time(int(end.total_seconds()) // 3600 % 24, int(end.total_seconds()) // 60 % 60),
        "blueprint": newest[-1].id if newest else None,
    } | asdict(ONE_FORM)


def _as_entered(found: Sitting) -> dict[str, object]:
    local = {name: getattr(found, name).astimezone(SHANGHAI) for name in ("starts_at", "latest_start_at", "ends_at")}
    return {
        "title_zh": found.title_zh,
        "title_en": found.title_en,
        "blueprint": found.blueprint_version_id,
        "day": local["starts_at"].date(),
        "starts": local["starts_at"].time(),
        "latest_start": local["latest_start_at"].time(),
        "ends": local["ends_at"].time(),
        "length": found.length_s // 60,
        "rooms": [row.room_id for row in found.rooms],
        "version": str(found.version),
    } | asdict(forms_wished(found))


def _blueprints(session: Session, kept: int | None = None) -> list[BlueprintVersion]:
    """Current blueprints of certification, oldest first, and the one that is kept."""
    table = BlueprintVersion
    current = (table.purpose == "certification") & table.superseded_at.is_(None)
    return list(session.scalars(select(table).where(current | (table.id == kept)).order_by(table.id)))


def _offer(session: Session, form: NewSittingForm, base: str, kept: int | None = None) -> None:
    form.blueprint.choices = choices(
        {str(row.id): _blueprint_name(row) for row in _blueprints(session, kept)}, _("Choose")
    )
    rooms = session.scalars(
        select(Room).where(Room.base_id == base, Room.kind == "exam", Room.retired_at.is_(None)).order_by(Room.name_zh)
    ).all()
    form.rooms.choices = choices({str(room.id): _room_name(room) for room in rooms})


def _blueprint_name(row: BlueprintVersion) -> object:
    blueprint = blueprint_from_json(row.body)
    title = in_language(blueprint.title)
    return _(
        "%(title)s: %(items)s items, %(minutes)s minutes", title=title, items=blueprint.items, minutes=blueprint.minutes
    )


def _room_name(room: Room) -> object:
    seats = sum(seat.usable for seat in room.seats)
    return _("%(room)s (%(seats)s usable seats)", room=name_of(room), seats=seats)


def _show_refusal(form: NewSittingForm, refusal: Refused) -> None:
    if isinstance(refusal, NotAllowed | NotFound):
        raise refusal
    if isinstance(refusal, RoomRefused):
        form.rooms.errors = [refusal.message]
    else:
        form.form_errors = [refusal.message]


def _planned(form: NewSittingForm, base: str, former: Sitting | None) -> Response:
    with write_session() as session:
        made = plan(session, base, form.plan(former.id if former else None), by())
        left_out = [name_of(person) for person in take_over_roster(session, made, by())] if former else []
        number = made.id
    flash(_("The sitting is planned. Next: add people."), "success")
    _tell_shortage(number)
    if left_out:
        names = ", ".join(left_out)
        flash(_("These people could not be taken over: %(names)s.", names=names), "warning")
    return redirect(url_for("exams.sitting", sitting_id=number))


def _tell_shortage(sitting_id: int) -> None:
    """A message that names the cells of the blueprint that the bank cannot fill, when there are any."""
    session = read_session()
    lacking = what_lacks(session, session.get_one(Sitting, sitting_id), criteria())
    if lacking is not None:
        cells = " ".join(in_language(shortage.said) for shortage in lacking.shortages[:CELLS_TOLD])
        flash(_("The bank does not fill the blueprint yet. %(cells)s", cells=cells), "warning")


@bp.route("/sittings/<int:sitting_id>/edit", methods=["GET", "POST"])
@permit("sittings.edit")
def edit_sitting(sitting_id: int) -> str | Response | tuple[str, int]:
    """A sitting is changed or postponed, with a reason; everybody's booking moves along or nothing does."""
    session, holder = read_session(), me().holder
    found = sitting_within(session, holder, "sittings.edit", sitting_id)
    form = SittingForm(formdata=request.form if request.method == "POST" else None, data=_as_entered(found))
    _offer(session, form, found.base_id, found.blueprint_version_id)
    stored: Sitting | None = None
    if form.validate_on_submit():
        try:
            _change(sitting_id, form)
        except ChangedMeanwhile as refusal:
            form.form_errors = [refusal.message]
            stored = read_session().get_one(Sitting, sitting_id)
            form.take_version(stored.version)
        except (RoomRefused, Refused) as refusal:
            _show_refusal(form, refusal)
        else:
            flash(_("The sitting is saved."), "success")
            return redirect(url_for("exams.sitting", sitting_id=sitting_id))
    found = sitting_within(read_session(), holder, "sittings.edit", sitting_id)
    page = render_template("exams/edit_sitting.html", form=form, sitting=found, stored=stored)
    return page, 422 if form.errors else 200


def _change(sitting_id: int, form: SittingForm) -> None:
    with write_session() as session:
        found = sitting_within(session, me().holder, "sittings.edit", sitting_id, to_change=True)
        claim_version(found, form.seen_version())
        change(session, found, form.plan(), reason=form.reason.data, by=by())

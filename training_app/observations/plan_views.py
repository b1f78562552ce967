"""Pages that plan an observation, change it and cancel it; what was typed stays when it cannot be had."""

from collections.abc import Sequence
from datetime import time

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.bookings.models import Room
from training_app.clock import SHANGHAI
from training_app.errors import NotAllowed, NotFound, Refused
from training_app.observations.acting import by, carried_out, done, to_edit
from training_app.observations.claims import HostRefused, VenueRefused
from training_app.observations.forms import BASES, VENUES, NewObservationForm, ObservationForm, ReasonForm
from training_app.observations.models import Observation
from training_app.observations.plans import ChangedMeanwhile, cancel, change, claim_version, hosts_at, plan
from training_app.observations.reach import observation_within
from training_app.observations.staff import hours_left
from training_app.observations.venues import drop_recording
from training_app.observations.views import bp
from training_app.people.admin_forms import choices
from training_app.people.names import PLACE_NAMES
from training_app.people.reach import bases_within
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session, settings, write_session
from training_app.web.words import name_of


@bp.route("/observations/new", methods=["GET", "POST"])
@permit("observations.edit")
def new_observation() -> str | Response | tuple[str, int]:
    """An observation is planned; what was typed stays when it cannot be had."""
    session, holder = read_session(), me().holder
    bases = bases_within(session, holder, "observations.edit")
    base = next((one for one in bases if one.id == request.args.get("base", "")), bases[0])
    suggested = {
        "starts": time(9, 0),
        "ends": time(11, 0),
        "bases": list(BASES),
        "keep_days": 90,
        "places": 60,
        "host": me().id,
    }
    form = NewObservationForm(formdata=request.form if request.method == "POST" else None, data=suggested)
    _offer(session, form, base.id)
    if form.validate_on_submit():
        try:
            with write_session() as writing:
                number = plan(writing, base.id, form.plan(), by()).id
        except Refused as refusal:
            _show_refusal(form, refusal)
        else:
            flash(_("The observation is planned. Next: consents and links of the venues."), "success")
            return redirect(url_for("observations.observation", observation_id=number))
    page = render_template(
        "observations/new_observation.html",
        form=form,
        venues=VENUES,
        hours=hours_left(settings(), len(VENUES)),
        base=base,
        bases=[
            (name_of(one), url_for("observations.new_observation", base=one.id), one.id == base.id) for one in bases
        ],
    )
    return page, 422 if form.errors else 200


def _offer(session: Session, form: NewObservationForm, base: str, kept: Sequence[int | None] = ()) -> None:
    hosts = hosts_at(session, base)
    form.host.choices = choices({str(person.id): name_of(person) for person in hosts}, _("Choose"))
    rooms = session.scalars(
        select(Room).where(Room.retired_at.is_(None) | Room.id.in_(kept)).order_by(Room.base_id, Room.name_zh)
    ).all()
    names = {str(room.id): f"{PLACE_NAMES[room.base_id]} · {name_of(room)}" for room in rooms}
    for number in VENUES:
        form[f"venue_{number}_room"].choices = choices(names, _("no room of a base"))


def _show_refusal(form: NewObservationForm, refusal: Refused) -> None:
    if isinstance(refusal, NotAllowed | NotFound):
        raise refusal
    if isinstance(refusal, HostRefused):
        form.host.errors = [refusal.message]
    elif isinstance(refusal, VenueRefused):
        form.venue_1_room.errors = [refusal.message]
    else:
        form.form_errors = [refusal.message]


def _as_entered(found: Observation) -> dict[str, object]:
    starts, ends = found.starts_at.astimezone(SHANGHAI), found.ends_at.astimezone(SHANGHAI)
    fields: dict[str, object] = {
        name: getattr(found, name) for name in ("kind", "title_zh", "title_en", "note", "places", "keep_days")
    }
    fields |= {"day": starts.date(), "starts": starts.time(), "ends": ends.time(), "host": found.host_id}
    fields |= {"bases": [one.base_id for one in found.bases], "version": str(found.version)}
    for venue in found.venues:
        names = {"zh": venue.name_zh, "en": venue.name_en, "room": venue.room_id}
        fields |= {f"venue_{venue.position}_{part}": value for part, value in names.items()}
    return fields


@bp.route("/observations/<int:observation_id>/edit", methods=["GET", "POST"])
@permit("observations.edit")
def edit_observation(observation_id: int) -> str | Response | tuple[str, int]:
    """An observation is changed or postponed, with a reason; every booking moves along or nothing does."""
    session, holder = read_session(), me().holder
    found = observation_within(session, holder, "observations.edit", observation_id)
    form = ObservationForm(formdata=request.form if request.method == "POST" else None, data=_as_entered(found))
    _offer(session, form, found.base_id, [venue.room_id for venue in found.venues])
    stored: Observation | None = None
    if form.validate_on_submit():
        try:
            _change(observation_id, form)
        except ChangedMeanwhile as refusal:
            form.form_errors = [refusal.message]
            stored = read_session().get_one(Observation, observation_id)
            form.take_version(stored.version)
        except Refused as refusal:
            _show_refusal(form, refusal)
        else:
            flash(_("The observation is saved."), "success")
            return redirect(url_for("observations.observation", observation_id=observation_id))
    found = observation_within(read_session(), holder, "observations.edit", observation_id)
    page = render_template(
        "observations/edit_observation.html",
        form=form,
        venues=VENUES,
        hours=hours_left(settings(), len(found.venues)),
        observation=found,
        stored=stored,
    )
    return page, 422 if form.errors else 200


def _change(observation_id: int, form: ObservationForm) -> None:
    def act(session: Session, found: Observation) -> None:
        claim_version(found, form.seen_version())
        change(session, found, form.plan(), reason=form.reason.data, by=by())

    carried_out(observation_id, act, to_edit)


@bp.route("/observations/<int:observation_id>/cancel", methods=["GET", "POST"])
@permit("observations.edit")
def cancel_observation(observation_id: int) -> str | Response | tuple[str, int]:
    """An observation is cancelled, with a reason."""
    form = ReasonForm()
    found = observation_within(read_session(), me().holder, "observations.edit", observation_id)
    if not form.validate_on_submit():
        page = render_template("observations/end.html", form=form, observation=found, act="cancel", what="")
        return page, 422 if form.errors else 200
    return done(
        observation_id,
        lambda session, locked: cancel(session, locked, form.reason.data, by()),
        _("The observation is cancelled."),
    )


@bp.route("/observations/<int:observation_id>/recording/drop", methods=["GET", "POST"])
@permit("observations.edit")
def drop_a_recording(observation_id: int) -> str | Response | tuple[str, int]:
    """A recording is deleted before its time, with a reason."""
    form = ReasonForm()
    found = observation_within(read_session(), me().holder, "observations.edit", observation_id)
    if not form.validate_on_submit():
        page = render_template("observations/end.html", form=form, observation=found, act="drop", what="")
        return page, 422 if form.errors else 200
    return done(
        observation_id,
        lambda session, locked: drop_recording(session, locked, reason=form.reason.data, by=by()),
        _("The recording is deleted."),
    )

"""Pages of sittings: the list, one sitting, planning and changing it, its end."""

from collections.abc import Callable, Sequence
from datetime import time, timedelta

from flask import Response as Answer
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
from training_app.exams.rules import CAN_BE_SET_ANEW, CHANGEABLE, SITTING_CHANGES, may_become
from training_app.exams.setup.checks import checks_of, room_plans
from training_app.exams.setup.confirmations import set_aside_since
from training_app.exams.setup.duties import assign, end_duty, invigilators_at
from training_app.exams.setup.forms import DutyForm, NewSittingForm, ReasonForm, SittingForm
from training_app.exams.setup.listing import sittings_listed, sittings_spec, title_of
from training_app.exams.setup.preparing import prepare, unprepare, what_lacks
from training_app.exams.setup.roster import take_over_roster
from training_app.exams.setup.sittings import (
    ChangedMeanwhile,
    RoomRefused,
    cancel,
    change,
    claim_version,
    declare_void,
    plan,
    sitting_within,
)
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent
from training_app.exams.sitting_words import PLACE_MARKS, PLACE_STATES, SITTING_MARKS, SITTING_STATES
from training_app.exams.views import bp
from training_app.lists import MEDIA_TYPES, export, list_page, list_rows, requested_export
from training_app.people.admin_forms import choices
from training_app.people.models import Person, TrainingBase
from training_app.people.reach import bases_within
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import address, now, read_session, write_session
from training_app.web.words import in_language, name_of

LAST_EVENTS = 20
CELLS_TOLD = 8

bp.add_app_template_filter(title_of, "sitting_title")
bp.add_app_template_filter(lambda state: (SITTING_MARKS[state], str(SITTING_STATES[state])), "sitting_state")
bp.add_app_template_filter(lambda state: (PLACE_MARKS[state], str(PLACE_STATES[state])), "place_state")


def by() -> By:
    """Whoever is signed in, at the moment of this request."""
    return By(me().holder, address(), now())


@bp.get("/sittings")
@permit("sittings.read")
def sittings() -> str | Answer:
    """Every sitting within reach."""
    session, holder = read_session(), me().holder
    bases = bases_within(session, holder, "sittings.read")
    spec, statement = sittings_spec(bases), sittings_listed(holder)
    kind = requested_export(request.args)
    if kind:
        return Answer(
            export(spec, list_rows(session, statement, spec, request.args), kind),
            mimetype=MEDIA_TYPES[kind],
            headers={"Content-Disposition": f"attachment; filename=sittings.{kind}"},
        )
    page = list_page(session, statement, spec, request.args)
    return render_template("exams/sittings.html", page=page, may_plan=holder.may("sittings.edit"))


@bp.get("/sittings/<int:sitting_id>")
@permit("sittings.read")
def sitting(sitting_id: int) -> str:
    """A sitting: particulars, what is missing, rooms, roster, history."""
    return sitting_page(sitting_id, DutyForm(formdata=None))


def sitting_page(sitting_id: int, duty_form: DutyForm) -> str:
    """The page of a sitting with the form for duties as it stands."""
    session, holder = read_session(), me().holder
    found = sitting_within(session, holder, "sittings.read", sitting_id)
    may_edit = holder.reaches("sittings.edit", found.base_id)
    places = session.scalars(
        select(RosterPlace).where(RosterPlace.sitting_id == found.id).order_by(RosterPlace.ticket_number)
    ).all()
    plans = room_plans(session, found, [place for place in places if place.state not in {"withdrawn", "void"}])
    changeable = may_edit and found.state in CHANGEABLE
    events = session.scalars(
        select(SittingEvent).where(SittingEvent.sitting_id == found.id).order_by(SittingEvent.id.desc())
    ).all()
    _offer_duties(session, found, duty_form)
    checks = checks_of(session, found, plans, criteria()) if found.state == "planned" else []
    blueprint = blueprint_from_json(session.get_one(BlueprintVersion, found.blueprint_version_id).body)
    return render_template(
        "exams/sitting.html",
        sitting=found,
        base=session.get_one(TrainingBase, found.base_id),
        blueprint=blueprint,
        places=places,
        plans=plans,
        checks=checks,
        set_aside=set_aside_since(session, found.form_id) if found.state == "prepared" else 0,
        ready=bool(checks) and all(check.done for check in checks if check.needed),
        changeable=changeable,
        may_cancel=may_edit and may_become(SITTING_CHANGES, found.state, "cancelled"),
        may_void=may_edit and may_become(SITTING_CHANGES, found.state, "void"),
        may_set_anew=may_edit and found.state in CAN_BE_SET_ANEW,
        duty_form=duty_form,
        events=events[:LAST_EVENTS],
        names=_names(session, events[:LAST_EVENTS]),
        people={place.id: place.person for place in places},
    )


def _offer_duties(session: Session, found: Sitting, form: DutyForm) -> None:
    people = invigilators_at(session, found.base_id)
    form.person.choices = choices({str(person.id): name_of(person) for person in people}, _("Choose"))
    form.room.choices = choices({str(row.room_id): name_of(row.room) for row in found.rooms})


def _names(session: Session, events: Sequence[SittingEvent]) -> dict[int, str]:
    wanted = {event.by for event in events if event.by is not None}
    people = session.scalars(select(Person).where(Person.id.in_(wanted))).unique()
    return {person.id: name_of(person) for person in people}


# planning and changing


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
    }


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
    }


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


# its end, its preparation, its invigilators


@bp.route("/sittings/<int:sitting_id>/cancel", methods=["GET", "POST"])
@permit("sittings.edit")
def cancel_sitting(sitting_id: int) -> str | Response | tuple[str, int]:
    """A sitting is cancelled, with a reason."""
    return _end(sitting_id, "cancel")


@bp.route("/sittings/<int:sitting_id>/void", methods=["GET", "POST"])
@permit("sittings.edit")
def void_sitting(sitting_id: int) -> str | Response | tuple[str, int]:
    """A sitting is declared void, with a reason."""
    return _end(sitting_id, "void")


ENDS = {"cancel": cancel, "void": declare_void}


def _end(sitting_id: int, act: str) -> str | Response | tuple[str, int]:
    found = sitting_within(read_session(), me().holder, "sittings.edit", sitting_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        page = render_template("exams/end_sitting.html", form=form, sitting=found, act=act)
        return page, 422 if form.errors else 200
    return done(
        sitting_id,
        lambda session, sitting: ENDS[act](session, sitting, form.reason.data, by()),
        _("The sitting is cancelled.") if act == "cancel" else _("The sitting is void. You can set it anew."),
    )


@bp.post("/sittings/<int:sitting_id>/prepare")
@permit("sittings.edit")
def prepare_sitting(sitting_id: int) -> Response:
    """The form is drawn and every attempt made."""
    return done(
        sitting_id,
        lambda session, sitting: prepare(session, sitting, criteria(), by()),
        _("The sitting is prepared: the form is drawn and everybody has an attempt."),
    )


@bp.post("/sittings/<int:sitting_id>/unprepare")
@permit("sittings.edit")
def unprepare_sitting(sitting_id: int) -> Response:
    """The form is given up while nobody has begun."""
    return done(
        sitting_id,
        lambda session, sitting: unprepare(session, sitting, by()),
        _("The form is given up; the sitting is planned again."),
    )


@bp.post("/sittings/<int:sitting_id>/duties")
@permit("sittings.edit")
def assign_duty(sitting_id: int) -> Response | tuple[str, int]:
    """Somebody watches a room."""
    form = DutyForm()
    found = sitting_within(read_session(), me().holder, "sittings.edit", sitting_id)
    _offer_duties(read_session(), found, form)
    if not form.validate():
        return sitting_page(sitting_id, form), 422
    return done(
        sitting_id,
        lambda session, sitting: assign(session, sitting, form.person.data, form.room.data, by=by()),
        _("The invigilator is entered."),
    )


@bp.post("/sittings/<int:sitting_id>/duties/<int:duty_id>/end")
@permit("sittings.edit")
def end_a_duty(sitting_id: int, duty_id: int) -> Response:
    """Somebody does not watch a room any more."""
    return done(
        sitting_id, lambda session, sitting: end_duty(session, sitting, duty_id, by=by()), _("The duty is ended.")
    )


def done(
    sitting_id: int, act: Callable[[Session, Sitting], object], sentence: str, onward: str | None = None
) -> Response:
    """The way back after `act` on the locked sitting: with `sentence`, or with why it was refused."""
    try:
        with write_session() as session:
            act(session, sitting_within(session, me().holder, "sittings.edit", sitting_id, to_change=True))
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        flash(str(refusal.message), "error")
    else:
        flash(sentence, "success")
    return redirect(onward or url_for("exams.sitting", sitting_id=sitting_id))

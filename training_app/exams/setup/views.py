"""Pages of sittings: the list, and one sitting."""

from collections.abc import Sequence

from flask import Response as Answer
from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.serialising import blueprint_from_json
from training_app.bank.models import BlueprintVersion
from training_app.bank.services import criteria
from training_app.exams.rules import CAN_BE_SET_ANEW, CHANGEABLE, SITTING_CHANGES, may_become
from training_app.exams.setup.checks import checks_of, room_plans
from training_app.exams.setup.confirmations import set_aside_since
from training_app.exams.setup.dealing import alike_seats, letters_of
from training_app.exams.setup.drawing_job import last_preparing
from training_app.exams.setup.duties import invigilators_at
from training_app.exams.setup.forms import DutyForm
from training_app.exams.setup.likeness import likeness_of
from training_app.exams.setup.listing import sittings_listed, sittings_spec, title_of
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent
from training_app.exams.sitting_words import PLACE_MARKS, PLACE_STATES, SITTING_MARKS, SITTING_STATES
from training_app.exams.views import bp
from training_app.lists import MEDIA_TYPES, export, list_page, list_rows, requested_export
from training_app.people.admin_forms import choices
from training_app.people.models import Person, TrainingBase
from training_app.people.reach import bases_within
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session
from training_app.web.words import name_of

LAST_EVENTS = 20

bp.add_app_template_filter(title_of, "sitting_title")
bp.add_app_template_filter(lambda state: (SITTING_MARKS[state], str(SITTING_STATES[state])), "sitting_state")
bp.add_app_template_filter(lambda state: (PLACE_MARKS[state], str(PLACE_STATES[state])), "place_state")


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
    offer_duties(session, found, duty_form)
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
        set_aside=set_aside_since(session, found) if found.state == "prepared" else 0,
        job=last_preparing(session, found) if found.state == "planned" else None,
        likeness=likeness_of(session, found) if may_edit else None,
        letters=letters_of(session, found.id) if may_edit else {},
        alike=alike_seats(session, found.id) if may_edit else {},
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


def offer_duties(session: Session, found: Sitting, form: DutyForm) -> None:
    """The form offers the invigilators of the base and the rooms of the sitting."""
    people = invigilators_at(session, found.base_id)
    form.person.choices = choices({str(person.id): name_of(person) for person in people}, _("Choose"))
    form.room.choices = choices({str(row.room_id): name_of(row.room) for row in found.rooms})


def _names(session: Session, events: Sequence[SittingEvent]) -> dict[int, str]:
    wanted = {event.by for event in events if event.by is not None}
    people = session.scalars(select(Person).where(Person.id.in_(wanted))).unique()
    return {person.id: name_of(person) for person in people}

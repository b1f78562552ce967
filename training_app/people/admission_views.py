"""Adding a person, and changing the particulars of one."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.people.acts import act_on_person, changes, filled, note, values_of
from training_app.people.admin_forms import NewPersonForm, PersonForm, choices
from training_app.people.admission import (
    ChangedMeanwhile,
    NewPerson,
    Taken,
    add_person,
    change_person,
    give_role,
    require_managed,
)
from training_app.people.models import Organisation, Person, TrainingBase
from training_app.people.names import KIND_NAMES
from training_app.people.people_views import chosen_grant, role_choices
from training_app.people.reach import bases_within, organisations_within, person_within
from training_app.people.rules import ALL_BASES, Holder, roles_to_give
from training_app.people.signed import me
from training_app.people.views import bp
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import name_of

PARTICULARS = ("username", "kind", "name_zh", "name_en", "staff_number", "email", "organisation_id")
NOBODY = Holder(0, None, None, ())
"""Somebody who is not here yet."""


@bp.route("/people/new", methods=["GET", "POST"])
@permit("people.admit")
def new_person() -> str | Response | tuple[str, int]:
    """Somebody who is not here yet."""
    session = read_session()
    holder = me().holder
    form = NewPersonForm()
    bases = bases_within(session, holder, "people.admit")
    all_bases = holder.bases_for("people.admit") == ALL_BASES
    form.base.choices = choices(
        {base.id: name_of(base) for base in bases}, _("None: works for all bases") if all_bases else None
    )
    form.base.flags.required = not all_bases
    roles = role_choices(roles_to_give(holder, NOBODY, [base.id for base in bases]), bases)
    form.role.choices = [
        SelectChoice("", _("No role yet"), optgroup=_("Later")),
        *(SelectChoice(value, label, optgroup=title) for title, group in roles.items() for value, label in group),
    ]
    form.organisation_id.choices = organisation_choices(session, holder, None)
    if not form.validate_on_submit():
        return render_template("people/new_person.html", form=form), 422 if form.errors else 200
    try:
        added = _add(form, holder, bases)
    except Taken as refusal:
        form[refusal.field].errors = [refusal.message]
    except Refused as refusal:
        if isinstance(refusal, NotAllowed | NotFound):
            raise
        form.role.errors = [refusal.message]
    else:
        flash(_("%(name)s is added. Next: hand out a one-time code.", name=name_of(added)), "success")
        return redirect(url_for("people.person", person_id=added.id))
    return render_template("people/new_person.html", form=form), 422


def particulars_of(found: Person) -> dict[str, str]:
    """The particulars as the audit log keeps them."""
    organisation = found.organisation.name_zh if found.organisation else ""
    return values_of(found, PARTICULARS[:-1]) | {"organisation": organisation}


def _add(form: NewPersonForm, holder: Holder, bases: list[TrainingBase]) -> Person:
    with write_session() as session:
        added = add_person(session, entered_in(form, form.base.data), now())
        note(session, act_on_person("person.added", added, filled(particulars_of(added))))
        if form.role.data:
            grant = chosen_grant(form.role.data, bases)
            give_role(session, added, grant.role, grant.base, now=now(), giver=holder)
            note(session, act_on_person("role.given", added, {"role": grant.role.value, "base": grant.base or "*"}))
        return added


def entered_in(form: PersonForm, base: str | None = None) -> NewPerson:
    """What the form holds."""
    return NewPerson(
        username=form.username.data,
        kind=form.kind.data,
        name_zh=form.name_zh.data,
        name_en=form.name_en.data,
        staff_number=form.staff_number.data,
        email=form.email.data,
        organisation_id=form.organisation_id.data,
        base=base,
    )


def organisation_choices(session: Session, holder: Holder, present: int | None) -> list[SelectChoice]:
    """Organisations within reach, the present one too, and none."""
    within = organisations_within(holder, "organisations.read")
    rows = session.execute(
        select(Organisation.id, Organisation.name_zh, Organisation.name_en)
        .where(or_(within, Organisation.id == present))
        .order_by(Organisation.kind, Organisation.name_en)
    )
    return choices({str(row.id): name_of(row) for row in rows}, _("None"))


@bp.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@permit("people.edit")
def edit_person(person_id: int) -> str | Response | tuple[str, int]:
    """The particulars of a person, changed; what was typed stays when it cannot be saved."""
    session = read_session()
    holder = me().holder
    found = person_within(session, holder, "people.edit", person_id)
    require_managed(holder, found)
    form = PersonForm(obj=found)
    form.organisation_id.choices = organisation_choices(session, holder, found.organisation_id)
    stored: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            _change(person_id, form, holder)
        except Taken as refusal:
            form[refusal.field].errors = [refusal.message]
        except ChangedMeanwhile as refusal:
            stored = _stored_beside(person_id, form)
            form.form_errors = [refusal.message]
        else:
            flash(_("The record is saved."), "success")
            return redirect(url_for("people.person", person_id=person_id))
    found = person_within(read_session(), holder, "people.edit", person_id)
    page = render_template("people/edit_person.html", form=form, subject=found, stored=stored)
    return page, 422 if form.errors else 200


def _change(person_id: int, form: PersonForm, holder: Holder) -> None:
    with write_session() as session:
        found = person_within(session, holder, "people.edit", person_id, to_change=True)
        require_managed(holder, found)
        before = particulars_of(found)
        change_person(session, found, entered_in(form), form.seen_version())
        note(session, act_on_person("person.changed", found, changes(before, particulars_of(found))))


def _stored_beside(person_id: int, form: PersonForm) -> dict[str, str]:
    # the form now stands for the version that is shown beside it, so that saving again is a choice made knowingly
    found = read_session().get_one(Person, person_id)
    form.take_version(found.version)
    words = {field: str(getattr(found, field) or "–") for field in PARTICULARS} | {
        "kind": str(KIND_NAMES[found.kind]),
        "organisation_id": name_of(found.organisation) if found.organisation else "–",
    }
    return {field: words[field] for field in words if (getattr(found, field) or None) != (form[field].data or None)}

"""Organisations that send people: the list, a record, adding and changing one."""

from flask import Response as Answer
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from question_bank.identifiers import aeo_code
from training_app.lists import Column, Filter, ListSpec, list_page, list_rows, requested_export
from training_app.people.acts import act_on_organisation, changes, filled, note, values_of
from training_app.people.admin_forms import OrganisationForm, choices
from training_app.people.admission import CHANGED_MEANWHILE, ChangedMeanwhile, Taken, flush_unique
from training_app.people.models import Organisation, Person, TrainingBase
from training_app.people.names import ORGANISATION_KIND_NAMES
from training_app.people.people_views import exported
from training_app.people.reach import bases_within, organisation_within, organisations_within, people_within
from training_app.people.rules import ALL_BASES, Holder
from training_app.people.signed import me
from training_app.people.views import bp
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import name_of

FIELDS = ("kind", "name_zh", "name_en", "uscc", "customs_code", "base_id", "note")
PEOPLE_SHOWN = 200
TAKEN: dict[str, object] = {
    "uscc": _l("An organisation with this Unified Social Credit Code is here already."),
    "customs_code": _l("An organisation with this customs code is here already."),
}


def derived_aeo_code(organisation: Organisation) -> str:
    """The AEO code of an enterprise, empty without a customs code. It holds while the enterprise is certified."""
    known = organisation.kind == "enterprise" and organisation.customs_code
    return aeo_code(organisation.customs_code or "") if known else ""


def organisations_spec(bases: list[TrainingBase]) -> ListSpec:
    """The list of organisations. bases: those within reach."""
    names = {base.id: name_of(base) for base in bases}
    kinds = ORGANISATION_KIND_NAMES
    return ListSpec(
        columns=(
            Column("name_zh", _l("Chinese name"), lambda row: row.name_zh, Organisation.name_zh),
            Column("name_en", _l("English name"), lambda row: row.name_en, func.lower(Organisation.name_en)),
            Column("kind", _l("Kind"), lambda row: str(kinds[row.kind]), Organisation.kind),
            Column("uscc", _l("Unified Social Credit Code"), lambda row: row.uscc, Organisation.uscc),
            Column("customs_code", _l("Customs code"), lambda row: row.customs_code, Organisation.customs_code),
            Column("aeo_code", _l("AEO code"), derived_aeo_code),
            Column("base", _l("Base in charge"), lambda row: names.get(row.base_id, ""), Organisation.base_id),
        ),
        default_sort="name_en",
        tie=Organisation.id,
        search=(Organisation.name_zh, Organisation.name_en, Organisation.uscc, Organisation.customs_code),
        filters=(
            Filter("kind", _l("Kind"), tuple(kinds.items()), lambda value: Organisation.kind == value),
            Filter("base", _l("Base"), tuple(names.items()), lambda value: Organisation.base_id == value),
        ),
    )


@bp.get("/organisations")
@permit("organisations.read")
def organisations() -> str | Answer:
    """Every organisation of which a base within reach is in charge."""
    session = read_session()
    holder = me().holder
    spec = organisations_spec(bases_within(session, holder, "organisations.read"))
    statement = select(Organisation).where(organisations_within(holder, "organisations.read"))
    kind = requested_export(request.args)
    if kind:
        return exported(spec, list_rows(session, statement, spec, request.args), kind, "organisations")
    page = list_page(session, statement, spec, request.args)
    return render_template("people/organisations.html", page=page)


@bp.get("/organisations/<int:organisation_id>")
@permit("organisations.read")
def organisation(organisation_id: int) -> str:
    """The record of an organisation, with its people as far as the reader may see them."""
    session = read_session()
    holder = me().holder
    found = organisation_within(session, holder, "organisations.read", organisation_id)
    own: list[Person] | None = None
    if holder.may("people.read"):
        statement = select(Person).where(Person.organisation_id == found.id, people_within(holder, "people.read"))
        own = list(session.scalars(statement.order_by(func.lower(Person.name_en), Person.id).limit(PEOPLE_SHOWN)))
    base = session.get(TrainingBase, found.base_id) if found.base_id else None
    return render_template(
        "people/organisation.html",
        subject=found,
        base=base,
        aeo_code=derived_aeo_code(found),
        people=own,
        edits=holder.reaches("organisations.edit", found.base_id),
    )


def _base_choices(session: Session, holder: Holder) -> list[SelectChoice]:
    bases = {base.id: name_of(base) for base in bases_within(session, holder, "organisations.edit")}
    return choices(bases, _("None") if holder.bases_for("organisations.edit") == ALL_BASES else None)


@bp.route("/organisations/new", methods=["GET", "POST"])
@permit("organisations.edit")
def new_organisation() -> str | Response | tuple[str, int]:
    """An organisation that is not here yet."""
    form = OrganisationForm()
    form.base_id.choices = _base_choices(read_session(), me().holder)
    if form.validate_on_submit():
        try:
            with write_session() as session:
                added = Organisation(created_at=now())
                _take(form, added)
                session.add(added)
                flush_unique(session, TAKEN)
                note(session, act_on_organisation("organisation.added", added, filled(values_of(added, FIELDS))))
        except Taken as refusal:
            form[refusal.field].errors = [refusal.message]
        else:
            flash(_("%(name)s is added.", name=name_of(added)), "success")
            return redirect(url_for("people.organisation", organisation_id=added.id))
    page = render_template("people/edit_organisation.html", form=form, subject=None, stored={})
    return page, 422 if form.errors else 200


@bp.route("/organisations/<int:organisation_id>/edit", methods=["GET", "POST"])
@permit("organisations.edit")
def edit_organisation(organisation_id: int) -> str | Response | tuple[str, int]:
    """The organisation, changed; what was typed stays when it cannot be saved."""
    session = read_session()
    found = organisation_within(session, me().holder, "organisations.edit", organisation_id)
    form = OrganisationForm(obj=found)
    form.base_id.choices = _base_choices(session, me().holder)
    stored: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            _change(organisation_id, form)
        except Taken as refusal:
            form[refusal.field].errors = [refusal.message]
        except ChangedMeanwhile as refusal:
            stored = _stored_beside(organisation_id, form)
            form.form_errors = [refusal.message]
        else:
            flash(_("The record is saved."), "success")
            return redirect(url_for("people.organisation", organisation_id=organisation_id))
    found = organisation_within(read_session(), me().holder, "organisations.edit", organisation_id)
    page = render_template("people/edit_organisation.html", form=form, subject=found, stored=stored)
    return page, 422 if form.errors else 200


def _take(form: OrganisationForm, into: Organisation) -> None:
    into.kind, into.note = form.kind.data, form.note.data
    into.name_zh, into.name_en = form.name_zh.data, form.name_en.data
    into.uscc, into.customs_code = form.uscc.data or None, form.customs_code.data or None
    into.base_id = form.base_id.data


def _change(organisation_id: int, form: OrganisationForm) -> None:
    with write_session() as session:
        found = organisation_within(session, me().holder, "organisations.edit", organisation_id)
        claimed = session.execute(
            update(Organisation)
            .where(Organisation.id == organisation_id, Organisation.version == form.seen_version())
            .values(version=Organisation.version + 1)
            .returning(Organisation.id)
        ).scalar_one_or_none()
        if claimed is None:
            raise ChangedMeanwhile(CHANGED_MEANWHILE)
        session.refresh(found)
        before = values_of(found, FIELDS)
        _take(form, found)
        flush_unique(session, TAKEN)
        note(session, act_on_organisation("organisation.changed", found, changes(before, values_of(found, FIELDS))))


def _stored_beside(organisation_id: int, form: OrganisationForm) -> dict[str, str]:
    found = read_session().get_one(Organisation, organisation_id)
    form.take_version(found.version)
    base = read_session().get(TrainingBase, found.base_id) if found.base_id else None
    words = {field: str(getattr(found, field) or "–") for field in FIELDS} | {
        "kind": str(ORGANISATION_KIND_NAMES[found.kind]),
        "base_id": name_of(base) if base else "–",
    }
    return {field: words[field] for field in FIELDS if (getattr(found, field) or None) != (form[field].data or None)}

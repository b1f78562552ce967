"""The people of a base: the list and a record."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response as Answer
from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from training_app.audit.models import AuditEntry
from training_app.audit.services import NO_BASE
from training_app.audit.words import act_name, details_in_words
from training_app.errors import Refused
from training_app.lists import MEDIA_TYPES, ListSpec, export, list_page, list_rows, requested_export
from training_app.people.models import OneTimeCode, Person, Posting, RoleGrant, TrainingBase
from training_app.people.names import KIND_NAMES, ORGANISATION_KIND_NAMES, role_name, value_in_words
from training_app.people.people_list import own_people_spec, people_spec, roles_of
from training_app.people.reach import bases_within, people_within, person_within
from training_app.people.rules import (
    ALL_BASES,
    Grant,
    Holder,
    Reach,
    Role,
    may_close,
    may_give,
    may_manage,
    may_transfer,
    reach_over,
    roles_to_give,
)
from training_app.people.signed import holder_of, me
from training_app.people.views import bp
from training_app.web.access import permit
from training_app.web.requests import now, read_session, registry
from training_app.web.words import name_of

LAST_ACTS = 8

bp.add_app_template_filter(act_name, "act_name")
bp.add_app_template_filter(lambda details: details_in_words(details, value_in_words), "details_in_words")
bp.add_app_template_filter(lambda kind: str(KIND_NAMES[kind]), "person_kind")
bp.add_app_template_filter(lambda kind: str(ORGANISATION_KIND_NAMES[kind]), "organisation_kind")


@bp.get("/people")
@permit("people.read")
def people() -> str | Answer:
    """Everybody within reach."""
    session = read_session()
    holder = me().holder
    spec, statement = people_listed(session, holder)
    kind = requested_export(request.args)
    if kind:
        return exported(spec, list_rows(session, statement, spec, request.args), kind, "people")
    page = list_page(session, statement, spec, request.args)
    whole = bool(holder.bases_for("people.read"))
    return render_template("people/people.html", page=page, whole=whole, may_add=bool(holder.bases_for("people.admit")))


def people_listed(session: Session, holder: Holder) -> tuple[ListSpec, Select[Any]]:
    """The list that the holder's reach allows: its columns, and its rows."""
    bases = bases_within(session, holder, "people.read")
    if bases:
        spec = people_spec(bases)
    else:
        spec = own_people_spec(list(session.scalars(select(TrainingBase).order_by(TrainingBase.position))))
    return spec, select(Person).where(people_within(holder, "people.read"))


def exported(spec: ListSpec, rows: Sequence[Any], kind: str, name: str) -> Answer:
    """The file with `rows`, to be kept by the browser. kind: "csv" or "xlsx"."""
    return Answer(
        export(spec, rows, kind),
        mimetype=MEDIA_TYPES[kind],
        headers={"Content-Disposition": f"attachment; filename={name}.{kind}"},
    )


@bp.get("/people/<int:person_id>")
@permit("people.read")
def person(person_id: int) -> str:
    """The record of a person; for a contact names, base and roles only."""
    session = read_session()
    holder = me().holder
    found = person_within(session, holder, "people.read", person_id)
    target = holder_of(found)
    if reach_over(holder, "people.read", target) is not Reach.GRANTED:
        return render_template("people/own_person.html", subject=found, roles=roles_of(found))
    bases = list(session.scalars(select(TrainingBase).order_by(TrainingBase.position)))
    grants = session.scalars(select(RoleGrant).where(RoleGrant.person_id == found.id).order_by(RoleGrant.id.desc()))
    postings = session.scalars(select(Posting).where(Posting.person_id == found.id).order_by(Posting.id.desc()))
    shown = sorted(grants, key=lambda grant: grant.ended_at is not None)
    acts = last_acts(session, holder, found)
    return render_template(
        "people/person.html",
        subject=found,
        grants=shown,
        postings=list(postings),
        names=names_of(
            session, {who for g in shown for who in (g.granted_by, g.ended_by)} | {a.actor_id for a in acts}
        ),
        endable={g.id for g in shown if not g.ended_at and may_give(holder, found.id, Role(g.role), g.base_id)},
        gifts=role_choices(roles_to_give(holder, target, [base.id for base in bases]), bases),
        manages=may_manage(holder, target),
        closes=may_close(holder, target),
        transfers=[b for b in bases if b.id != target.base and may_transfer(holder, target, b.id)],
        code=live_code(session, found),
        acts=acts,
        parts=[(template, read(session, found.id)) for template, read in registry().person_parts.items()],
    )


def last_acts(session: Session, holder: Holder, found: Person) -> list[AuditEntry]:
    """The last acts on the person in the chains that the holder may read, newest first."""
    bases = holder.bases_for("audit.read")
    statement = select(AuditEntry).where(AuditEntry.object_kind == "person", AuditEntry.object_id == str(found.id))
    if bases != ALL_BASES:
        statement = statement.where(AuditEntry.chain.in_(bases - {NO_BASE}))
    return list(session.scalars(statement.order_by(AuditEntry.id.desc()).limit(LAST_ACTS)))


def names_of(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of the persons with these ids, in the language of this answer."""
    rows = session.execute(select(Person.id, Person.name_zh, Person.name_en).where(Person.id.in_(set(ids) - {None})))
    return {row.id: name_of(row) for row in rows}


def live_code(session: Session, found: Person) -> OneTimeCode | None:
    """The code that still opens the door for the person."""
    return session.scalar(
        select(OneTimeCode).where(
            OneTimeCode.person_id == found.id, OneTimeCode.ended_at.is_(None), OneTimeCode.expires_at > now()
        )
    )


def role_choices(grants: tuple[Grant, ...], bases: Sequence[TrainingBase]) -> dict[str, list[tuple[str, str]]]:
    """Roles to choose from, a group a base: value "role@base" with nothing behind the @ for all bases."""
    titles: dict[str | None, str] = {base.id: name_of(base) for base in bases} | {None: _("All bases")}
    groups: dict[str, list[tuple[str, str]]] = {}
    for grant in grants:
        title = titles[grant.base]
        label = _("%(role)s – %(base)s", role=role_name(grant.role), base=title)
        groups.setdefault(title, []).append((f"{grant.role.value}@{grant.base or ''}", label))
    return groups


def chosen_grant(value: str | None, bases: Sequence[TrainingBase]) -> Grant:
    """The role that a choice of `role_choices` names. Raises Refused when it names none."""
    role, _at, base = str(value or "").partition("@")
    if role not in set(Role) or base not in {"", *(one.id for one in bases)}:
        raise Refused(_("Choose a role from the list."))
    return Grant(Role(role), base or None)

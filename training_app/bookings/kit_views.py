"""Equipment: the list, and the page of a piece with its bookings and closures."""

from collections.abc import Mapping
from typing import Any

from flask import Response as Answer
from flask import render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from training_app.bookings.models import Kit
from training_app.bookings.names import STATE_NAMES
from training_app.bookings.reach import bookables_within, kit_of
from training_app.bookings.views import (
    base_filter,
    bp,
    closed_now,
    names_of_bases,
    position_of_base,
    state_filter,
    state_of,
    told_of,
)
from training_app.lists import Column, ListSpec, list_page, list_rows, requested_export
from training_app.people.people_views import exported
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session


def kit_spec(bases: Mapping[str, str]) -> ListSpec:
    """The list of equipment. Rows: Kit, whether it is closed now."""
    return ListSpec(
        columns=(
            Column("name_zh", _l("Chinese name"), lambda row: row.Kit.name_zh, Kit.name_zh),
            Column("name_en", _l("English name"), lambda row: row.Kit.name_en, func.lower(Kit.name_en)),
            Column("base", _l("Base"), lambda row: bases.get(row.Kit.base_id, ""), position_of_base(Kit)),
            Column("note", _l("Note"), lambda row: row.Kit.note),
            Column("state", _l("State"), lambda row: str(STATE_NAMES[state_of(row.Kit, row.closed)])),
        ),
        default_sort="base",
        tie=Kit.id,
        search=(Kit.name_zh, Kit.name_en, Kit.note),
        filters=(base_filter(bases, Kit), state_filter(Kit)),
    )


@bp.get("/kit")
@permit("rooms.read")
def kits() -> str | Answer:
    """Every piece of equipment of the bases within reach."""
    session = read_session()
    holder = me().holder
    spec = kit_spec(names_of_bases(session, holder))
    statement: Any = select(Kit, closed_now(Kit).label("closed")).where(bookables_within(Kit, holder))
    kind = requested_export(request.args)
    if kind:
        return exported(spec, list_rows(session, statement, spec, request.args), kind, "kit")
    page = list_page(session, statement, spec, request.args)
    return render_template("bookings/kits.html", page=page, state_of=state_of)


@bp.get("/kit/<int:number>")
@permit("rooms.read")
def kit(number: int) -> str:
    """A piece of equipment: particulars, what it is booked for, closures."""
    session = read_session()
    found = kit_of(session, me().holder, "rooms.read", number)
    return render_template("bookings/kit.html", subject=found, **told_of(session, me().holder, found))

"""The list of score checks and objections: columns, search and filters."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import aliased

from training_app.exams.marking_models import Objection
from training_app.exams.models import Attempt, FormItem
from training_app.exams.objections.deciding import within
from training_app.exams.objections.names import KIND_NAMES, STATE_NAMES, state_of
from training_app.exams.objections.rules import Kind
from training_app.exams.setup.listing import title_of
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.lists import Column, Filter, ListSpec
from training_app.people.models import Person, TrainingBase
from training_app.people.names import PLACE_NAMES
from training_app.people.rules import Holder
from training_app.web.words import language, name_of

CANDIDATE = aliased(Person, name="candidate")
STATE: ColumnElement[Any] = case(
    (Objection.withdrawn_at.is_not(None), "withdrawn"), (Objection.decision.is_(None), "open"), else_=Objection.decision
)


def objections_spec(bases: Sequence[TrainingBase]) -> ListSpec:
    """The list. bases: those within reach."""
    kinds = tuple(KIND_NAMES.items())
    filters = [
        Filter("state", _l("State"), tuple(STATE_NAMES.items()), lambda value: STATE.in_((value,))),
        Filter("kind", _l("Kind"), kinds, lambda value: Objection.kind == value),
    ]
    if len(bases) > 1:
        choices = tuple((base.id, name_of(base)) for base in bases)
        filters.insert(0, Filter("base", _l("Base"), choices, lambda value: Attempt.base_id == value))
    return ListSpec(
        columns=(
            Column("at", _("Asked"), lambda row: row.Objection.at, Objection.at),
            Column("candidate", _("Candidate"), lambda row: name_of(row.candidate), _name_column()),
            Column("ticket", _("Ticket"), lambda row: row.ticket or "–", RosterPlace.ticket_number),
            Column("kind", _("What is asked"), lambda row: str(KIND_NAMES[Kind(row.Objection.kind)]), Objection.kind),
            Column("item", _("Item"), lambda row: row.position, FormItem.position, numeric=True),
            Column("sitting", _("Sitting"), lambda row: title_of(row.Sitting), Sitting.starts_at),
            Column("base", _("Base"), lambda row: str(PLACE_NAMES[row.Sitting.base_id]), Sitting.base_id),
            Column("state", _("State"), lambda row: str(STATE_NAMES[state_of(row.Objection)]), STATE),
            Column("decided", _("Decided"), lambda row: row.Objection.decided_at, Objection.decided_at),
        ),
        default_sort="at",
        tie=Objection.id,
        search=(
            CANDIDATE.name_zh,
            CANDIDATE.name_en,
            RosterPlace.ticket_number,
            Sitting.title_zh,
            Sitting.title_en,
        ),
        filters=tuple(filters),
    )


def _name_column() -> ColumnElement[Any]:
    return func.lower(CANDIDATE.name_en if language() == "en" else CANDIDATE.name_zh)


def objections_listed(holder: Holder) -> Select[Any]:
    """What was asked within the holder's reach, each with candidate, sitting, ticket and the place of the item."""
    item = and_(FormItem.form_id == Attempt.form_id, FormItem.item_version_id == Objection.item_version_id)
    place = and_(RosterPlace.attempt_id == Attempt.id, RosterPlace.sitting_id == Attempt.sitting_id)
    statement: Any = (  # of three entities and two columns: lists take the rows as they come
        select(Objection, CANDIDATE, Sitting, RosterPlace.ticket_number.label("ticket"), FormItem.position)
        .join(Attempt, Attempt.id == Objection.attempt_id)
        .join(Sitting, Sitting.id == Attempt.sitting_id)
        .join(CANDIDATE, CANDIDATE.id == Objection.person_id)
        .outerjoin(RosterPlace, place)
        .outerjoin(FormItem, item)
        .where(within(holder))
    )
    found: Select[Any] = statement
    return found

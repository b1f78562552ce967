"""The list of sittings: columns, search and filters."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, select

from training_app.exams.setup.sittings import sittings_within
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.exams.sitting_words import SITTING_STATES
from training_app.lists import Column, Filter, ListSpec
from training_app.people.models import TrainingBase
from training_app.people.names import PLACE_NAMES
from training_app.people.rules import Holder
from training_app.web.words import language, name_of

PLACED = (
    select(func.count())
    .where(RosterPlace.sitting_id == Sitting.id, ~RosterPlace.state.in_(("withdrawn", "void", "deferred")))
    .correlate(Sitting)
    .scalar_subquery()
)


def title_of(sitting: Sitting) -> str:
    """The title in the language of this answer."""
    return sitting.title_en if language() == "en" else sitting.title_zh


def sittings_spec(bases: Sequence[TrainingBase]) -> ListSpec:
    """The list. bases: those within reach."""
    filters = [Filter("state", _l("State"), tuple(SITTING_STATES.items()), lambda value: Sitting.state == value)]
    if len(bases) > 1:
        choices = tuple((base.id, name_of(base)) for base in bases)
        filters.insert(0, Filter("base", _l("Base"), choices, lambda value: Sitting.base_id == value))
    return ListSpec(
        columns=(
            Column("title", _("Sitting"), lambda row: title_of(row.Sitting), _title_column()),
            Column("base", _("Base"), lambda row: str(PLACE_NAMES[row.Sitting.base_id]), Sitting.base_id),
            Column("starts", _("Beginning"), lambda row: row.Sitting.starts_at, Sitting.starts_at),
            Column("length", _("Minutes"), lambda row: row.Sitting.length_s // 60, Sitting.length_s, numeric=True),
            Column("rooms", _("Rooms"), lambda row: ", ".join(name_of(r.room) for r in row.Sitting.rooms)),
            Column("placed", _("Placed"), lambda row: row.placed, PLACED, numeric=True),
            Column("state", _("State"), lambda row: str(SITTING_STATES[row.Sitting.state]), Sitting.state),
        ),
        default_sort="-starts",
        tie=Sitting.id,
        search=(Sitting.title_zh, Sitting.title_en),
        filters=tuple(filters),
    )


def _title_column() -> ColumnElement[Any]:
    return func.lower(Sitting.title_en if language() == "en" else Sitting.title_zh)


def sittings_listed(holder: Holder) -> Select[Any]:
    """The sittings within the holder's reach, each with how many are placed."""
    return select(Sitting, PLACED.label("placed")).where(sittings_within(holder, "sittings.read"))

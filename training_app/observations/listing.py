"""The list of observations: columns, search and filters; what is on the air now, what comes next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from training_app.lists import Column, Filter, ListSpec
from training_app.observations.models import Observation, ObservationPlace
from training_app.observations.reach import observations_within, open_to
from training_app.observations.rules import LIVE
from training_app.observations.words import KINDS, STATES, title_of
from training_app.people.models import TrainingBase
from training_app.people.names import PLACE_NAMES
from training_app.people.rules import Holder
from training_app.web.words import language, name_of

MOST_NEXT: Final = 3
"""Of the planned ones, so many stand on a home."""
TAKEN = (
    select(func.count())
    .where(ObservationPlace.observation_id == Observation.id, ObservationPlace.state == "expected")
    .correlate(Observation)
    .scalar_subquery()
)


def _seen_by(holder: Holder) -> ColumnElement[bool]:
    return or_(observations_within(holder, "observations.read"), open_to(holder))


def observations_spec(bases: Sequence[TrainingBase]) -> ListSpec:
    """The list of observations."""
    choices = tuple((base.id, name_of(base)) for base in bases)
    return ListSpec(
        columns=(
            Column("title", _("Observation"), lambda row: title_of(row.Observation), _title_column()),
            Column("base", _("Base"), lambda row: str(PLACE_NAMES[row.Observation.base_id]), Observation.base_id),
            Column("kind", _("Kind"), lambda row: str(KINDS[row.Observation.kind]), Observation.kind),
            Column("starts", _("Begins"), lambda row: row.Observation.starts_at, Observation.starts_at),
            Column("host", _("Host"), lambda row: name_of(row.Observation.host)),
            Column("places", _("Places"), _places_of),
            Column("state", _("State"), lambda row: str(STATES[row.Observation.state]), Observation.state),
        ),
        default_sort="-starts",
        tie=Observation.id,
        search=(Observation.title_zh, Observation.title_en),
        filters=(
            Filter("base", _l("Base"), choices, lambda value: Observation.base_id == value),
            Filter("kind", _l("Kind"), tuple(KINDS.items()), lambda value: Observation.kind == value),
            Filter("state", _l("State"), tuple(STATES.items()), lambda value: Observation.state == value),
        ),
    )


def _title_column() -> ColumnElement[Any]:
    return func.lower(Observation.title_en if language() == "en" else Observation.title_zh)


def _places_of(row: Any) -> str:
    places = row.Observation.places
    return str(_("%(taken)s of %(places)s", taken=row.taken, places=places) if places else _("none needed"))


def observations_listed(holder: Holder) -> Select[Any]:
    """The observations that the holder sees, each with how many have a place."""
    return select(Observation, TAKEN.label("taken")).where(_seen_by(holder))


def on_air_now(session: Session, holder: Holder) -> list[Observation]:
    """What is on the air, or whose venues connect, the earliest first."""
    return _in_order(session, holder, Observation.state.in_(LIVE))


def now_and_next(session: Session, holder: Holder, now: datetime) -> tuple[list[Observation], list[Observation]]:
    """What is on the air or connects, and what is planned next, each the earliest first."""
    planned = and_(Observation.state == "planned", Observation.ends_at > now)
    found = _in_order(session, holder, or_(Observation.state.in_(LIVE), planned))
    return [one for one in found if one.state in LIVE], [one for one in found if one.state not in LIVE][:MOST_NEXT]


def _in_order(session: Session, holder: Holder, wanted: ColumnElement[bool]) -> list[Observation]:
    found = select(Observation).where(wanted, _seen_by(holder)).order_by(Observation.starts_at, Observation.id)
    return list(session.scalars(found).unique())

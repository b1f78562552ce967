"""Observations planned, changed and cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.clock import SHANGHAI
from training_app.errors import Conflict, NotFound, Refused
from training_app.observations.acts import By, change_stage, write_down
from training_app.observations.claims import book_all, release_all, standing_places
from training_app.observations.models import AudienceBase, Observation, ObservationPlace
from training_app.observations.reach import NO_OBSERVATION
from training_app.observations.rules import MOST_KEPT, Times, may_become, times_fault
from training_app.observations.venues import VenueEntry, set_venues
from training_app.people.models import Person, RoleGrant, TrainingBase
from training_app.people.rules import Role
from training_app.programmes.models import Programme

CLOSED = _l("This observation can no longer be changed.")
TIMES = {
    "order": _l("The end lies before the beginning."),
    "past": _l("The observation ends in the past. Choose a later time."),
    "long": _l("The observation lasts longer than a month. Look at the dates."),
    "far": _l("The observation lies more than five years ahead. Look at the year."),
}
CHANGED_MEANWHILE = _l(
    "Somebody else changed this observation while you were editing. Compare with what stands there now; "
    "saving again puts yours in its place."
)


class ChangedMeanwhile(Conflict):
    """Somebody else changed the observation since it was shown."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is entered for an observation. bases: those invited. places: None when nobody needs one."""

    kind: str
    title_zh: str
    title_en: str
    note: str
    times: Times
    host_id: int
    programme_id: str
    bases: tuple[str, ...]
    places: int | None
    keep_days: int
    venues: tuple[VenueEntry, ...]


def hosts_at(session: Session, base: str) -> Sequence[Person]:
    """Who may host at the base: instructors and administrators there or of all bases, who can sign in."""
    roles = (Role.INSTRUCTOR, Role.BASE_ADMIN, Role.PROGRAMME_ADMIN)
    holders = select(RoleGrant.person_id).where(
        RoleGrant.role.in_(roles),
        RoleGrant.ended_at.is_(None),
        or_(RoleGrant.base_id == base, RoleGrant.base_id.is_(None)),
    )
    statement = select(Person).where(Person.id.in_(holders), Person.blocked_at.is_(None)).order_by(Person.name_en)
    return session.scalars(statement).unique().all()


def plan(session: Session, base: str, entered: Plan, by: By) -> Observation:
    """The planned observation with its venues, rooms and host, or a refusal and nothing."""
    if not by.holder.reaches("observations.edit", base):
        raise NotFound(NO_OBSERVATION, act="observations.edit")
    observation = Observation(base_id=base, state="planned", made_by=by.holder.id, made_at=by.now)
    _require_sound(session, base, entered, by.now)
    _take_over(observation, entered)
    session.add(observation)
    session.flush()
    _invite(session, observation, entered.bases)
    set_venues(session, observation, entered.venues, by.now)
    book_all(session, observation, by)
    details = {"starts": _local(observation.starts_at), "title": observation.title_zh, "host": observation.host.name_zh}
    write_down(session, observation, Act("observation.planned", *by.stamp(observation), details), by)
    return observation


def change(session: Session, observation: Observation, entered: Plan, *, reason: str, by: By) -> None:
    """The observation as entered. Every booking moves along, or nothing changes."""
    if observation.state != "planned":
        raise Refused(CLOSED)
    _require_sound(session, observation.base_id, entered, by.now)
    if entered.places is not None and entered.places < len(standing_places(session, observation)):
        raise Refused(_l("More people have a place already. Withdraw places first, or give more."))
    before = _local(observation.starts_at), _local(observation.ends_at)
    _take_over(observation, entered)
    observation.version += 1
    session.flush()
    session.expire(observation, ["host"])
    _invite(session, observation, entered.bases)
    set_venues(session, observation, entered.venues, by.now)
    book_all(session, observation, by)
    after = _local(observation.starts_at), _local(observation.ends_at)
    details = {name: [old, new] for name, old, new in zip(("starts", "ends"), before, after, strict=True) if old != new}
    write_down(session, observation, Act("observation.changed", *by.stamp(observation), details), by, reason=reason)


def claim_version(observation: Observation, seen: int) -> None:
    """Nothing when the observation still has the version that was shown, else ChangedMeanwhile."""
    if observation.version != seen:
        raise ChangedMeanwhile(CHANGED_MEANWHILE)


def cancel(session: Session, observation: Observation, reason: str, by: By) -> None:
    """The observation does not take place: host, rooms and people are free, and places are void."""
    if not may_become(observation.state, "cancelled"):
        raise Refused(CLOSED)
    was_opened = observation.state != "planned"
    observation.state, observation.version = "cancelled", observation.version + 1
    if was_opened:
        change_stage(observation, by.now)
    release_all(session, observation)
    standing = ObservationPlace.observation_id == observation.id, ObservationPlace.state == "expected"
    session.execute(update(ObservationPlace).where(*standing).values(state="void"))
    session.expire_all()
    write_down(session, observation, Act("observation.cancelled", *by.stamp(observation)), by, reason=reason)


def _require_sound(session: Session, base: str, entered: Plan, now: datetime) -> None:
    fault = times_fault(entered.times, now)
    if fault is not None:
        raise Refused(TIMES[fault])
    if not any(person.id == entered.host_id for person in hosts_at(session, base)):
        raise Refused(_l("Choose a host who is an instructor or administrator of this base."))
    if session.get(Programme, entered.programme_id) is None:
        raise Refused(_l("Choose a programme."))
    known = session.scalar(select(func.count()).where(TrainingBase.id.in_(entered.bases)))
    if not entered.bases or known != len(set(entered.bases)):
        raise Refused(_l("Choose at least one base whose trainees may come."))
    if not 1 <= entered.keep_days <= MOST_KEPT.days or (entered.places is not None and entered.places < 1):
        raise Refused(_l("Look at the number of places and at how long the recording is kept."))


def _take_over(observation: Observation, entered: Plan) -> None:
    for name in ("kind", "title_zh", "title_en", "note", "host_id", "programme_id", "places", "keep_days"):
        setattr(observation, name, getattr(entered, name))
    observation.starts_at, observation.ends_at = entered.times.starts_at, entered.times.ends_at


def _invite(session: Session, observation: Observation, bases: Sequence[str]) -> None:
    session.execute(delete(AudienceBase).where(AudienceBase.observation_id == observation.id))
    rows = [{"observation_id": observation.id, "base_id": base} for base in sorted(set(bases))]
    session.execute(insert(AudienceBase), rows)
    session.expire(observation, ["bases"])


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

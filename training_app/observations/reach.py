"""Which observations lie within the reach of a person, and how somebody stands to one."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from training_app.errors import NotAllowed, NotFound
from training_app.observations.models import (
    AudienceBase,
    ConfidentialityAcceptance,
    Observation,
    ObservationPlace,
    ObservationVenue,
)
from training_app.observations.rules import Watching
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import ALL_BASES, Grant, Holder, Role

NO_OBSERVATION: Final = _l("There is no such observation within your reach.")
NO_VENUE: Final = _l("There is no such venue in this observation.")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands to an observation.

    place: the one that is expected. of_audience: a trainee of a base that is invited. staff: may look in within the own
    reach, or hosts it. accepted: the notice of confidentiality.
    """

    place: ObservationPlace | None
    of_audience: bool
    staff: bool
    accepted: bool

    def watching(self, observation: Observation) -> Watching:
        """The same as the rules see it."""
        invited = self.place is not None or (self.of_audience and observation.places is None)
        return Watching(invited, self.staff, self.accepted)


def trainee_bases(holder: Holder) -> frozenset[str]:
    """The bases at which the person is a trainee."""
    return frozenset(grant.base for grant in holder.grants if grant.role is Role.TRAINEE and grant.base)


def observations_within(holder: Holder, permission: str) -> ColumnElement[bool]:
    """The condition on Observation that `permission` of `holder` sets, as staff: by base, or as the host.

    To read, the reach goes also over observations to which a base is invited.
    """
    bases = holder.bases_for(permission)
    if bases == ALL_BASES:
        return true()
    mine = Observation.host_id == holder.id if holder.may(permission) else false()
    invited = _invites(bases) if permission in {"observations.read", "observations.watch"} else false()
    return or_(Observation.base_id.in_(bases), mine, invited)


def open_to(holder: Holder) -> ColumnElement[bool]:
    """The condition on Observation that the person may come, as a trainee of an invited base or with a place."""
    own = select(ObservationPlace.observation_id).where(
        ObservationPlace.person_id == holder.id, ObservationPlace.state == "expected"
    )
    return or_(_invites(trainee_bases(holder)), Observation.id.in_(own))


def _invites(bases: Collection[str]) -> ColumnElement[bool]:
    return Observation.id.in_(select(AudienceBase.observation_id).where(AudienceBase.base_id.in_(bases)))


def observation_within(
    session: Session, holder: Holder, permission: str, observation_id: int, *, to_change: bool = False
) -> Observation:
    """The observation with this id, for staff. NotFound, the same for none and for another base's; the latter is noted.

    to_change: the row stays locked to the end of the transaction, so that acts on one observation follow each other.
    """
    found = _known(session, observation_id, to_change=to_change)
    if session.scalar(
        select(Observation.id).where(Observation.id == found.id, observations_within(holder, permission))
    ):
        return found
    raise NotFound(NO_OBSERVATION, act=permission)


def _known(session: Session, observation_id: int, *, to_change: bool = False) -> Observation:
    lock = {"of": Observation} if to_change else None
    found = session.get(Observation, observation_id, with_for_update=lock) if observation_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(NO_OBSERVATION)
    return found


def observation_for(
    session: Session, holder: Holder, observation_id: int, *, to_change: bool = False
) -> tuple[Observation, Standing]:
    """The observation and how the person stands to it. NotFound when it is neither within reach nor open to them."""
    found = _known(session, observation_id, to_change=to_change)
    standing = standing_of(session, holder, found)
    if standing.place is None and not standing.of_audience and not standing.staff:
        raise NotFound(NO_OBSERVATION, act="observations.read")
    return found, standing


def standing_of(session: Session, holder: Holder, observation: Observation) -> Standing:
    """How the person stands to the observation."""
    place = session.scalars(
        select(ObservationPlace).where(
            ObservationPlace.observation_id == observation.id,
            ObservationPlace.person_id == holder.id,
            ObservationPlace.state == "expected",
        )
    ).first()
    invited = set(session.scalars(select(AudienceBase.base_id).where(AudienceBase.observation_id == observation.id)))
    accepted = session.scalar(
        select(ConfidentialityAcceptance.id).where(
            ConfidentialityAcceptance.observation_id == observation.id,
            ConfidentialityAcceptance.person_id == holder.id,
        )
    )
    staff = observation.host_id == holder.id or any(
        holder.reaches("observations.read", base) for base in (observation.base_id, *invited)
    )
    return Standing(place, not invited.isdisjoint(trainee_bases(holder)), staff, accepted is not None)


def may_host(holder: Holder, observation: Observation) -> bool:
    """Whether the person hosts the observation, or administers its base or the programme."""
    administrators = {Grant(Role.BASE_ADMIN, observation.base_id), Grant(Role.PROGRAMME_ADMIN, None)}
    return holder.id == observation.host_id or not administrators.isdisjoint(holder.grants)


def studio_of(session: Session, holder: Holder, observation_id: int, *, to_change: bool = False) -> Observation:
    """The observation for who hosts it. NotFound beyond the reach, NotAllowed for who only looks on."""
    found = observation_within(session, holder, "observations.host", observation_id, to_change=to_change)
    if not may_host(holder, found):
        text = _l("Only the host of this observation and administrators of its base act here.")
        raise NotAllowed(text, act="observations.host")
    return found


def venue_of(session: Session, observation: Observation, venue_id: int) -> ObservationVenue:
    """The venue of this observation with this id. Raises NotFound."""
    found = session.get(ObservationVenue, venue_id) if 0 < venue_id <= LARGEST_ID else None
    if found is None or found.observation_id != observation.id or found.removed_at is not None:
        raise NotFound(NO_VENUE)
    return found

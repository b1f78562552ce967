"""Links that open the page of a venue without an account. Only this site can make one, and each opens one venue."""

import hmac
import re
from dataclasses import dataclass
from typing import ClassVar, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from training_app.errors import NotFound, Refused
from training_app.observations.models import Observation, ObservationVenue, VenueLink
from training_app.observations.rules import STANDING
from training_app.people.reach import LARGEST_ID
from training_app.signing import key_for, keyed_digest

SECRET: Final = re.compile(r"([1-9][0-9]{0,9})-([0-9a-f]{32})")
SHOWN: Final = 32
"""Hex digits of a link's digest: 128 bits."""
NO_YEAR: Final = 0
"""A link lives for an occasion, not for a year."""


class LinkOver(Refused):
    """The link was good once, and opens nothing any more."""

    status: ClassVar[int] = 410


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens."""

    link: VenueLink
    venue: ObservationVenue
    observation: Observation


def secret_of_link(secret: str, link: VenueLink) -> str:
    """What stands in the address of the page: `12-` and 32 hex digits. secret: of the installation."""
    return f"{link.id}-{_digest(secret, link.id)}"


def opened_by(session: Session, secret: str, text: str) -> Opened:
    """What `text` opens. NotFound for what is no link; LinkOver when it was revoked or its occasion is over."""
    found = SECRET.fullmatch(text)
    number = int(found[1]) if found else 0
    if found is None or number > LARGEST_ID or not hmac.compare_digest(found[2], _digest(secret, number)):
        raise NotFound(_l("This link opens nothing. Look whether it was copied whole."))
    link = session.get(VenueLink, number)
    venue = session.get(ObservationVenue, link.venue_id) if link else None
    observation = session.get(Observation, venue.observation_id) if venue else None
    if link is None or venue is None or observation is None:
        raise NotFound(_l("This link opens nothing. Look whether it was copied whole."))
    if observation.state not in STANDING:
        raise LinkOver(_l("This observation is over. Thank you for your part in it."))
    if link.revoked_at is not None or venue.removed_at is not None:
        raise LinkOver(_l("This link was replaced or withdrawn. Ask the host for the present one."))
    return Opened(link, venue, observation)


def _digest(secret: str, number: int) -> str:
    return keyed_digest(key_for(secret, "venue", NO_YEAR), str(number))[:SHOWN]

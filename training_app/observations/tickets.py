"""What lets somebody in to a stream: checked here once, then said by a token that the media process believes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.clock import shanghai_day
from training_app.errors import Conflict
from training_app.observations.links import Opened
from training_app.observations.models import Observation, ObservationRecording
from training_app.observations.reach import Standing
from training_app.observations.rules import LIVE, why_not
from training_app.observations.stage import link_sub, path_of, person_sub
from training_app.observations.words import REFUSALS
from training_app.streams.names import PROGRAM, TALKBACK, Act, Claims
from training_app.streams.tokens import claims_for
from training_app.web.words import name_of

ADDRESSES_HOLD: Final = timedelta(hours=4)
"""How long addresses of HLS hold that are given for a token; a page that is open longer asks again."""
AFTER_THE_END: Final = timedelta(hours=2)
"""So much longer than planned an encoder may send with the key that it was given once."""
NOT_LET_IN: Final = _l("The host has not let the venues in yet. This page tries again by itself.")
NO_STREAM: Final = _l("There is no such picture in this observation.")


def streams_of(observation: Observation) -> list[dict[str, str]]:
    """What can be watched, the program first, with names in the language of this answer."""
    venues = [{"stream": venue.stream, "name": name_of(venue)} for venue in observation.venues]
    return [{"stream": PROGRAM, "name": str(_("Program"))}, *venues]


def recordings_of(session: Session, observation: Observation, now: datetime) -> Sequence[ObservationRecording]:
    """The recordings that can still be watched, the program's first."""
    if observation.keep_until is not None and observation.keep_until < shanghai_day(now):
        return ()
    found = session.scalars(
        select(ObservationRecording)
        .where(ObservationRecording.observation_id == observation.id, ObservationRecording.deleted_at.is_(None))
        .order_by(ObservationRecording.stream != PROGRAM, ObservationRecording.stream)
    )
    return found.all()


def refusal(session: Session, observation: Observation, standing: Standing, now: datetime) -> str | None:
    """Why the person cannot watch now, by the words of the rules; None when nothing hinders."""
    has_recording = observation.state == "ended" and bool(recordings_of(session, observation, now))
    return why_not(observation.state, standing.watching(observation), has_recording=has_recording)


def viewer_claims(
    session: Session, observation: Observation, standing: Standing, *, stream: str, person_id: int, now: datetime
) -> Claims:
    """What a viewer's token says. Conflict, in words, when the person cannot watch that now."""
    why = refusal(session, observation, standing, now)
    if why is not None:
        raise Conflict(REFUSALS[why])
    _require_stream(observation, stream)
    sound = "" if stream == PROGRAM or observation.state == "ended" else path_of(observation)
    until = now + ADDRESSES_HOLD
    sub, path = person_sub(person_id), path_of(observation, stream)
    return claims_for(sub, path, Act.VIEW, now, sound=sound, until=until)


def monitor_claims(observation: Observation, *, stream: str, person_id: int, now: datetime) -> Claims:
    """What a host's token says, for what a venue sends, on the air or not."""
    if observation.state not in LIVE:
        raise Conflict(_l("Let the venues in first: until then none of them can send."))
    _require_stream(observation, stream)
    until = now + ADDRESSES_HOLD
    return claims_for(person_sub(person_id), path_of(observation, stream), Act.MONITOR, now, until=until)


def publisher_claims(opened: Opened, now: datetime, *, for_an_encoder: bool = False) -> Claims:
    """What a venue's token says. for_an_encoder: it is typed in once and holds to the end of the occasion."""
    if opened.observation.state not in LIVE and not for_an_encoder:
        raise Conflict(NOT_LET_IN)
    path = path_of(opened.observation, opened.venue.stream)
    sub = link_sub(opened.link)
    if not for_an_encoder:
        return claims_for(sub, path, Act.PUBLISH, now)
    ends = max(opened.observation.ends_at, now) + AFTER_THE_END
    return claims_for(sub, path, Act.PUBLISH, now, lasts=ends - now)


def talker_claims(observation: Observation, *, person_id: int, now: datetime) -> Claims:
    """What a host's token says who speaks to the venues."""
    if observation.state not in LIVE:
        raise Conflict(_l("Let the venues in first: until then nobody can hear you."))
    return claims_for(person_sub(person_id), path_of(observation, TALKBACK), Act.PUBLISH, now)


def listener_claims(opened: Opened, now: datetime) -> Claims:
    """What a venue's token says to hear the host."""
    if opened.observation.state not in LIVE:
        raise Conflict(NOT_LET_IN)
    return claims_for(link_sub(opened.link), path_of(opened.observation, TALKBACK), Act.VIEW, now)


def _require_stream(observation: Observation, stream: str) -> None:
    if not any(one["stream"] == stream for one in streams_of(observation)):
        raise Conflict(NO_STREAM)


def is_live(figures: Mapping[str, Any], observation: Observation, stream: str) -> bool:
    """Whether something arrives on the stream, by the figures of the media process."""
    found = figures.get("paths", {}).get(path_of(observation, stream))
    return bool(found and found.get("live"))

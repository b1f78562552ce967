"""What the studio shows: every venue with its figures, who watches by base, the recording."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.config import Settings
from training_app.observations.claims import standing_places
from training_app.observations.figures import figures_of
from training_app.observations.granting import shown_state
from training_app.observations.models import Observation, ObservationVenue
from training_app.observations.staff import hours_left
from training_app.observations.stage import path_of
from training_app.observations.words import warning_in_words
from training_app.people.models import Posting
from training_app.people.names import PLACE_NAMES
from training_app.people.reach import LARGEST_ID
from training_app.streams.names import PROGRAM
from training_app.web.words import name_of

FIGURES: Final = (
    "since",
    "codec",
    "width",
    "height",
    "fps",
    "kbps_video",
    "kbps_audio",
    "loss_percent",
    "keyframe_interval_s",
    "viewers",
)
NO_BASE: Final = "-"


def studio_state(session: Session, settings: Settings, observation: Observation) -> Mapping[str, Any]:
    """The state with the figures of the media process; is_media_up False when it does not answer."""
    figures = figures_of(settings, observation)
    paths: Mapping[str, Mapping[str, Any]] = (figures or {}).get("paths", {})
    program = next((venue.stream for venue in observation.venues if venue.is_program), None)
    recorded: Mapping[str, Any] = paths.get(path_of(observation), {}).get("recording") or {}
    return {
        "state": shown_state(observation),
        "program": program,
        "is_media_up": figures is not None,
        "venues": [_venue(observation, venue, paths) for venue in observation.venues],
        "warnings": warnings_of(paths.get(path_of(observation, PROGRAM), {})),
        "watching": watching(session, observation, paths.values()),
        "recording": {
            "is_on": bool(recorded.get("is_on")),
            "seconds": recorded.get("seconds", 0),
            "bytes": recorded.get("bytes", 0),
        },
        "hours": hours_left(settings, len(observation.venues)),
    }


def _venue(observation: Observation, venue: ObservationVenue, paths: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    found = paths.get(path_of(observation, venue.stream), {})
    consent = venue.consent
    return {
        "stream": venue.stream,
        "name": name_of(venue),
        "live": bool(found.get("live")),
        "is_program": venue.is_program,
        "consented": consent is not None,
        "recorded": consent is not None and consent.recording,
        "synthetic": venue.is_synthetic,
        "warnings": warnings_of(found),
        **{name: found.get(name) for name in FIGURES},
    }


def warnings_of(figures: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is wrong with a stream, in words."""
    return [{"name": name, "text": warning_in_words(name)} for name in figures.get("warnings", ())]


def watching(session: Session, observation: Observation, paths: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """How many people watch, and how many of them and of those with places at each base."""
    subs = {one.get("sub", "") for path in paths for one in path.get("watchers", ())}
    people = {int(sub[1:]) for sub in subs if sub.startswith("p") and sub[1:].isdecimal()}
    booked = {place.person_id for place in standing_places(session, observation)}
    base_of = _bases(session, [*people, *booked])
    now_there = Counter(base_of.get(person, NO_BASE) for person in people)
    expected = Counter(base_of.get(person, NO_BASE) for person in booked)
    names = [base for base in PLACE_NAMES if now_there[base] or expected[base]]
    return {
        "total": len(people),
        "booked": len(booked),
        "bases": [
            {"base": base, "name": str(PLACE_NAMES[base]), "watching": now_there[base], "booked": expected[base]}
            for base in names
        ],
    }


def _bases(session: Session, people: Sequence[int]) -> dict[int, str]:
    known = [number for number in people if number <= LARGEST_ID]
    rows = session.execute(
        select(Posting.person_id, Posting.base_id).where(Posting.person_id.in_(known), Posting.ended_on.is_(None))
    )
    return {row.person_id: row.base_id for row in rows}

"""The studio: who hosts sees every venue and decides what goes out."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from training_app.observations.acting import by, carried_out
from training_app.observations.granting import asked, granted, in_json, shown
from training_app.observations.hosting import HOSTED, put_on_program
from training_app.observations.models import Observation
from training_app.observations.reach import studio_of
from training_app.observations.studio_state import studio_state
from training_app.observations.tickets import monitor_claims, talker_claims
from training_app.observations.views import bp
from training_app.people.signed import me
from training_app.streams.names import PROGRAM
from training_app.web.access import permit
from training_app.web.requests import now, read_session, settings
from training_app.web.words import name_of


def to_host(session: Session, observation_id: int) -> Observation:
    """The observation, locked, for who hosts it."""
    return studio_of(session, me().holder, observation_id, to_change=True)


@bp.get("/studio/<int:observation_id>")
@permit("observations.host")
def studio(observation_id: int) -> str:
    """The page of the host."""
    session = read_session()
    found = studio_of(session, me().holder, observation_id)
    number = found.id
    data = {
        "urls": {
            "enter": url_for("observations.monitor", observation_id=number),
            "state": url_for("observations.state_of_studio", observation_id=number),
            "talk": url_for("observations.talk", observation_id=number),
            "act": f"{url_for('observations.studio', observation_id=number)}/ACT",
        },
        "venues": [{"stream": venue.stream, "name": name_of(venue)} for venue in found.venues],
        **studio_state(session, settings(), found),
    }
    back = url_for("observations.observation", observation_id=found.id)
    return render_template("observations/studio.html", shown=shown(session, found, back), data=data)


@bp.post("/studio/<int:observation_id>/enter")
@permit("observations.host")
@in_json
def monitor(observation_id: int) -> Mapping[str, Any]:
    """Where a venue's picture is before it goes out, and the token for it."""
    found = studio_of(read_session(), me().holder, observation_id)
    stream = asked("stream") or PROGRAM
    claims = monitor_claims(found, stream=stream, person_id=me().id, now=now())
    return granted(claims) | {"stream": stream}


@bp.post("/studio/<int:observation_id>/talk")
@permit("observations.host")
@in_json
def talk(observation_id: int) -> Mapping[str, Any]:
    """Where the host speaks to the venues, and the token for it."""
    found = studio_of(read_session(), me().holder, observation_id)
    return granted(talker_claims(found, person_id=me().id, now=now()))


@bp.get("/studio/<int:observation_id>/state")
@permit("observations.host")
@in_json
def state_of_studio(observation_id: int) -> Mapping[str, Any]:
    """Everything that the page of the host shows."""
    session = read_session()
    return studio_state(session, settings(), studio_of(session, me().holder, observation_id))


@bp.post("/studio/<int:observation_id>/<any(open, air, hold, resume, end):act>")
@permit("observations.host")
@in_json
def host_act(observation_id: int, act: str) -> Mapping[str, Any]:
    """What the host does; the media process hears of it at once."""
    carried_out(observation_id, lambda session, found: HOSTED[act](session, found, by()), to_host)
    return _now(observation_id)


@bp.post("/studio/<int:observation_id>/program")
@permit("observations.host")
@in_json
def switch_program(observation_id: int) -> Mapping[str, Any]:
    """Another venue is on program from its next keyframe on."""
    stream = asked("stream")
    carried_out(observation_id, lambda session, found: put_on_program(session, found, stream, by()), to_host)
    return _now(observation_id)


def _now(observation_id: int) -> Mapping[str, Any]:
    session = read_session()
    return studio_state(session, settings(), studio_of(session, me().holder, observation_id))

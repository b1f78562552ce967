"""Pages of viewers: the hall, while an observation is on the air, and its recording; what lets them in."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.observations.figures import figures_of
from training_app.observations.granting import asked, granted, in_json, mark, shown, shown_state
from training_app.observations.models import Observation
from training_app.observations.reach import Standing, observation_for
from training_app.observations.tickets import is_live, recordings_of, refusal, streams_of, viewer_claims
from training_app.observations.views import bp
from training_app.observations.words import REFUSALS, SITUATIONS
from training_app.people.signed import me
from training_app.streams.names import PROGRAM
from training_app.web.access import permit
from training_app.web.requests import now, read_session, settings


def _asked_for(observation_id: int) -> tuple[Session, Observation, Standing]:
    session = read_session()
    found, standing = observation_for(session, me().holder, observation_id)
    return session, found, standing


def _urls(found: Observation) -> dict[str, str]:
    endpoints = {"enter": "enter", "state": "viewer_state", "recording": "recording"}
    return {name: url_for(f"observations.{endpoint}", observation_id=found.id) for name, endpoint in endpoints.items()}


@bp.get("/observations/<int:observation_id>/watch")
@permit("observations.watch")
def watch(observation_id: int) -> str | Response:
    """The hall: one large picture. Who cannot watch is led to the page that says why and what to do."""
    session, found, standing = _asked_for(observation_id)
    why = refusal(session, found, standing, now())
    back = url_for("observations.observation", observation_id=found.id)
    if why in {"uninvited", "notice", "over", "cancelled"}:
        flash(str(REFUSALS[why]), "warning")
        return redirect(back)
    if found.state == "ended":
        return redirect(url_for("observations.recording", observation_id=found.id))
    data = {"urls": _urls(found), "streams": streams_of(found), "state": shown_state(found), "mark": mark(session)}
    return render_template("observations/watch.html", shown=shown(session, found, back), data=data)


@bp.get("/observations/<int:observation_id>/recording")
@permit("observations.watch")
def recording(observation_id: int) -> str | Response:
    """The recording, as long as it is kept."""
    session, found, standing = _asked_for(observation_id)
    why = refusal(session, found, standing, now())
    back = url_for("observations.observation", observation_id=found.id)
    if why is not None or found.state != "ended":
        flash(str(REFUSALS[why or "early"]), "warning")
        return redirect(back)
    kept = {one.stream for one in recordings_of(session, found, now())}
    streams = [one for one in streams_of(found) if one["stream"] in kept]
    data = {"urls": _urls(found), "streams": streams, "state": shown_state(found), "mark": mark(session)}
    return render_template("observations/recording.html", shown=shown(session, found, back), data=data)


@bp.post("/observations/<int:observation_id>/enter")
@permit("observations.watch")
@in_json
def enter(observation_id: int) -> Mapping[str, Any]:
    """Where the picture is and the token for it. The reader is looked at anew each time."""
    session, found, standing = _asked_for(observation_id)
    stream = asked("stream") or PROGRAM
    claims = viewer_claims(session, found, standing, stream=stream, person_id=me().id, now=now())
    return granted(claims) | {
        "mark": mark(session),
        "state": shown_state(found),
        "stream": stream,
        "streams": streams_of(found),
    }


@bp.get("/observations/<int:observation_id>/state")
@permit("observations.watch")
@in_json
def viewer_state(observation_id: int) -> Mapping[str, Any]:
    """How far the observation is, and which venues send."""
    session, found, standing = _asked_for(observation_id)
    why = refusal(session, found, standing, now())
    figures = figures_of(settings(), found) or {}
    program = next((venue.stream for venue in found.venues if venue.is_program), None)
    return {
        "state": shown_state(found),
        "program": program,
        "streams": [one | {"live": is_live(figures, found, one["stream"])} for one in streams_of(found)],
        "message": str(REFUSALS[why] if why not in {None, "early"} else SITUATIONS[found.state]),
        "may_watch": why is None,
    }

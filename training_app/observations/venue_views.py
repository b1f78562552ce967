"""The page of a venue, opened by its link and without an account: sending, and how it is seen."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask import current_app, make_response, render_template, url_for
from werkzeug.wrappers import Response

from training_app.observations.figures import figures_of
from training_app.observations.granting import granted, in_json, shown, shown_state
from training_app.observations.links import LinkOver, Opened, opened_by
from training_app.observations.stage import path_of
from training_app.observations.studio_state import warnings_of
from training_app.observations.tickets import listener_claims, publisher_claims
from training_app.observations.views import bp
from training_app.web.access import PUBLIC, permit
from training_app.web.requests import now, read_session, settings
from training_app.web.words import name_of


def _opened(secret: str) -> Opened:
    return opened_by(read_session(), str(current_app.config["SECRET_KEY"]), secret)


@bp.get("/venue/<secret>")
@permit(PUBLIC)
def venue(secret: str) -> str | Response:
    """The page of the venue that the link opens."""
    try:
        opened = _opened(secret)
    except LinkOver as over:
        return make_response(render_template("observations/link_over.html", sentence=over.message), over.status)
    endpoints = {"enter": "publish", "listen": "listen", "state": "venue_state", "obs": "encoder"}
    data = {
        "urls": {name: url_for(f"observations.{endpoint}", secret=secret) for name, endpoint in endpoints.items()},
        "state": shown_state(opened.observation),
    }
    head = shown(read_session(), opened.observation) | {"name": name_of(opened.venue)}
    return render_template("observations/venue.html", shown=head, data=data)


@bp.post("/venue/<secret>/enter")
@permit(PUBLIC)
@in_json
def publish(secret: str) -> Mapping[str, Any]:
    """Where the venue sends, and the token for it."""
    opened = _opened(secret)
    found = granted(publisher_claims(opened, now()))
    return found | {"name": name_of(opened.venue), "state": shown_state(opened.observation)}


@bp.post("/venue/<secret>/listen")
@permit(PUBLIC)
@in_json
def listen(secret: str) -> Mapping[str, Any]:
    """Where the venue hears the host, and the token for it."""
    return granted(listener_claims(_opened(secret), now()))


@bp.get("/venue/<secret>/obs")
@permit(PUBLIC)
@in_json
def encoder(secret: str) -> Mapping[str, Any]:
    """What is copied into OBS: the address of the stream, and a key that holds to the end of the occasion."""
    found = granted(publisher_claims(_opened(secret), now(), for_an_encoder=True))
    return {
        "address": f"{found['media']}/whip/{found['path']}",
        "key": found["token"],
        "expires_at": found["expires_at"],
    }


@bp.get("/venue/<secret>/state")
@permit(PUBLIC)
@in_json
def venue_state(secret: str) -> Mapping[str, Any]:
    """Whether anything arrives, how it is seen, and what is wrong with it."""
    opened = _opened(secret)
    observation = opened.observation
    figures = figures_of(settings(), observation) or {}
    mine: Mapping[str, Any] = figures.get("paths", {}).get(path_of(observation, opened.venue.stream), {})
    return {
        "state": shown_state(observation),
        "on_air": observation.state == "on_air" and opened.venue.consent is not None,
        "is_program": opened.venue.is_program,
        "held": observation.state == "held",
        "live": bool(mine.get("live")),
        "warnings": warnings_of(mine),
        "figures": {name: mine.get(name) for name in ("width", "height", "fps", "kbps_video", "loss_percent")},
        "at": now().astimezone(UTC).isoformat(),
    }

"""Answers in JSON for pages with a picture: what lets them in, and refusals in a sentence."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, jsonify, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.observations.models import Observation
from training_app.observations.stage import STATES
from training_app.observations.words import KINDS, title_of
from training_app.people.models import Person, TrainingBase
from training_app.people.signed import me
from training_app.streams.addresses import media_address
from training_app.streams.names import Claims
from training_app.streams.tokens import signed
from training_app.web.requests import keys, now
from training_app.web.words import moment, name_of

P = ParamSpec("P")


def in_json(view: Callable[P, Mapping[str, Any]]) -> Callable[P, Response]:
    """A view that answers with what it returns, and with `{"message"}` and the status of a refusal."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return jsonify(view(*args, **kwargs))
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            response = jsonify(message=str(refusal.message))
            response.status_code = refusal.status
            return response

    return answer


def asked(name: str) -> str:
    """The field of that name in the JSON or the form that was sent; empty when there is none."""
    sent = request.get_json(silent=True) if request.is_json else request.form
    found = sent.get(name, "") if isinstance(sent, Mapping) else ""
    return found if isinstance(found, str) else ""


def shown_state(observation: Observation) -> str:
    """The state as pages with a picture know it: `closed`, `open`, `on_air`, `held` or `ended`."""
    return "ended" if observation.state == "cancelled" else STATES[observation.state].value


def granted(claims: Claims) -> dict[str, Any]:
    """Where the page goes with which token, and until when it holds. Raises MediaAway where there are no streams."""
    return {
        "media": media_address(),
        "path": claims.path,
        "token": signed(claims, keys(), now()),
        "expires_at": datetime.fromtimestamp(claims.exp, UTC).isoformat(),
        "ice_servers": [],
    }


def mark(session: Session) -> str:
    """What moves over the picture: name and staff number of whoever watches, or the sign-in name."""
    number = session.scalar(select(Person.staff_number).where(Person.id == me().id))
    return f"{name_of(me())} · {number or me().username}"


def shown(session: Session, observation: Observation, back: str = "") -> dict[str, Any]:
    """What the head of a page with a picture shows. back: where it came from."""
    base = session.get_one(TrainingBase, observation.base_id)
    return {
        "title": title_of(observation),
        "below": f"{moment(observation.starts_at)} · {KINDS[observation.kind]}",
        "base": {"slug": base.id, "name": name_of(base)},
        "back": back,
    }

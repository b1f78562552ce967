"""What pages that change an observation share: who acts, the way back, and the media process told after the commit."""

from collections.abc import Callable

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.observations.acts import By
from training_app.observations.models import Observation
from training_app.observations.reach import observation_within
from training_app.observations.telling import tell
from training_app.people.signed import me
from training_app.web.requests import address, now, write_session

Fetch = Callable[[Session, int], Observation]
"""The observation with this id, locked to the end of the transaction, for whoever is signed in."""


def by() -> By:
    """Whoever is signed in, at the moment of this request."""
    return By(me().holder, address(), now())


def to_edit(session: Session, observation_id: int) -> Observation:
    """The observation, locked, for who may edit it."""
    return observation_within(session, me().holder, "observations.edit", observation_id, to_change=True)


def carried_out(observation_id: int, act: Callable[[Session, Observation], object], fetch: Fetch = to_edit) -> None:
    """Nothing: `act` on the locked observation is done, and the media process knows, or will as soon as it is there."""
    with write_session() as session:
        act(session, fetch(session, observation_id))
    tell(observation_id)


def done(
    observation_id: int,
    act: Callable[[Session, Observation], object],
    sentence: str,
    onward: str | None = None,
    *,
    fetch: Fetch = to_edit,
) -> Response:
    """The way back after `act` on the locked observation: with `sentence`, or with why it was refused."""
    try:
        carried_out(observation_id, act, fetch)
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        flash(str(refusal.message), "error")
    else:
        flash(sentence, "success")
    return redirect(onward or url_for("observations.observation", observation_id=observation_id))

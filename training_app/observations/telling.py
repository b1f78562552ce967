"""The media process is told at once what a host or an administrator did; the worker repeats what did not arrive."""

from training_app.observations.models import Observation
from training_app.observations.stage import stage_of
from training_app.streams import control
from training_app.streams.control import MediaAway
from training_app.web.requests import read_session, settings


def tell(observation_id: int) -> bool:
    """Whether the media process knows the stage now. Called after the commit, outside of any transaction."""
    session = read_session()
    observation = session.get(Observation, observation_id)
    if observation is None or not observation.stage_version:
        return True
    stage = stage_of(session, observation)
    try:
        control.tell(settings(), stage)
    except MediaAway:
        return False
    return True

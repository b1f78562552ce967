"""The part of `/healthz` that tells of the worker."""

from training_app import clock
from training_app.jobs.turns import state_of_turns
from training_app.web.requests import read_session, registry


def worker_health() -> dict[str, object]:
    """`state` "up", "late" or "waiting" (no turn yet), the last turn, which turns are late and which fail."""
    return state_of_turns(read_session(), registry().turns, clock.now())

"""What the media process measures, asked at most once a second however many look."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from training_app.config import Settings
from training_app.observations.models import Observation
from training_app.observations.stage import occasion
from training_app.streams import control
from training_app.streams.control import MediaAway

FRESH_S: Final = 1.0
MOST: Final = 100

Measured = tuple[float, Mapping[str, Any] | None]
"""When it was asked, by the clock of the process, and what was answered."""

_known: dict[str, Measured] = {}
_turn = threading.Lock()


def figures_of(settings: Settings, observation: Observation) -> Mapping[str, Any] | None:
    """The figures of the observation's streams; None while the media process does not answer.

    While one request asks, others take what was known before.
    """
    name = f"{settings.data_dir}/{occasion(observation.id)}"
    asked, found = _known.get(name, (-FRESH_S, None))
    if time.monotonic() - asked < FRESH_S or not _turn.acquire(blocking=name not in _known):
        return found
    try:
        try:
            found = control.figures(settings, occasion(observation.id))
        except MediaAway:
            found = None
        if len(_known) >= MOST:
            _known.clear()
        _known[name] = time.monotonic(), found
    finally:
        _turn.release()
    return found

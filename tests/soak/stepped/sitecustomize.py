"""Python loads this first in the processes of a fault run: their site reads the time as far off as a file says.

It stands here and not in the site, which has no such door.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from training_app import clock

_true_now = clock.now
_steps = Path(os.environ["SOAK_CLOCK"])


def _now() -> datetime:
    return _true_now() + timedelta(seconds=int(_steps.read_text(encoding="ascii")))


clock.now = _now

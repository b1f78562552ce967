"""How an attempt stands at a moment. A reader tests the clock itself; nothing waits for a timer."""

from datetime import datetime, timedelta
from typing import Final

from training_app.exams.models import Attempt

TRANSPORT_GRACE: Final = timedelta(seconds=60)
"""How long after the deadline an answer that was given before it may still arrive: for delivery, not for thinking."""

LIVE: Final = frozenset({"created", "waiting", "running", "paused"})
"""States in which an attempt is not handed in."""
BEFORE_START: Final = frozenset({"created", "waiting"})
HANDED_IN: Final = frozenset({"submitted", "marking", "marked", "released"})


def standing(attempt: Attempt, now: datetime) -> str:
    """The state, with a running attempt told apart: "running" to the deadline, "closing" in the grace, then "over".

    An attempt that is over takes no answers and is to be closed by whoever finds it.
    """
    if attempt.state != "running":
        return attempt.state
    return standing_of_running(attempt.deadline_at, now)


def standing_of_running(deadline_at: datetime | None, now: datetime) -> str:
    """Running, closing or over, by the deadline of an attempt that runs."""
    assert deadline_at is not None, "an attempt that runs has a deadline"
    if now <= deadline_at:
        return "running"
    return "closing" if now <= deadline_at + TRANSPORT_GRACE else "over"


def is_over(attempt: Attempt, now: datetime) -> bool:
    """Whether an attempt that still counts as running takes no answers any more."""
    return standing(attempt, now) == "over"

"""The numbers of a path: sequence numbers and timestamps that go on over every publisher, pause and switch."""

import secrets

from training_app.media.flow import Track
from training_app.media.rtp import ahead

FAR = 3000
"""A jump of so many sequence numbers is a new beginning, not a loss."""
_STEP_S = 0.02
"""Between two beginnings there is at least so much on the timeline: one frame of sound."""


class Numbering:
    """One track's way out: what comes with anybody's numbers leaves with these.

    SRTP tells how often numbers have wrapped by their order alone. Whoever receives must never see a jump of half the
    range, nor see the first packet just before they wrap; hence numbers are given only to what goes out.
    """

    def __init__(self, track: Track) -> None:
        self.track = track
        self.ssrc = secrets.randbits(32) or 1
        self._last_sequence = secrets.randbits(14)
        self._last_timestamp = secrets.randbits(31)
        self._last_arrived: float | None = None
        self._highest: int | None = None
        """The highest sequence number of the present publisher; None at a beginning."""
        self._behind = 0
        """How far after its first packet that one was, at most FAR: what comes from before it is not numbered."""
        self._shift_sequence = 0
        self._shift_timestamp = 0

    def begin(self) -> None:
        """What comes next has other numbers, and follows what was sent last."""
        self._highest = None

    def number(self, sequence: int, timestamp: int, arrived: float) -> tuple[int, int] | None:
        """Sequence number and timestamp of a packet that goes out; None when it belongs before the beginning.

        arrived: seconds UTC.
        """
        step = 0 if self._highest is None else ahead(sequence, self._highest)
        if self._highest is None or abs(step) > FAR:
            self._rebase(sequence, timestamp, arrived)
        elif step > 0:
            self._behind = min(FAR, self._behind + step)
            self._highest = sequence
        elif -step > self._behind:
            return None
        out = sequence + self._shift_sequence & 0xFFFF, timestamp + self._shift_timestamp & 0xFFFFFFFF
        if step >= 0:
            self._last_sequence, self._last_timestamp = out
            self._last_arrived = arrived
        return out

    def translated(self, timestamp: int) -> int | None:
        """The path's timestamp for the publisher's; None at a beginning."""
        return None if self._highest is None else timestamp + self._shift_timestamp & 0xFFFFFFFF

    @property
    def now(self) -> tuple[int, float] | None:
        """The timestamp that went out last and when that packet had arrived; None before any."""
        return None if self._last_arrived is None else (self._last_timestamp, self._last_arrived)

    def _rebase(self, sequence: int, timestamp: int, arrived: float) -> None:
        passed = 0.0 if self._last_arrived is None else arrived - self._last_arrived
        step = round(max(_STEP_S, passed) * self.track)
        self._shift_sequence = self._last_sequence + 1 - sequence
        self._shift_timestamp = self._last_timestamp + step - timestamp
        self._highest = sequence
        self._behind = 0

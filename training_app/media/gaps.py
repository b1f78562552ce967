"""What is missing of a publisher's packets: asked for again a few times, then given up."""

from dataclasses import dataclass
from typing import Final

from training_app.media.history import LENGTH
from training_app.media.rtp import ahead

AGAIN_AFTER_S: Final = 0.06
TRIES: Final = 6
FAR: Final = 3000
"""A jump of so many sequence numbers is a new beginning."""


@dataclass(slots=True)
class _Missing:
    tries: int
    next_at: float


class Gaps:
    """Follows the sequence numbers of one stream. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self.highest: int | None = None
        self.cycles = 0
        self.received = 0
        self.repaired = 0
        self.given_up = 0
        self._expected_from = 0
        self._missing: dict[int, _Missing] = {}
        self._reported = (0, 0)

    def arrived(self, sequence: int, now: float) -> bool:
        """Whether the packet is new; one that was there already is not."""
        step = 1 if self.highest is None else ahead(sequence, self.highest)
        if self.highest is None or abs(step) > FAR:
            self._begin(sequence)
        elif step <= 0:
            if self._missing.pop(sequence, None) is None:
                return False
            self.repaired += 1
        else:
            self._advance(sequence, step, now)
        self.received += 1
        return True

    def to_ask(self, now: float) -> list[int]:
        """What to ask for at this moment, as it was sent."""
        due = [one for one, missing in self._missing.items() if missing.next_at <= now]
        for one in due:
            missing = self._missing[one]
            missing.tries += 1
            missing.next_at = now + AGAIN_AFTER_S
        gone = [one for one in due if self._missing[one].tries > TRIES]
        for one in gone:
            del self._missing[one]
        self.given_up += len(gone)
        return [one for one in due if one in self._missing]

    @property
    def is_waiting(self) -> bool:
        """Whether anything is missing that may still come."""
        return bool(self._missing)

    @property
    def extended(self) -> int:
        """The highest sequence number with the times it wrapped, as receiver reports tell it."""
        return (self.cycles << 16) + (self.highest or 0)

    @property
    def lost(self) -> int:
        """Packets that never came, so far."""
        return max(0, self.extended - self._expected_from + 1 - self.received) if self.highest is not None else 0

    def lost_lately(self) -> float:
        """The part of packets that had to be sent again or did not come since this was asked last, 0 to 1."""
        expected = self.extended - self._expected_from + 1 if self.highest is not None else 0
        first_time = self.received - self.repaired
        expected_now, received_now = expected - self._reported[0], first_time - self._reported[1]
        self._reported = (expected, first_time)
        return max(0.0, 1 - received_now / expected_now) if expected_now > 0 else 0.0

    def _begin(self, sequence: int) -> None:
        self.highest, self.cycles, self._expected_from = sequence, 0, sequence
        self.received = self.repaired = 0
        self._missing.clear()
        self._reported = (0, 0)

    def _advance(self, sequence: int, step: int, now: float) -> None:
        highest = self.highest or 0
        # a little patience: on most networks packets change places now and then
        for one in range(max(1, step - LENGTH), step):
            self._missing[highest + one & 0xFFFF] = _Missing(0, now if step > 3 else now + 0.01)
        if sequence < highest:
            self.cycles += 1
        self.highest = sequence
        if self._missing:
            for old in [one for one in self._missing if ahead(sequence, one) >= LENGTH]:
                del self._missing[old]
                self.given_up += 1

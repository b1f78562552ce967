"""Times of packets without wraps, and where sound lies beside the picture."""

from dataclasses import dataclass, field
from typing import Final

from training_app.media.flow import Track

_TOLERANCE: Final = round(0.04 * Track.AUDIO)
"""Nobody sees that lips and voice are so far apart; below, nothing is moved."""
_OTHER_S: Final = 0.1
"""Clocks that jump so far are another's."""
_ABSURD_S: Final = 3.0
"""A publisher whose clocks say that sound and picture are so far apart has wrong clocks."""


class Unwrapping:
    """Timestamps of 32 bits as whole numbers that go on growing."""

    def __init__(self) -> None:
        self._last: int | None = None

    def __call__(self, timestamp: int) -> int:
        """The number nearest to the last one of which `timestamp` is the lower half."""
        last = timestamp if self._last is None else self._last
        step = (timestamp - last + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        self._last = last + step
        return self._last


@dataclass
class Alignment:
    """Finds for a packet of sound its place after the first picture of a stretch.

    zero: that picture's timestamp, unwrapped. at: when it arrived, seconds UTC. clocks: what publishers reported, as
    timestamp and moment, unwrapped.
    """

    zero: int
    at: float
    clocks: dict[Track, tuple[int, float]] = field(default_factory=dict)
    _offset: int | None = None
    _by_arrival: int = 0

    def place(self, timestamp: int, arrived: float) -> int:
        """Samples between the first picture and this packet of sound; negative when it lies before."""
        if self._offset is None:
            self._by_arrival = self._offset = round((arrived - self.at) * Track.AUDIO) - timestamp
            self._use_clocks()
        return timestamp + self._offset

    def set_clock(self, track: Track, timestamp: int, at: float) -> None:
        """The publisher said that this timestamp was at that moment; what another one said counts no more."""
        told = self.clocks.get(track)
        if told is not None and abs(told[1] + (timestamp - told[0]) / track - at) > _OTHER_S:
            self.clocks.clear()
        self.clocks[track] = (timestamp, at)
        self._use_clocks()

    def _use_clocks(self) -> None:
        if self._offset is None or len(self.clocks) < len(Track):
            return
        picture, picture_at = self.clocks[Track.VIDEO]
        sound, sound_at = self.clocks[Track.AUDIO]
        zero_at = picture_at + (self.zero - picture) / Track.VIDEO
        offset = round((sound_at - zero_at) * Track.AUDIO) - sound
        is_absurd = abs(offset - self._by_arrival) > _ABSURD_S * Track.AUDIO
        if not is_absurd and abs(offset - self._offset) > _TOLERANCE:
            self._offset = offset

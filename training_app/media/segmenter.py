"""Cuts what a path carries into parts and segments of MP4, which are live stream, look back and recording at once.

The picture leads: parts and segments end between two pictures. Sound lies beside it, turned to AAC, and is silence
where none came. Pictures after a lost one are left out until the next keyframe, for which the publisher is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from training_app.media.boxes import Fragment, Parameters, Sample, fragment, init_segment, with_lengths
from training_app.media.depacketize import Depacketizer, Unit
from training_app.media.flow import Packet, Track
from training_app.media.h264 import picture
from training_app.media.protocol import Unreadable
from training_app.media.reorder import Reorder
from training_app.media.rtp import read
from training_app.media.segments import PART_S, Beginning, Part, Segments
from training_app.media.sound import Sound
from training_app.media.timeline import Alignment, Unwrapping

SEGMENT_S: Final = 2.0
LONGEST_S: Final = 4.0
"""A segment that no keyframe ends is ended without one."""

_CLOCK: Final = int(Track.VIDEO)
_EARLY: Final = round(0.25 * _CLOCK)
"""A keyframe so short before its time ends a segment too."""
_ASK_AFTER: Final = round((SEGMENT_S - 0.15) * _CLOCK)
_ASK_AGAIN: Final = round(0.5 * _CLOCK)
_SLACK: Final = _CLOCK // 500
_GAP: Final = 10 * _CLOCK
"""After so long without a picture something new begins."""
_SOUND_LATE: Final = round(0.5 * Track.AUDIO)
_SOUND_FILLED: Final = round(0.25 * Track.AUDIO)
_DRIFT_S: Final = 0.3
_MOST_COMING: Final = 16


@dataclass(slots=True)
class _Shown:
    """A picture that waits for the next, by which its duration is known. at: of 90 kHz since the stretch began."""

    at: int
    shown_at: int
    arrived: float
    nals: list[bytes]
    is_key: bool
    is_kept: bool


@dataclass
class _Stretch:
    """What goes on without a break. base: of 90 kHz, when it began since the recording did. at: the same, UTC."""

    base: int
    at: float
    alignment: Alignment
    init: bytes
    parameters: Parameters
    sound: Sound = field(default_factory=Sound)
    heard: bool = False
    pending: _Shown | None = None
    samples: list[Sample] = field(default_factory=list)
    part_from: int = 0
    part_until: int = 0
    segment_from: int | None = None
    is_kept: bool = False
    is_new: bool = True
    asked_at: int = -_ASK_AGAIN
    usual: int = _CLOCK // 30


class Segmenter:
    """A sink of a path. keeps: asked whether what arrives now may be recorded. epoch: when the recording began."""

    def __init__(
        self,
        segments: Segments,
        ask_keyframe: Callable[[], None],
        keeps: Callable[[], bool],
        epoch: float | None = None,
    ) -> None:
        self._segments = segments
        self._ask_keyframe = ask_keyframe
        self._keeps = keeps
        self.epoch = epoch
        self._order = {track: Reorder() for track in Track}
        self._unwrapped = {track: Unwrapping() for track in Track}
        self._units = Depacketizer()
        self._kept: dict[int, bool] = {}
        self._sps: list[bytes] = []
        self._pps: list[bytes] = []
        self._stretch: _Stretch | None = None
        self._clocks: dict[Track, tuple[int, float]] = {}
        self._waits_for_key = False
        self._ended_at = 0
        self._number = 0

    def take(self, packet: Packet) -> None:
        """One more packet of the path."""
        if packet.starts_keyframe:
            # decided while the packet is here, as the program may show another venue when its picture is complete
            if len(self._kept) > _MOST_COMING:
                self._kept.clear()
            self._kept[packet.timestamp] = self._keeps()
        for ordered, is_after_loss in self._order[packet.track].take(packet):
            if packet.track is Track.AUDIO:
                self._hear(ordered)
                continue
            for unit in self._units.take(ordered, is_after_loss=is_after_loss):
                self._see(unit)

    def set_clock(self, track: Track, timestamp: int, at: float) -> None:
        """The publisher said when this timestamp was."""
        self._clocks[track] = (self._unwrapped[track](timestamp), at)
        if self._stretch is not None:
            self._stretch.alignment.set_clock(track, *self._clocks[track])

    def cut(self) -> None:
        """The stream stops: what is there becomes part of the last segment, and what comes is new."""
        self._end_stretch()
        for order in self._order.values():
            order.clear()
        self._units.clear()
        self._kept.clear()
        self._clocks.clear()
        self._waits_for_key = False

    def split(self) -> None:
        """The segment ends with the pictures so far; whether to keep the next one is asked anew."""
        stretch = self._stretch
        if stretch is not None:
            self._end_segment(stretch)
            stretch.is_kept = self._keeps()
            if stretch.pending is not None:
                stretch.pending.is_kept &= stretch.is_kept

    def _hear(self, packet: Packet) -> None:
        stretch = self._stretch
        timestamp = self._unwrapped[Track.AUDIO](packet.timestamp)
        if stretch is None:
            return
        at = stretch.alignment.place(timestamp, packet.arrived)
        if at < 0 or at - stretch.sound.place > _GAP:
            return
        try:
            stretch.sound.feed(read(packet.data).payload, at)
        except Unreadable:
            return
        stretch.heard = True

    def _see(self, unit: Unit) -> None:
        is_kept = self._kept.pop(unit.timestamp, None)
        self._sps, self._pps = unit.sps or self._sps, unit.pps or self._pps
        timestamp = self._unwrapped[Track.VIDEO](unit.timestamp)
        if not unit.nals and unit.is_whole:
            return  # parameter sets alone
        if not unit.is_whole or ((self._stretch is None or self._waits_for_key) and not unit.is_key):
            self._waits_for_key = True
            self._ask_keyframe()
            return
        stretch = self._going_on(unit, timestamp)
        if stretch is None:
            self._waits_for_key = True
            self._ask_keyframe()
            return
        self._waits_for_key = False
        shown_at = timestamp - stretch.alignment.zero
        at = shown_at
        if stretch.pending is not None:
            # pictures that are shown in another order than they come: their times of decoding only grow
            at = max(shown_at, stretch.pending.at + 1)
            self._place(stretch, stretch.pending, at)
        kept = stretch.is_kept if is_kept is None else is_kept
        stretch.pending = _Shown(at, shown_at, unit.arrived, unit.nals, unit.is_key, kept)
        self._ask_in_time(stretch, at)

    def _going_on(self, unit: Unit, timestamp: int) -> _Stretch | None:
        """The stretch to which the picture belongs, a new one at a break; None when only a keyframe could begin it."""
        stretch = self._stretch
        if stretch is not None and stretch.pending is not None:
            passed = timestamp - stretch.alignment.zero - stretch.pending.at
            if not -_CLOCK < passed < _GAP:
                self._end_stretch()
                stretch = None
        if not unit.is_key:
            return stretch
        parameters = Parameters(tuple(self._sps), tuple(self._pps))
        if stretch is not None and stretch.parameters == parameters:
            return stretch
        self._end_stretch(timestamp)
        return self._begin_stretch(unit, timestamp, parameters)

    def _begin_stretch(self, unit: Unit, timestamp: int, parameters: Parameters) -> _Stretch | None:
        try:
            init = init_segment(parameters, picture(parameters.sps[0]))
        except (Unreadable, IndexError):
            return None
        if not parameters.pps:
            return None
        if self.epoch is None:
            self.epoch = unit.arrived
        base = max(round((unit.arrived - self.epoch) * _CLOCK), self._ended_at)
        alignment = Alignment(timestamp, unit.arrived, dict(self._clocks))
        self._stretch = _Stretch(base, unit.arrived, alignment, init, parameters)
        return self._stretch

    def _end_stretch(self, timestamp: int | None = None) -> None:
        """timestamp: of the picture that follows, if one does at once."""
        stretch, self._stretch = self._stretch, None
        if stretch is None:
            return
        if (last := stretch.pending) is not None:
            until = last.at + stretch.usual if timestamp is None else timestamp - stretch.alignment.zero
            self._place(stretch, last, max(last.at + 1, until), is_last=True)
        self._end_segment(stretch, is_last=True)
        self._ended_at = stretch.base + stretch.part_until

    def _place(self, stretch: _Stretch, shown: _Shown, until: int, *, is_last: bool = False) -> None:
        """The picture goes into the open part, or into the first of a new segment."""
        duration = stretch.usual = until - shown.at
        so_long = shown.at - (stretch.segment_from or 0)
        is_time = so_long >= LONGEST_S * _CLOCK or (shown.is_key and so_long >= SEGMENT_S * _CLOCK - _EARLY)
        if stretch.segment_from is None or is_time or (shown.is_key and shown.is_kept != stretch.is_kept):
            self._end_segment(stretch)
            self._begin_segment(stretch, shown)
        elif stretch.samples and until - stretch.part_from > PART_S * _CLOCK + _SLACK:
            self._end_part(stretch)
        if not stretch.samples:
            stretch.part_from = shown.at
        stretch.samples.append(Sample(with_lengths(shown.nals), duration, shown.is_key, shown.shown_at - shown.at))
        stretch.part_until = until
        if not is_last and until + duration - stretch.part_from > PART_S * _CLOCK + _SLACK:
            self._end_part(stretch)

    def _begin_segment(self, stretch: _Stretch, shown: _Shown) -> None:
        at = stretch.at + shown.at / _CLOCK
        if abs(shown.arrived - at) > _DRIFT_S:
            stretch.at += shown.arrived - at
            at = shown.arrived
        stretch.is_kept, stretch.segment_from = shown.is_kept, shown.at
        self._segments.begin(Beginning(stretch.init, at, stretch.is_new, shown.is_kept))
        stretch.is_new = False

    def _end_segment(self, stretch: _Stretch, *, is_last: bool = False) -> None:
        if stretch.segment_from is None:
            return
        self._end_part(stretch, is_last=is_last)
        stretch.segment_from = None
        self._segments.end()

    def _end_part(self, stretch: _Stretch, *, is_last: bool = False) -> None:
        if not stretch.samples:
            return
        until = stretch.part_until * int(Track.AUDIO) // _CLOCK
        self._fill(stretch, until, is_last=is_last)
        samples, stretch.samples = stretch.samples, []
        self._number += 1
        sound = stretch.sound
        audio_at = stretch.base * int(Track.AUDIO) // _CLOCK + sound.ready_from
        made_of = Fragment(self._number, stretch.base + stretch.part_from, samples, audio_at, sound.take(until))
        seconds = (stretch.part_until - stretch.part_from) / _CLOCK
        self._segments.add(Part(fragment(made_of), seconds, samples[0].is_key))

    def _fill(self, stretch: _Stretch, until: int, *, is_last: bool) -> None:
        """Silence where sound has not come in time."""
        sound = stretch.sound
        if is_last:
            sound.fill(until)
            sound.finish()
        elif not stretch.heard:
            sound.fill(until)
        elif until - sound.place > _SOUND_LATE:
            sound.fill(until - _SOUND_FILLED)

    def _ask_in_time(self, stretch: _Stretch, at: int) -> None:
        began = stretch.segment_from or 0
        if at - began >= _ASK_AFTER and at - stretch.asked_at >= _ASK_AGAIN:
            stretch.asked_at = at
            self._ask_keyframe()

"""What leaves a path: numbered anew, kept for who misses some of it, given to sinks."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from training_app.media.flow import Packet, Sink, Track
from training_app.media.history import History
from training_app.media.rewrite import Numbering
from training_app.media.rtp import PAYLOAD_TYPES, Rtp, written

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Sent:
    """How much of a track has left so far; frames are counted by their last packet."""

    packets: int = 0
    bytes: int = 0
    frames: int = 0


class Outlet:
    """One way out of a path; it begins with a keyframe, and again after each cut."""

    def __init__(self, name: str, ask_keyframe: Callable[[], None]) -> None:
        self.name = name
        self.ask_keyframe = ask_keyframe
        self.history = History()
        self.sent = {track: Sent() for track in Track}
        self.numbering = {track: Numbering(track) for track in Track}
        self.clock: dict[Track, tuple[int, float]] = {}
        """What the publisher's last reports said: this timestamp was at that moment of its clock."""
        self._sinks: tuple[Sink, ...] = ()
        self._waits_for_keyframe = True

    @property
    def has_sinks(self) -> bool:
        """Whether anybody takes what leaves here."""
        return bool(self._sinks)

    def add(self, sink: Sink) -> None:
        """`sink` takes from now on."""
        if sink not in self._sinks:
            self._sinks += (sink,)
        for track, told in self.clock.items():
            self._tell(sink, partial(_set_clock, track, told))

    def remove(self, sink: Sink) -> None:
        """`sink` takes nothing any more."""
        self._sinks = tuple(one for one in self._sinks if one is not sink)

    def begin(self) -> None:
        """What comes next has other numbers; its picture begins with a keyframe."""
        self._waits_for_keyframe = True
        self.clock.clear()
        for numbering in self.numbering.values():
            numbering.begin()

    def cut(self) -> None:
        """The stream stops here; nothing of it can be had again."""
        self.begin()
        self.history.clear()
        for sink in self._sinks:
            self._tell(sink, lambda one: one.cut())

    def put(self, track: Track, packet: Rtp, arrived: float, starts_keyframe: bool) -> None:
        """A packet leaves, when its time has come."""
        if track is Track.VIDEO and self._waits_for_keyframe:
            if not starts_keyframe:
                return
            self._waits_for_keyframe = False
        numbering = self.numbering[track]
        numbers = numbering.number(packet.sequence, packet.timestamp, arrived)
        if numbers is None:
            return
        sequence, timestamp = numbers
        data = written(
            Rtp(PAYLOAD_TYPES[track], packet.marker, sequence, timestamp, numbering.ssrc, packet.payload),
        )
        if track is Track.VIDEO:
            self.history.keep(sequence, data)
        sent = self.sent[track]
        sent.packets += 1
        sent.bytes += len(packet.payload)
        sent.frames += packet.marker or track is Track.AUDIO
        out = Packet(track, data, sequence, timestamp, packet.marker, arrived, starts_keyframe)
        for sink in self._sinks:
            try:
                sink.take(out)
            except Exception:  # whatever one of them does must not stop the others
                log.exception("%s: a sink failed", self.name)

    def set_clock(self, track: Track, timestamp: int, at: float) -> None:
        """The publisher's timestamp was at that moment, seconds UTC of its clock."""
        translated = self.numbering[track].translated(timestamp)
        if translated is None:
            return
        self.clock[track] = (translated, at)
        for sink in self._sinks:
            self._tell(sink, partial(_set_clock, track, (translated, at)))

    def _tell(self, sink: Sink, what: Callable[[Sink], None]) -> None:
        try:
            what(sink)
        except Exception:
            log.exception("%s: a sink failed", self.name)


def _set_clock(track: Track, told: tuple[int, float], sink: Sink) -> None:
    sink.set_clock(track, *told)

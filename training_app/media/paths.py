"""Paths: what a venue sends, on its way to hosts and on the air. See flow.py for the words."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from training_app.media import rtp
from training_app.media.flow import Sink, Source, Track
from training_app.media.inspection import Inspector
from training_app.media.outlets import Outlet
from training_app.media.protocol import Kind, Unreadable
from training_app.media.rate import Asking

log = logging.getLogger(__name__)

Emit = Callable[[Kind, str, str, Mapping[str, Any]], None]
"""Takes what happened: kind, path, sub, details."""
KEYFRAME_LIMIT_S: Final = 0.3
"""A publisher is asked for keyframes at most so often; each costs as much as a dozen other pictures."""
KEYFRAME_EVERY_S: Final = 2.0
"""Segments begin with keyframes, and browsers make none unless they are asked."""


class Stream:
    """The two ways out of a path: to hosts, whatever its state, and on the air."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_open = False
        self.before = Outlet(f"{name} (before the gate)", self.ask_keyframe)
        self.air = Outlet(name, self.ask_keyframe)

    def attach(self, sink: Sink, *, before_gate: bool = False) -> None:
        """`sink` takes from now on what goes out; with `before_gate` also what is not on the air."""
        self.outlet(before_gate=before_gate).add(sink)
        self.ask_keyframe()

    def detach(self, sink: Sink) -> None:
        """`sink` takes nothing any more."""
        self.before.remove(sink)
        self.air.remove(sink)

    def outlet(self, *, before_gate: bool) -> Outlet:
        """The way to hosts, or on the air."""
        return self.before if before_gate else self.air

    def set_open(self, *, is_open: bool) -> None:
        """Whether it is on the air; where it was and is no more, everything is cut at once."""
        if self.is_open and not is_open:
            self.air.cut()
        elif is_open and not self.is_open:
            self.air.begin()
            self.ask_keyframe()
        self.is_open = is_open

    def ask_keyframe(self) -> None:
        """A keyframe is wanted soon."""
        raise NotImplementedError

    @property
    def is_live(self) -> bool:
        """Whether anybody publishes it."""
        raise NotImplementedError

    def take_over(self, source: Source, sub: str) -> None:  # noqa: ARG002 - whoever it is
        """`source` is sent away: nobody publishes on this path."""
        source.close("nobody publishes here")

    def receive(self, source: Source, track: Track, data: bytes, arrived: float) -> None:
        """Ignored: nobody publishes on this path."""

    def receive_clock(self, source: Source, track: Track, timestamp: int, at: float) -> None:
        """Ignored: nobody publishes on this path."""

    def leave(self, source: Source, reason: str) -> None:
        """Ignored: nobody publishes on this path."""

    def _give(self, track: Track, packet: rtp.Rtp, arrived: float, starts_keyframe: bool) -> None:
        if self.before.has_sinks:
            self.before.put(track, packet, arrived, starts_keyframe)
        if self.is_open:
            self.air.put(track, packet, arrived, starts_keyframe)

    def _give_clock(self, track: Track, timestamp: int, at: float) -> None:
        self.before.set_clock(track, timestamp, at)
        if self.is_open:
            self.air.set_clock(track, timestamp, at)

    def _cut(self) -> None:
        self.before.cut()
        self.air.cut()


class Follower(Protocol):
    """Goes on with what a venue sends: the program."""

    def feed(self, path: "VenuePath", track: Track, packet: rtp.Rtp, arrived: float, *, starts_keyframe: bool) -> None:
        """A packet of the venue."""

    def feed_clock(self, path: "VenuePath", track: Track, timestamp: int, at: float) -> None:
        """A report of the venue's publisher."""

    def begin_again(self, path: "VenuePath") -> None:
        """The venue's stream has other numbers from now on."""

    def lose(self, path: "VenuePath") -> None:
        """The venue's publisher has left."""


class VenuePath(Stream):
    """What one publisher sends: a venue's stream, or the talkback."""

    def __init__(self, name: str, emit: Emit, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(name)
        self.source: Source | None = None
        self.sub = ""
        self.since: float | None = None
        """When the present publisher came, seconds UTC."""
        self.inspector: Inspector | None = None
        self.followers: list[Follower] = []
        self._emit = emit
        self._clock = clock
        self._warned: set[str] = set()
        self._ssrcs: dict[Track, int] = {}
        self._level_extension = 0
        self._clock_offset_s: float | None = None
        self._keyframe_at = 0.0
        self._asking = Asking(KEYFRAME_LIMIT_S, self._ask_source, clock, _later)

    @property
    def is_live(self) -> bool:
        """Whether anybody publishes it."""
        return self.source is not None

    def take_over(self, source: Source, sub: str) -> None:
        """From now on `source` publishes; an earlier one is closed."""
        if self.source is not None:
            self._end("replaced", self.source)
        self.source, self.sub = source, sub
        self.since = time.time()
        self._clock_offset_s = None
        self._level_extension = getattr(source, "level_extension", 0)
        self.inspector = Inspector(self._clock())
        self._emit(Kind.PUBLISHER_JOINED, self.name, sub, {})
        self.ask_keyframe()

    def leave(self, source: Source, reason: str) -> None:
        """`source` publishes no more."""
        if source is self.source:
            self._end(reason, None)

    def send_away(self, reason: str) -> None:
        """Whoever publishes is closed."""
        if self.source is not None:
            self._end(reason, self.source)

    def receive(self, source: Source, track: Track, data: bytes, arrived: float) -> None:
        """A decrypted RTP packet of `source`; ignored when it does not publish here, or is none."""
        if source is not self.source or self.inspector is None:
            return
        try:
            packet = rtp.read(data)
        except Unreadable:
            return
        if self._ssrcs.setdefault(track, packet.ssrc) != packet.ssrc:
            self._ssrcs[track] = packet.ssrc
            self._begin()
        is_told = self._level_extension and track is Track.AUDIO
        level = rtp.extension(packet.extensions, self._level_extension) if is_told else None
        now = self._clock()
        starts = self.inspector.see(track, packet, level[0] & 0x7F if level else None, now)
        if starts:
            self._keyframe_at = now
        elif track is Track.VIDEO and now - self._keyframe_at > KEYFRAME_EVERY_S:
            self._keyframe_at = now
            self.ask_keyframe()
        self._give(track, packet, arrived, starts)
        for follower in tuple(self.followers):
            follower.feed(self, track, packet, arrived, starts_keyframe=starts)

    def receive_clock(self, source: Source, track: Track, timestamp: int, at: float) -> None:
        """A sender report of `source`: this timestamp was at that moment, seconds UTC of its clock."""
        if source is not self.source:
            return
        if self._clock_offset_s is None:
            # clocks of venues differ; on this one's, streams of two of them can be played together
            self._clock_offset_s = time.time() - at
        here = at + self._clock_offset_s
        self._give_clock(track, timestamp, here)
        for follower in self.followers:
            follower.feed_clock(self, track, timestamp, here)

    def ask_keyframe(self) -> None:
        """Passed on to the source, not more often than it can bear."""
        if self.source is not None:
            self._asking()

    def tick(self, loss: float = 0.0) -> None:
        """A second has passed; loss: the part of packets that did not come at once, 0 to 1."""
        if self.inspector is not None:
            self.inspector.tick(loss)
            self._warn(self.inspector.warnings(self._clock()))

    def figures(self) -> dict[str, Any]:
        """What hosts are told of the publisher."""
        since = self.since if self.is_live else None
        figures = (self.inspector or Inspector(0.0)).figures()
        return {"live": self.is_live, "sub": self.sub, "since": since, **figures, "warnings": sorted(self._warned)}

    def _ask_source(self) -> None:
        if self.source is not None:
            self.source.ask_keyframe()

    def _end(self, reason: str, to_close: Source | None) -> None:
        sub, self.source, self.sub, self.inspector = self.sub, None, "", None
        self._ssrcs.clear()
        self._warn(set(), sub)
        self._cut()
        for follower in self.followers:
            follower.lose(self)
        self._emit(Kind.PUBLISHER_LEFT, self.name, sub, {"reason": reason})
        if to_close is not None:
            to_close.close(reason)

    def _begin(self) -> None:
        self.before.begin()
        self.air.begin()
        for follower in self.followers:
            follower.begin_again(self)
        self.ask_keyframe()

    def _warn(self, warnings: set[str], sub: str = "") -> None:
        for name in sorted(warnings ^ self._warned):
            details = {"name": name, "is_over": name in self._warned}
            self._emit(Kind.WARNING, self.name, sub or self.sub, details)
        self._warned = warnings


def _later(wait_s: float, call: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(wait_s, call)

"""Viewers by WHEP: a seat in the fan-out, what they missed sent again, and how long they watched."""

import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from training_app.media import patchpoints, rtcp, rtp
from training_app.media.fanout import Fanout, Seat
from training_app.media.flow import Track
from training_app.media.outlets import Outlet
from training_app.media.peers import Peer, in_background

MOST_AGAIN: Final = 400
"""Packets sent again to one viewer in a second; who misses more needs another way to watch."""
SILENT_AFTER_S: Final = 10.0
"""A viewer reports every second or two; who has not for so long does not watch."""

_AT_FIRST, _EVERY = 3, 4
"""Seconds in which it is told the time: the first ones, then one of four."""


class Viewer:
    """A client that watches. fanouts: where each of its tracks comes from. on_end is called once, with the reason."""

    def __init__(self, peer: Peer, fanouts: dict[Track, Fanout], on_end: Callable[[str], None]) -> None:
        self.peer = peer
        self.watched_s = 0.0
        self.loss = 0.0
        self.on_ready: Callable[[], None] = lambda: None
        self._fanouts = {track: one for track, one in fanouts.items() if track in peer.transceivers}
        self._on_end = on_end
        self._seat: Seat | None = None
        self._is_over = False
        self._repair_ssrc = secrets.randbits(32) or 1
        self._repair_sequence = secrets.randbits(14)
        self._repairs: dict[Track, int | None] = {}
        self._again = 0
        self.repaired = 0
        self._heard_at = 0.0
        self._frames = -1
        self._ticked_at = 0.0
        self._ticks = 0
        peer.on_ready = self._start
        peer.on_lost = self.close
        for track, fanout in self._fanouts.items():
            ssrc = fanout.outlet.numbering[track].ssrc
            patchpoints.name_streams(peer.transceivers[track], ssrc, self._repair_ssrc)

    @property
    def is_seated(self) -> bool:
        """Whether its connection stands."""
        return self._seat is not None and not self._is_over

    @property
    def profile(self) -> str:
        """How its packets are encrypted, by the name of the SRTP profile; "" before that was agreed on."""
        return self.peer.link.profile if self.peer.link is not None else ""

    async def answer(self) -> str:
        """The answer to its offer. Raises BadOffer."""
        self.peer.tap(lambda _: None, self._take_rtcp)
        answer = await self.peer.answer()
        self._repairs = {track: self.peer.repair_type(track) for track in self._fanouts}
        return answer

    def close(self, reason: str) -> None:
        """It watches no more."""
        if self._is_over:
            return
        self._is_over = True
        if self._seat is not None:
            for fanout in self._fanouts.values():
                fanout.remove(self._seat)
        if self.peer.link is not None:
            self.peer.link.send_rtcp(rtcp.goodbye([one.numbering[track].ssrc for track, one in self._outlets()]))
        self._on_end(reason)
        in_background(self.peer.close())

    def tick(self, now: float) -> None:
        """A second has passed: it is told which timestamps belong together, and what it saw is counted."""
        passed, self._ticked_at, self._again = now - self._ticked_at, now, 0
        if self._seat is None or self.peer.link is None:
            return
        tracks = [track for track in self._fanouts if track in self._seat.begun]
        self._ticks += 1
        if self._ticks <= _AT_FIRST or self._ticks % _EVERY == 0:
            reports = b"".join(_report(track, self._fanouts[track].outlet) for track in tracks)
            if reports:
                self.peer.link.send_rtcp(reports)
        main = Track.VIDEO if Track.VIDEO in self._fanouts else Track.AUDIO
        frames = self._fanouts[main].outlet.sent[main].frames
        if main in tracks and frames != self._frames and now - self._heard_at < SILENT_AFTER_S:
            self.watched_s += passed
        self._frames = frames

    def _start(self) -> None:
        if self.peer.link is None:
            return
        self._ticked_at = self._heard_at = time.monotonic()
        self._seat = Seat(self.peer.link, self.peer.payload_types(), lambda: self.close("lost"))
        self.on_ready()
        if not self._is_over:
            for track, fanout in self._fanouts.items():
                fanout.add(self._seat, track)

    def _take_rtcp(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        for message in rtcp.messages(data):
            if isinstance(message, rtcp.Nack):
                self._send_again(message)
            elif isinstance(message, rtcp.KeyframeWanted):
                for track, outlet in self._outlets():
                    if outlet.numbering[track].ssrc == message.ssrc:
                        outlet.ask_keyframe()
            elif isinstance(message, rtcp.Reception):
                self.loss = 0.8 * self.loss + 0.2 * message.lost

    def _send_again(self, missing: rtcp.Nack) -> None:
        outlet = self._fanouts[Track.VIDEO].outlet if Track.VIDEO in self._fanouts else None
        if outlet is None or self.peer.link is None or missing.ssrc != outlet.numbering[Track.VIDEO].ssrc:
            return
        for sequence in missing.sequences:
            data = outlet.history.get(sequence)
            if data is None or self._again >= MOST_AGAIN:
                continue
            self._again += 1
            self.repaired += 1
            self.peer.link.send_rtp(self._repair(data))

    def _repair(self, data: bytes) -> bytes:
        number = self._repairs[Track.VIDEO]
        if number is None:
            return rtp.retyped(data, self.peer.payload_types()[Track.VIDEO])
        self._repair_sequence = self._repair_sequence + 1 & 0xFFFF
        return rtp.retransmission(data, number, self._repair_ssrc, self._repair_sequence)

    def _outlets(self) -> list[tuple[Track, Outlet]]:
        return [(track, fanout.outlet) for track, fanout in self._fanouts.items()]


def _report(track: Track, outlet: Outlet) -> bytes:
    """A sender report of a track, as its publisher told the time, or else by when packets came."""
    now = outlet.numbering[track].now
    told: tuple[int, float] | None = outlet.clock.get(track) or now
    if told is None or now is None:
        return b""
    timestamp, at = told
    here = time.time()
    sent = outlet.sent[track]
    passed = round((here - at) * track)
    return rtcp.sender_report(
        outlet.numbering[track].ssrc, timestamp + passed & 0xFFFFFFFF, here, (sent.packets, sent.bytes)
    )


def details(viewer: Viewer, jti: str, reason: str) -> dict[str, Any]:
    """What is told of a viewer who left."""
    return {"transport": "udp", "jti": jti, "seconds": round(viewer.watched_s), "reason": reason}

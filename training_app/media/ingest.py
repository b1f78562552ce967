"""Publishers: what they send is handed to a path, what is missing is asked for, and how fast to send is told."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from training_app.media import patchpoints, rate, rtcp, rtp
from training_app.media.flow import Track
from training_app.media.gaps import AGAIN_AFTER_S, Gaps
from training_app.media.paths import VenuePath
from training_app.media.peers import Peer, in_background
from training_app.media.protocol import Unreadable

GONE_AFTER_S: Final = 12.0
"""Whoever publishes sends sound, picture or at least a report more often than that."""
LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"


class Publisher:
    """A flow.Source: a client that publishes by WHIP. on_end is called once, with the reason."""

    def __init__(self, peer: Peer, path: VenuePath, sub: str, on_end: Callable[[str], None]) -> None:
        self.peer = peer
        self.path = path
        self.sub = sub
        self.level_extension = 0
        self._on_end = on_end
        self._is_over = False
        self._tracks: dict[int, Track] = {}
        self._repairs: dict[int, Track] = {}
        self._ssrcs: dict[Track, int] = {}
        self._gaps = {track: Gaps() for track in Track}
        self._reports: dict[Track, tuple[int, float]] = {}
        self._given_up = 0
        self._rate = rate.HIGHEST
        self._heard_at = 0.0
        self._own_ssrc = 0
        self._nack_timer: asyncio.TimerHandle | None = None
        peer.on_ready = self._start
        peer.on_lost = self.close

    async def answer(self) -> str:
        """The answer to its offer. Raises BadOffer."""
        self.peer.tap(self._take_rtp, self._take_rtcp)
        answer = await self.peer.answer()
        self._tracks = {number: track for track, number in self.peer.payload_types().items()}
        repairs = {self.peer.repair_type(track): track for track in self._tracks.values()}
        self._repairs = {number: track for number, track in repairs.items() if number is not None}
        self._own_ssrc = patchpoints.own_ssrc(next(iter(self.peer.transceivers.values())))
        if Track.AUDIO in self.peer.transceivers:
            self.level_extension = patchpoints.agreed_extension(self.peer.transceivers[Track.AUDIO], LEVEL)
        return answer

    def ask_keyframe(self) -> None:
        """A keyframe is wanted soon."""
        if self.peer.link is not None and Track.VIDEO in self._ssrcs:
            self.peer.link.send_rtcp(
                self._empty_report() + rtcp.keyframe_wanted(self._own_ssrc, self._ssrcs[Track.VIDEO])
            )

    def close(self, reason: str) -> None:
        """It is sent away, or has left."""
        if self._is_over:
            return
        self._is_over = True
        if self._nack_timer is not None:
            self._nack_timer.cancel()
        self.path.leave(self, reason)
        self._on_end(reason)
        in_background(self.peer.close())

    def tick(self, now: float) -> float:
        """A second has passed: the publisher is told how its packets arrive. Returns the part lost, 0 to 1."""
        losses = {track: self._gaps[track].lost_lately() for track in self._ssrcs}
        loss = losses.get(Track.VIDEO, losses.get(Track.AUDIO, 0.0))
        if self.peer.link is None:
            return loss
        if now - self._heard_at > GONE_AFTER_S:
            self.close("lost")
        if self._is_over or not self._ssrcs:
            return loss
        self._rate = rate.next_rate(self._rate, loss)
        report = rtcp.receiver_report(self._own_ssrc, [self._received(track, losses[track], now) for track in losses])
        self.peer.link.send_rtcp(report + rtcp.highest_rate(self._own_ssrc, list(self._ssrcs.values()), self._rate))
        return loss

    def _start(self) -> None:
        self._heard_at = time.monotonic()
        self.path.take_over(self, self.sub)

    def _take_rtp(self, data: bytes) -> None:
        if len(data) < rtp.HEADER:
            return
        number = data[1] & 0x7F
        track = self._tracks.get(number)
        if track is None:
            restored = self._restored(number, data)
            if restored is None:
                return
            track, data = restored
        else:
            ssrc = int.from_bytes(data[8:12], "big")
            if self._ssrcs.get(track) != ssrc:
                self._begin_stream(track, ssrc)
        now = self._heard_at = time.monotonic()
        gaps = self._gaps[track]
        if not gaps.arrived(int.from_bytes(data[2:4], "big"), now):
            return
        if gaps.is_waiting and self._nack_timer is None:
            self._ask_again()
        self.path.receive(self, track, data, time.time())

    def _begin_stream(self, track: Track, ssrc: int) -> None:
        self._gaps[track] = Gaps()
        is_first = track not in self._ssrcs
        self._ssrcs[track] = ssrc
        if is_first and track is Track.VIDEO:
            self.path.ask_keyframe()

    def _restored(self, number: int, data: bytes) -> tuple[Track, bytes] | None:
        """The packet that a retransmission carries, and its track."""
        track = self._repairs.get(number)
        if track is None or track not in self._ssrcs:
            return None
        main = next(one for one, of in self._tracks.items() if of is track)
        try:
            packet = rtp.retransmitted(rtp.read(data), main, self._ssrcs[track])
        except Unreadable:
            return None
        return (track, rtp.written(packet)) if packet is not None else None

    def _take_rtcp(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        for message in rtcp.messages(data):
            if isinstance(message, rtcp.SenderReport):
                track = next((one for one, ssrc in self._ssrcs.items() if ssrc == message.ssrc), None)
                if track is not None:
                    self._reports[track] = (message.middle, time.monotonic())
                    self.path.receive_clock(self, track, message.timestamp, message.at)
            elif isinstance(message, rtcp.Goodbye) and set(self._ssrcs.values()) <= set(message.ssrcs):
                self.close("left")

    def _ask_again(self) -> None:
        """What is missing is asked for, now and after a while, until it has come or is given up."""
        self._nack_timer = None
        now = time.monotonic()
        for track, gaps in self._gaps.items():
            missing = gaps.to_ask(now)
            if missing and self.peer.link is not None and not self._is_over:
                self.peer.link.send_rtcp(
                    self._empty_report() + rtcp.nack(self._own_ssrc, self._ssrcs[track], missing[:200])
                )
        given_up = self._gaps[Track.VIDEO].given_up
        if given_up != self._given_up:
            self._given_up = given_up
            self.path.ask_keyframe()
        if any(gaps.is_waiting for gaps in self._gaps.values()) and not self._is_over:
            self._nack_timer = asyncio.get_running_loop().call_later(AGAIN_AFTER_S / 3, self._ask_again)

    def _received(self, track: Track, lost: float, now: float) -> rtcp.Received:
        gaps = self._gaps[track]
        middle, at = self._reports.get(track, (0, now))
        return rtcp.Received(self._ssrcs[track], lost, gaps.lost, gaps.extended, 0, middle, max(0.0, now - at))

    def _empty_report(self) -> bytes:
        """What feedback has to begin with (RFC 3550 6.1)."""
        return rtcp.receiver_report(self._own_ssrc, [])

"""What a publisher sends, looked at packet by packet: figures for hosts, and warnings when an encoder is set wrong."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from training_app.media import h264
from training_app.media.flow import Track
from training_app.media.protocol import Unreadable
from training_app.media.rtp import Rtp

PATIENCE_S: Final = 5.0
"""So long a publisher may be without picture, sound or keyframe before it is told."""
LONGEST_INTERVAL_S: Final = 4.0
"""Between two keyframes; viewers who join wait for the next, and segments of HLS begin with one."""
_SILENCE: Final = 110
"""dBov below which there is nothing to hear (RFC 6464)."""
_EMPTY_SOUND: Final = 8
"""Bytes of an Opus packet that carries next to nothing."""
_TOO_MUCH_LOST: Final = 0.05


@dataclass(slots=True)
class _Second:
    bytes: dict[Track, int] = field(default_factory=lambda: {Track.VIDEO: 0, Track.AUDIO: 0})
    frames: int = 0


class Inspector:
    """Follows one publisher from `since` (steady seconds) on."""

    def __init__(self, since: float) -> None:
        self.since = since
        self.picture: h264.Picture | None = None
        self.keyframe_interval_s = 0.0
        self.loss = 0.0
        self._seen: dict[Track, float] = {}
        self._keyframe_at: float | None = None
        self._keyframe_timestamp: int | None = None
        self._has_b_frames = False
        self._is_stereo_at = self._is_heard_at = since
        self._has_levels = False
        self._seconds: deque[_Second] = deque([_Second()], maxlen=5)

    def see(self, track: Track, packet: Rtp, level: int | None, now: float) -> bool:
        """Whether a keyframe starts in this packet. level: how loud its sound is, dB below the loudest, if known."""
        self._seen[track] = now
        self._seconds[-1].bytes[track] += len(packet.payload)
        if track is Track.AUDIO:
            self._hear(packet.payload, level, now)
            return False
        self._seconds[-1].frames += packet.marker and bool(packet.payload)
        return self._look(packet, now)

    def tick(self, loss: float) -> None:
        """A second has passed; loss: the part of packets that did not come at once, 0 to 1."""
        self.loss = 0.8 * self.loss + 0.2 * loss
        self._seconds.append(_Second())

    def warnings(self, now: float) -> set[str]:
        """What is wrong at this moment, by the names of protocol.WARNINGS."""
        found = set()
        if now - self._seen.get(Track.AUDIO, self.since) > PATIENCE_S:
            found.add("no_sound")
        elif now - self._is_heard_at > PATIENCE_S:
            found.add("silent")
        elif now - self._is_stereo_at > PATIENCE_S:
            found.add("mono")
        if now - self._seen.get(Track.VIDEO, self.since) > PATIENCE_S:
            found.add("no_picture")
        elif self._keyframe_at is None:
            found |= {"unreadable"} if now - self.since > PATIENCE_S else set()
        elif max(self.keyframe_interval_s, now - self._keyframe_at) > LONGEST_INTERVAL_S:
            found.add("keyframe_interval")
        if self._has_b_frames:
            found.add("b_frames")
        if self.loss > _TOO_MUCH_LOST:
            found.add("loss")
        return found

    def figures(self) -> dict[str, Any]:
        """What hosts are shown."""
        whole = list(self._seconds)[:-1] or list(self._seconds)
        rates = {track: sum(one.bytes[track] for one in whole) * 8 / 1000 / len(whole) for track in Track}
        return {
            "codec": self.picture.codec if self.picture else None,
            "width": self.picture.width if self.picture else None,
            "height": self.picture.height if self.picture else None,
            "fps": round(sum(one.frames for one in whole) / len(whole), 1),
            "kbps_video": round(rates[Track.VIDEO]),
            "kbps_audio": round(rates[Track.AUDIO]),
            "loss_percent": round(100 * self.loss, 1),
            "keyframe_interval_s": round(self.keyframe_interval_s, 1),
        }

    def _hear(self, payload: bytes, level: int | None, now: float) -> None:
        if not payload:
            return
        # RFC 6716 3.1: this bit of the first byte says stereo
        if payload[0] & 0x04:
            self._is_stereo_at = now
        self._has_levels = self._has_levels or level is not None
        if (level < _SILENCE) if level is not None else (not self._has_levels and len(payload) > _EMPTY_SOUND):
            self._is_heard_at = now

    def _look(self, packet: Rtp, now: float) -> bool:
        starts = False
        for unit in h264.units(packet.payload):
            kind = unit[0] & 0x1F if unit else 0
            if kind == h264.SPS:
                self._take_parameters(unit)
            if kind in {h264.SPS, h264.IDR_SLICE} and packet.timestamp != self._keyframe_timestamp:
                starts = True
                self._count_keyframe(packet.timestamp, now)
            elif kind == h264.SLICE and h264.is_b_slice(unit):
                self._has_b_frames = True
        return starts

    def _take_parameters(self, unit: bytes) -> None:
        try:
            self.picture = h264.picture(unit)
        except Unreadable:
            self.picture = None

    def _count_keyframe(self, timestamp: int, now: float) -> None:
        if self._keyframe_at is not None:
            self.keyframe_interval_s = now - self._keyframe_at
        self._keyframe_at, self._keyframe_timestamp = now, timestamp

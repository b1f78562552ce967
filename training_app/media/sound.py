"""The sound of a stream as AAC: turned from Opus, on a timeline without holes, silent where nothing came.

Players that take Opus in HLS are few; AAC is taken everywhere. FFmpeg's own codecs are used (LGPL), by PyAV.
"""

from collections.abc import Iterable
from typing import Final, SupportsBytes

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame

from training_app.media.boxes import FRAME
from training_app.media.flow import Track

BIT_RATE: Final = 64_000
TOLERANCE: Final = 480
"""Samples that a packet may lie beside its place: below, neither silence is put in nor sound left out."""
_FORMAT: Final = "fltp"
_LAYOUT: Final = "stereo"
_RATE: Final = int(Track.AUDIO)
_HEAD: Final = b"OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00"
"""What an Opus decoder is told (RFC 7845, 5.1): version 1, two channels, 48 kHz."""


class Sound:
    """Sound of one stretch. Places are samples (48 kHz) since the stretch began."""

    def __init__(self) -> None:
        self._decoder = _prepared(av.CodecContext.create("opus", "r"))
        self._decoder.extradata = _HEAD
        self._encoder = _prepared(av.CodecContext.create("aac", "w"))
        self._encoder.bit_rate = BIT_RATE
        self._waiting = AudioFifo()
        self._frames: list[bytes] = []
        self._primed = False
        self._taken = 0
        self.place = 0
        """Where the next sample lands that is fed."""
        self.unreadable = 0
        """Packets that were no Opus."""

    @property
    def ready_from(self) -> int:
        """Where the first frame begins that `take` gives."""
        return self._taken * FRAME

    @property
    def ready_until(self) -> int:
        """Where the last of them ends."""
        return (self._taken + len(self._frames)) * FRAME

    def feed(self, packet: bytes, at: int) -> None:
        """A packet of Opus that begins at this place. Silence fills a hole before it; what comes twice is left out."""
        try:
            frames = self._decoder.decode(av.Packet(packet)) if packet else []
        except av.FFmpegError:
            self.unreadable += 1
            return
        for frame in frames:
            if self.place - at > TOLERANCE:
                at += frame.samples
                continue
            if at - self.place > TOLERANCE:
                self.fill(at)
            at += frame.samples
            frame.pts = None
            self._put(frame)

    def fill(self, until: int) -> None:
        """Silence up to this place."""
        while self.place < until:
            silence = AudioFrame(format=_FORMAT, layout=_LAYOUT, samples=min(until - self.place, _RATE))
            silence.sample_rate = _RATE
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            self._put(silence)

    def take(self, until: int) -> list[bytes]:
        """Frames of AAC that are ready and begin before this place; each is given once."""
        count = max(0, min(len(self._frames), -(-until // FRAME) - self._taken))
        taken, self._frames = self._frames[:count], self._frames[count:]
        self._taken += count
        return taken

    def finish(self) -> None:
        """All that was fed becomes frames; nothing is fed any more."""
        self.fill(-(-self.place // FRAME) * FRAME)
        self._keep(self._encoder.encode(None))

    def _put(self, frame: AudioFrame) -> None:
        self._waiting.write(frame)
        self.place += frame.samples
        while (whole := self._waiting.read(FRAME)) is not None:
            self._keep(self._encoder.encode(whole))

    def _keep(self, packets: Iterable[SupportsBytes]) -> None:
        for packet in packets:
            if self._primed:
                self._frames.append(bytes(packet))
            self._primed = True  # the first frame only fills the encoder: it lies before the beginning


def _prepared(codec: AudioCodecContext) -> AudioCodecContext:
    codec.format = av.AudioFormat(_FORMAT)
    codec.layout = _LAYOUT
    codec.sample_rate = _RATE
    return codec

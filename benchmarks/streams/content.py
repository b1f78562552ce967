"""What is streamed in measurements: some seconds of 720p with sound, encoded once, and played over and over."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import count
from typing import Final

import av

from training_app.media.flow import Track
from training_app.media.synthetic.rtp import RtpStream, payloads
from training_app.media.synthetic.tone import PACKET_MS, second_of_tone

START_CODE: Final = re.compile(rb"\x00\x00\x00?\x01")
RATE: Final = 30
KEYFRAME_EVERY_S: Final = 2
IDR: Final = 5
Send = Callable[[Track, bytes], Awaitable[None]]
Tell = Callable[[Track, int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What is due at one moment: a picture or 20 ms of sound. at_s: since the content began."""

    at_s: float
    track: Track
    payloads: tuple[bytes, ...]
    is_keyframe: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """Parts in order; the first is a keyframe. lasts_s: until it begins again."""

    parts: tuple[Part, ...]
    lasts_s: float

    @property
    def packets_in_1_s(self) -> float:
        """RTP packets that a viewer gets."""
        return sum(len(part.payloads) for part in self.parts) / self.lasts_s

    @property
    def bits_in_1_s(self) -> float:
        """With the headers of RTP."""
        return sum(len(one) + 12 for part in self.parts for one in part.payloads) * 8 / self.lasts_s


@cache
def content(width: int = 1280, height: int = 720, bit_rate: int = 1_500_000, lasts_s: int = 8) -> Content:
    """Moving patterns with noise at a constant rate, keyframes each 2 s, no B-frames; a tone in stereo."""
    tone = second_of_tone(440)
    sounds = [
        Part(number * PACKET_MS / 1000, Track.AUDIO, (tone[number % len(tone)],))
        for number in range(lasts_s * len(tone))
    ]
    pictures = [
        Part(number / RATE, Track.VIDEO, tuple(payloads(units)), any(unit[0] & 31 == IDR for unit in units))
        for number, units in enumerate(_encoded(width, height, bit_rate, lasts_s))
    ]
    parts = sorted([*pictures, *sounds], key=lambda part: (part.at_s, part.track != Track.VIDEO))
    return Content(tuple(parts), lasts_s)


def _encoded(width: int, height: int, bit_rate: int, lasts_s: int) -> Iterator[list[bytes]]:
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.bit_rate, encoder.gop_size = Fraction(RATE), bit_rate, RATE * KEYFRAME_EVERY_S
    encoder.thread_count = 1
    rate = f"vbv-maxrate={bit_rate // 1000}:vbv-bufsize={bit_rate // 2000}"
    encoder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "profile": "baseline",
        "x264-params": f"scenecut=0:keyint={encoder.gop_size}:min-keyint={encoder.gop_size}:{rate}",
    }
    for frame in _frames(width, height, lasts_s * RATE):
        for packet in encoder.encode(frame):
            yield [unit for unit in START_CODE.split(bytes(packet)) if unit]


def _frames(width: int, height: int, number: int) -> Iterator[av.VideoFrame]:
    graph = av.filter.Graph()
    source = graph.add("testsrc2", f"size={width}x{height}:rate={RATE}")
    noise = graph.add("noise", "alls=12:allf=t")
    shape = graph.add("format", "yuv420p")
    sink = graph.add("buffersink")
    source.link_to(noise)
    noise.link_to(shape)
    shape.link_to(sink)
    graph.configure()
    for _ in range(number):
        frame = graph.pull()
        assert isinstance(frame, av.VideoFrame)
        frame.pict_type = 0
        yield frame


class Player:
    """Plays content in real time, over and over. ssrcs: picture and sound, any when there are none.

    payload_types: picture and sound.
    """

    def __init__(
        self, what: Content, send: Send, payload_types: tuple[int, int], ssrcs: tuple[int, int] | None = None
    ) -> None:
        video, audio = ssrcs or (None, None)
        self.streams = {
            Track.VIDEO: RtpStream(payload_types[0], video),
            Track.AUDIO: RtpStream(payload_types[1], audio),
        }
        self.tell: Tell | None = None
        """Is told the timestamp of what is sent now."""
        self.sent = 0
        """Packets so far."""
        self._content = what
        self._send = send
        self._wants_keyframe = False

    def skip_to_keyframe(self) -> None:
        """The next picture is a keyframe, as one that an encoder makes when it is asked."""
        self._wants_keyframe = True

    async def play(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        begun, skipped_s = loop.time(), 0.0
        parts, lasts_s = self._content.parts, self._content.lasts_s
        for number in count():
            turn, place = divmod(number, len(parts))
            part = parts[place]
            at_s = turn * lasts_s + part.at_s - skipped_s
            if self._wants_keyframe:
                if not part.is_keyframe:
                    continue
                self._wants_keyframe = False
                now_s = loop.time() - begun
                skipped_s += max(0.0, at_s - now_s)
                at_s = min(at_s, now_s)
            await asyncio.sleep(begun + at_s - loop.time())
            await self._give(part, at_s)

    async def _give(self, part: Part, at_s: float) -> None:
        stream, ticks = self.streams[part.track], round(at_s * part.track)
        if self.tell:
            self.tell(part.track, stream.timestamp(ticks))
        for number, payload in enumerate(part.payloads, start=1):
            is_last = part.track is Track.VIDEO and number == len(part.payloads)
            await self._send(part.track, stream.packet(payload, ticks, is_last=is_last))
            self.sent += 1

"""Short clips as a publisher would send them, made by FFmpeg's encoders, and senders that lose and mix their packets.

Picture number `n` of a clip is plain grey, `grey(n)` bright, so that a decoded one tells which it was. Sound is a tone
in even seconds and silence in odd ones.
"""

import array
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av

from training_app.media.flow import Packet, Track
from training_app.media.synthetic.rtp import RtpStream, payloads

FPS = 15
OPUS_STEP = 960


def grey(number: int) -> int:
    """How bright picture `number` is, 16 to 235."""
    return 30 + 2 * (number % 90)


@dataclass(frozen=True)
class Clip:
    """pictures: NAL units of each, and its number in the order in which it is shown. sound: Opus packets of 20 ms."""

    pictures: tuple[tuple[int, tuple[bytes, ...]], ...]
    sound: tuple[bytes, ...]
    fps: int = FPS


@lru_cache
def clip(
    seconds: int,
    *,
    size: tuple[int, int] = (320, 180),
    fps: int = FPS,
    keyframe_every_s: float = 2,
    b_frames: int = 0,
    profile: str = "baseline",
) -> Clip:
    """A clip by libx264 and libopus, which tests may use and the product does not."""
    return Clip(
        tuple(_pictures(seconds * fps, size, fps, round(keyframe_every_s * fps), b_frames, profile)),
        tuple(_sound(seconds)),
        fps,
    )


def _pictures(
    count: int, size: tuple[int, int], fps: int, gop: int, b_frames: int, profile: str
) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.time_base, encoder.framerate = "yuv420p", Fraction(1, fps), Fraction(fps)
    encoder.gop_size, encoder.max_b_frames = gop, b_frames
    encoder.options = {"preset": "ultrafast", "profile": profile, "forced-idr": "1", "sc_threshold": "0", "qp": "16"}
    encoder.options |= {"x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:threads=1:b-adapt=0"}
    packets = []
    for number in range(count):
        frame = grey_frame(*size, grey(number))
        frame.pts = number
        packets += encoder.encode(frame)
    for packet in [*packets, *encoder.encode(None)]:
        assert packet.pts is not None
        yield packet.pts, tuple(unit for unit in _units(bytes(packet)) if unit[0] & 0x1F in {1, 5, 7, 8})


def grey_frame(width: int, height: int, value: int = 128) -> av.VideoFrame:
    """A picture of one grey: unlike one that nobody filled it makes the same packets each time."""
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, level in zip(frame.planes, (value, 128, 128), strict=True):
        plane.update(bytes((level,)) * plane.buffer_size)
    return frame


def _units(stream: bytes) -> Iterator[bytes]:
    for piece in stream.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1"):
        if piece:
            yield piece


def _sound(seconds: int) -> Iterator[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", av.AudioFormat("s16")
    period = [round(8000 * math.sin(2 * math.pi * n / 48)) for n in range(OPUS_STEP)]
    tone = array.array("h", [one for one in period for _ in range(2)]).tobytes()
    for step in range(seconds * 50):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=OPUS_STEP)
        frame.sample_rate, frame.pts = 48_000, step * OPUS_STEP
        frame.planes[0].update(tone if step // 50 % 2 == 0 else bytes(len(tone)))
        for packet in encoder.encode(frame):
            yield bytes(packet)


@dataclass
class Sender:
    """Sends clips, one after the other, as a path gives them: one timeline, numbers that go on."""

    at: float = 1_790_000_000.0
    """When what is sent next arrives, seconds UTC."""

    def __post_init__(self) -> None:
        self._streams = {track: RtpStream(96 + (track is Track.AUDIO), ssrc=7) for track in Track}
        self._origin = self.at

    def packets(self, clip: Clip, *, has_sound: bool = True) -> list[Packet]:
        """The clip's packets in the order of their arrival, from now on."""
        begun, found = self.at, []
        for place, (shown, units) in enumerate(clip.pictures):
            parts = list(payloads(units))
            for number, payload in enumerate(parts):
                arrived, shown_at = begun + place / clip.fps, begun + shown / clip.fps
                starts = number == 0 and units[0][0] & 0x1F in {7, 5}
                is_last = number == len(parts) - 1
                found.append(self._packet(Track.VIDEO, payload, shown_at, arrived, is_last, starts))
        self.at = begun + len(clip.pictures) / clip.fps
        for step, payload in enumerate(clip.sound if has_sound else ()):
            arrived = begun + (step + 1) * 0.02
            found.append(self._packet(Track.AUDIO, payload, begun + step * 0.02, arrived, False, False))
        return sorted(found, key=lambda packet: packet.arrived)

    def _packet(self, track: Track, payload: bytes, at: float, arrived: float, marker: bool, starts: bool) -> Packet:
        stream = self._streams[track]
        data = stream.packet(payload, round((at - self._origin) * track), is_last=marker)
        sequence, timestamp = int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:8], "big")
        return Packet(track, data, sequence, timestamp, marker, arrived, starts)


@dataclass(frozen=True)
class Decoded:
    """What a player shows. pictures: when, in seconds, and how bright. loud: when sound begins and ends, in seconds."""

    pictures: tuple[tuple[float, int], ...]
    size: tuple[int, int]
    loud: tuple[tuple[float, float], ...]


def decoded(content: bytes) -> Decoded:
    """The MP4 as FFmpeg decodes it. An error in the stream fails."""
    pictures: list[tuple[float, int]] = []
    samples: list[tuple[float, int, bool]] = []
    size = (0, 0)
    with av.open(io.BytesIO(content), "r") as file:
        for stream in file.streams:
            stream.codec_context.thread_count = 1
            stream.codec_context.options = {"err_detect": "explode"}
        for frame in file.decode():
            assert frame.time is not None
            if isinstance(frame, av.VideoFrame):
                pictures.append((frame.time, bytes(frame.planes[0])[4 * frame.planes[0].line_size + 4]))
                size = frame.width, frame.height
            elif isinstance(frame, av.AudioFrame):
                samples.append((frame.time, frame.samples, _is_loud(frame)))
    return Decoded(tuple(pictures), size, tuple(_stretches(samples)))


def _is_loud(frame: av.AudioFrame) -> bool:
    plane = array.array("f", bytes(frame.planes[0]))
    return max(map(abs, plane[: frame.samples])) > 0.05


def _stretches(samples: Sequence[tuple[float, int, bool]]) -> Iterator[tuple[float, float]]:
    begun: float | None = None
    end = 0.0
    for at, count, is_loud in samples:
        if is_loud and begun is None:
            begun = at
        elif not is_loud and begun is not None:
            yield begun, at
            begun = None
        end = at + count / 48_000
    if begun is not None:
        yield begun, end

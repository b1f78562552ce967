"""What keeping one venue costs: parts, segments and sound turned to AAC, without the disk."""

import time
from collections.abc import Iterator

from benchmarks.measuring import Figure
from benchmarks.streams.content import Content
from training_app.media.flow import Packet, Track
from training_app.media.segmenter import Segmenter
from training_app.media.segments import Beginning, Part
from training_app.media.synthetic.rtp import RtpStream


class Counted:
    """Segments that nobody keeps."""

    def __init__(self) -> None:
        self.parts = 0
        self.seconds = 0.0

    def begin(self, beginning: Beginning) -> None:
        """A segment begins."""

    def add(self, part: Part) -> None:
        """It has one more part."""
        self.parts += 1
        self.seconds += part.seconds

    def end(self) -> None:
        """It has all its parts."""


def segmenting(what: Content, lasts_s: float) -> Iterator[Figure]:
    """So many seconds of the content, as fast as it goes."""
    counted = Counted()
    packets = list(_packets(what, lasts_s))
    segmenter = Segmenter(counted, lambda: None, lambda: True)
    begun = time.process_time()
    for packet in packets:
        segmenter.take(packet)
    segmenter.cut()
    used_s = time.process_time() - begun
    if abs(counted.seconds - lasts_s) > 1:
        raise AssertionError(f"of {lasts_s} s of content {counted.seconds:.1f} s were cut into segments")
    told = f"{used_s / lasts_s * 100:.2f} % of a core a venue; {counted.parts} parts of {counted.seconds:.0f} s"
    yield Figure("cutting and AAC, each second", used_s * 1000 / lasts_s, told=told)


def _packets(what: Content, lasts_s: float) -> Iterator[Packet]:
    streams = {track: RtpStream(96) for track in Track}
    for turn in range(round(lasts_s / what.lasts_s)):
        for part in what.parts:
            at_s = turn * what.lasts_s + part.at_s
            ticks = round(at_s * part.track)
            for number, payload in enumerate(part.payloads, start=1):
                is_last = part.track is Track.VIDEO and number == len(part.payloads)
                data = streams[part.track].packet(payload, ticks, is_last=is_last)
                starts = part.is_keyframe and number == 1
                sequence, timestamp = int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:8], "big")
                yield Packet(part.track, data, sequence, timestamp, is_last, at_s, starts)

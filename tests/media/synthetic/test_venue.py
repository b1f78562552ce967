"""A synthetic venue publishes what a real one would, when its stage asks for it."""

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import av
import pytest
from aiortc.codecs.h264 import H264PayloadDescriptor
from aiortc.rtp import RtpPacket

from tests.support.stamped import stamp_of
from training_app.media.flow import Sink, Source, Track
from training_app.media.protocol import Stage, State, Venue
from training_app.media.synthetic.venue import SUB, SyntheticVenue, SyntheticVenues

MOMENT = datetime(2026, 11, 24, 5, 37, 9, 990_000, tzinfo=UTC)
TONE = [bytes([number]) for number in range(50)]


@dataclass
class Heard:
    """A path that keeps what it is given."""

    name: str = "o1/v1"
    sources: list[Source | None] = field(default_factory=list)
    packets: dict[Track, list[RtpPacket]] = field(default_factory=lambda: {one: [] for one in Track})
    clocks: list[tuple[Track, int, float]] = field(default_factory=list)

    def take_over(self, source: Source, sub: str) -> None:
        assert sub == SUB
        self.sources.append(source)

    def receive(self, source: Source, track: Track, data: bytes, arrived: float) -> None:
        self.packets[track].append(RtpPacket.parse(data))

    def receive_clock(self, source: Source, track: Track, timestamp: int, at: float) -> None:
        self.clocks.append((track, timestamp, at))

    def leave(self, source: Source, reason: str) -> None:
        self.sources.append(None)

    def attach(self, sink: Sink, *, before_gate: bool = False) -> None:
        raise NotImplementedError

    def detach(self, sink: Sink) -> None:
        raise NotImplementedError

    def ask_keyframe(self) -> None:
        raise NotImplementedError


class Steps:
    """A clock that goes on by a step of the venue each time it is looked at."""

    def __init__(self) -> None:
        self.moment = MOMENT

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=20)
        return self.moment


def played(steps: int) -> tuple[Heard, SyntheticVenue]:
    path = Heard()
    venue = SyntheticVenue(path, Steps())
    venue._tone = TONE
    for step in range(steps):
        venue.send(step)
    return path, venue


def shown(packets: list[RtpPacket]) -> list[av.VideoFrame]:
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    pictures: dict[int, bytes] = {}
    for packet in packets:
        _, data = H264PayloadDescriptor.parse(packet.payload)
        pictures[packet.timestamp] = pictures.get(packet.timestamp, b"") + data
    waiting = [*map(av.Packet, pictures.values()), None]
    return [frame for one in waiting for frame in decoder.decode(one)]


def test_its_packets_make_the_pictures_of_their_moments() -> None:
    path, _ = played(60)
    stamps = [stamp_of(frame) for frame in shown(path.packets[Track.VIDEO])]
    first = int((MOMENT + timedelta(milliseconds=20)).timestamp() * 1000)
    assert stamps == [(first + 80 * picture) % 2**32 for picture in range(15)]


def test_its_packets_are_numbered_and_small_and_end_each_picture_with_a_marker() -> None:
    path, _ = played(60)
    for packets in path.packets.values():
        numbers = [packet.sequence_number for packet in packets]
        assert numbers == [(numbers[0] + turn) % 2**16 for turn in range(len(numbers))]
        assert len({packet.ssrc for packet in packets}) == 1
    video = path.packets[Track.VIDEO]
    assert max(len(packet.serialize()) for packet in video) <= 1200
    assert len({packet.timestamp for packet in video}) == sum(packet.marker for packet in video) == 15
    assert {b.timestamp - a.timestamp for a, b in itertools.pairwise(video)} == {0, 7200}


def test_a_keyframe_comes_each_two_seconds_and_at_once_when_one_is_asked_for() -> None:
    path, venue = played(120)
    venue.ask_keyframe()
    for step in range(120, 240):
        venue.send(step)
    first = path.packets[Track.VIDEO][0].timestamp
    keyed = [one.timestamp - first for one in path.packets[Track.VIDEO] if one.payload[0] & 31 == 24]
    assert [at / 90_000 for at in keyed] == [0, 2.0, 2.4, 4.4]


def test_the_beep_begins_with_a_second() -> None:
    path, _ = played(50)
    beeps = [turn for turn, packet in enumerate(path.packets[Track.AUDIO]) if packet.payload == TONE[0]]
    assert beeps == [0]  # the first step is at :10.010


def test_it_tells_what_time_its_timestamps_are() -> None:
    path, _ = played(51)
    (track, video, at), (other, sound, _), (_, later, then), _ = path.clocks
    assert (track, other, at) == (Track.VIDEO, Track.AUDIO, (MOMENT + timedelta(milliseconds=20)).timestamp())
    assert (later - video) / 90_000 == pytest.approx(then - at)
    assert (video, sound) == (path.packets[Track.VIDEO][0].timestamp, path.packets[Track.AUDIO][0].timestamp)


STAGE = Stage("o1", 1, State.OPEN, None, (Venue("v1", (), consented=True, recorded=True),), synthetic=("v1",))


async def until_it_plays(path: Heard) -> None:
    before = len(path.packets[Track.AUDIO])
    while len(path.packets[Track.AUDIO]) < before + 3:
        await asyncio.sleep(0.01)


def test_it_plays_while_its_occasion_is_open() -> None:
    async def work() -> list[bool]:
        path = Heard()
        venues = SyntheticVenues(lambda name: path)
        for version, state in enumerate((State.CLOSED, State.OPEN, State.ON_AIR, State.HELD), start=1):
            venues.set_stage(replace(STAGE, version=version, state=state))
        venues.set_stage(replace(STAGE, occasion="o2", synthetic=()))
        await until_it_plays(path)
        venues.set_stage(replace(STAGE, version=5, state=State.ENDED))
        venues.set_stage(replace(STAGE, version=6))
        await until_it_plays(path)
        venues.close()
        return [source is None for source in path.sources]

    assert asyncio.run(work()) == [False, True, False, True]


def test_it_stays_away_from_a_path_on_which_another_publishes() -> None:
    async def work() -> list[bool]:
        path = Heard()
        venues = SyntheticVenues(lambda name: path)
        venues.set_stage(STAGE)
        await until_it_plays(path)
        assert path.sources[0] is not None
        path.sources[0].close("another publishes")
        venues.set_stage(replace(STAGE, version=2, state=State.ON_AIR))
        venues.close()
        return [source is None for source in path.sources]

    assert asyncio.run(work()) == [False]


def test_one_that_is_closed_before_it_began_says_nothing() -> None:
    async def work() -> int:
        path = Heard()
        venues = SyntheticVenues(lambda name: path)
        venues.set_stage(STAGE)
        venues.set_stage(replace(STAGE, version=2, state=State.CLOSED))
        await asyncio.gather(*venues._starting)
        return len(path.sources)

    assert asyncio.run(work()) == 0


def test_steps_that_are_long_past_are_left_out() -> None:
    async def work() -> tuple[int, int]:
        path, venue = played(0)
        venue.start(TONE)
        venue._begun -= 60
        await until_it_plays(path)
        venue.stop("enough")
        packets = path.packets[Track.AUDIO]
        return len(packets), (packets[-1].timestamp - packets[0].timestamp) % 2**32 // 48_000

    sent, seconds = asyncio.run(work())
    assert sent < 50 and seconds == 60

"""Paths without a network: gates, the program, and who publishes."""

import pytest

from tests.media.streaming import IDR, KEYFRAME, P_SLICE, Encoder, Kept, Told, attached
from training_app.media.flow import Packet, Track
from training_app.media.paths import VenuePath
from training_app.media.program import Program
from training_app.media.protocol import Kind


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 1.0  # so that no wish has to wait
        return self.now


def venue(name: str = "o1/v1", told: Told | None = None) -> VenuePath:
    path = VenuePath(name, told or Told(), Clock())
    path.set_open(is_open=True)
    return path


def published(path: VenuePath) -> Encoder:
    source = Encoder()
    path.take_over(source, "l1")
    return source


def test_viewers_begin_with_a_keyframe_and_get_whole_pictures() -> None:
    path = venue()
    kept = attached(path)
    source = published(path)
    source.send(path, P_SLICE)
    source.send(path, KEYFRAME, IDR)
    source.send(path, P_SLICE)
    assert kept.payloads == [KEYFRAME, IDR, P_SLICE]
    assert [(one.marker, one.starts_keyframe) for one in kept.packets] == [(False, True), (True, False), (True, False)]


def test_nothing_leaves_a_closed_gate_but_to_hosts() -> None:
    path = venue()
    path.set_open(is_open=False)
    shown, seen = attached(path), attached(path, before_gate=True)
    source = published(path)
    source.send(path, KEYFRAME, IDR)
    assert (shown.payloads, seen.payloads) == ([], [KEYFRAME, IDR])


def test_a_held_picture_cuts_at_once_and_goes_on_with_the_next_number() -> None:
    path = venue()
    kept = attached(path)
    source = published(path)
    source.send(path, KEYFRAME, at=1.0)
    path.set_open(is_open=False)
    for _ in range(40_000):
        source.sequence = source.sequence + 1 & 0xFFFF
    source.send(path, KEYFRAME, at=500.0)
    path.set_open(is_open=True)
    source.send(path, P_SLICE, at=601.0)
    source.send(path, KEYFRAME, at=601.0)
    assert kept.payloads == [KEYFRAME, None, KEYFRAME]
    first, last = kept.packets
    assert (last.sequence - first.sequence) & 0xFFFF == 1
    assert (last.timestamp - first.timestamp) & 0xFFFFFFFF == 600 * 90_000
    assert path.air.history.get(first.sequence) is None


def test_a_second_publisher_takes_over_and_the_numbers_go_on() -> None:
    told = Told()
    path = venue(told=told)
    kept = attached(path)
    first = published(path)
    first.send(path, KEYFRAME)
    second = Encoder(sequence=60_000, timestamp=5, ssrc=77)
    path.take_over(second, "l2")
    first.send(path, KEYFRAME)
    second.send(path, KEYFRAME)
    assert first.closed == ["replaced"]
    assert kept.payloads == [KEYFRAME, None, KEYFRAME]
    assert (kept.packets[1].sequence - kept.packets[0].sequence) & 0xFFFF == 1
    assert kept.packets[0].data[8:12] == kept.packets[1].data[8:12]
    assert told.kinds == [Kind.PUBLISHER_JOINED, Kind.PUBLISHER_LEFT, Kind.PUBLISHER_JOINED]
    assert path.sub == "l2"


def test_the_program_changes_at_the_next_keyframe_of_the_other_venue() -> None:
    one, other, program = venue(), venue("o1/v2"), Program("o1/program")
    program.set_open(is_open=True)
    kept = attached(program)
    first, second = published(one), published(other)
    program.choose(one)
    first.send(one, KEYFRAME)
    program.choose(other)
    assert second.asked > 1
    second.send(other, P_SLICE)
    first.send(one, P_SLICE)
    second.send(other, KEYFRAME)
    first.send(one, P_SLICE)
    second.send(other, IDR)
    assert kept.payloads == [KEYFRAME, P_SLICE, KEYFRAME, IDR]
    assert [(packet.sequence - kept.packets[0].sequence) & 0xFFFF for packet in kept.packets] == [0, 1, 2, 3]
    assert one.followers == []


def test_the_program_leaves_a_venue_at_once_when_it_must() -> None:
    one, other, program = venue(), venue("o1/v2"), Program("o1/program")
    program.set_open(is_open=True)
    kept = attached(program)
    first, second = published(one), published(other)
    program.choose(one)
    first.send(one, KEYFRAME)
    program.choose(other, may_wait=False)
    first.send(one, KEYFRAME)
    second.send(other, KEYFRAME)
    assert kept.payloads == [KEYFRAME, KEYFRAME]


def test_a_program_that_returns_before_the_change_stays() -> None:
    one, other, program = venue(), venue("o1/v2"), Program("o1/program")
    program.set_open(is_open=True)
    first, second = published(one), published(other)
    program.choose(one)
    program.choose(other)
    program.choose(one)
    second.send(other, KEYFRAME)
    assert (program.shown, program.coming, other.followers) == (one, None, [])
    program.choose(None)
    first.send(one, KEYFRAME)
    assert (program.is_live, one.followers) == (False, [])


def test_a_publisher_who_leaves_cuts_its_path_and_the_program() -> None:
    told = Told()
    path, program = venue(told=told), Program("o1/program")
    program.set_open(is_open=True)
    program.choose(path)
    kept, shown = attached(path), attached(program)
    source = published(path)
    source.send(path, KEYFRAME)
    path.leave(source, "left")
    source.send(path, KEYFRAME)
    assert kept.payloads == shown.payloads == [KEYFRAME, None]
    assert told.events[-1] == (Kind.PUBLISHER_LEFT, "o1/v1", "l1", {"reason": "left"})
    assert not path.is_live and not program.is_live


def test_times_of_publishers_are_told_on_the_clock_of_this_process() -> None:
    path = venue()
    kept = attached(path)
    source = published(path)
    source.send(path, KEYFRAME)
    path.receive_clock(source, Track.VIDEO, source.timestamp, 5.0)
    path.receive_clock(source, Track.VIDEO, source.timestamp + 90_000 & 0xFFFFFFFF, 6.0)
    (_, first, before), (_, second, after) = kept.clocks
    assert first == kept.packets[0].timestamp
    assert (second - first) & 0xFFFFFFFF == 90_000
    assert after - before == pytest.approx(1.0)
    assert before > 1_000_000_000


def test_a_sink_that_fails_stops_nobody() -> None:
    class Broken(Kept):
        def take(self, packet: Packet) -> None:
            raise RuntimeError

    path = venue()
    path.attach(Broken())
    kept = attached(path)
    published(path).send(path, KEYFRAME)
    assert kept.payloads == [KEYFRAME]


def test_garbage_is_passed_over() -> None:
    path = venue()
    kept = attached(path)
    source = published(path)
    for data in (b"", b"\x80", bytes(40), b"\xff" * 40):
        path.receive(source, Track.VIDEO, data, 1.0)
    source.send(path, b"")
    source.send(path, KEYFRAME)
    assert kept.payloads == [KEYFRAME]

"""Segments of what a path carries: every picture once, sound beside it, whatever the network did to the packets."""

import random
from dataclasses import dataclass, field

import pytest

from tests.support.clips import FPS, Clip, Sender, clip, decoded, grey
from training_app.media.flow import Packet, Track
from training_app.media.segmenter import LONGEST_S, Segmenter
from training_app.media.segments import PART_S, Beginning, Part


@dataclass
class Taken:
    """Segments as they came, with the init segment of each."""

    segments: list[tuple[Beginning, list[Part]]] = field(default_factory=list)
    asked: int = 0
    is_kept: bool = True

    def begin(self, beginning: Beginning) -> None:
        self.segments.append((beginning, []))

    def add(self, part: Part) -> None:
        self.segments[-1][1].append(part)

    def end(self) -> None:
        assert self.segments[-1][1]

    def segmenter(self) -> Segmenter:
        return Segmenter(self, self.ask, lambda: self.is_kept)

    def ask(self) -> None:
        self.asked += 1

    def seconds(self) -> list[float]:
        return [round(sum(part.seconds for part in parts), 3) for _, parts in self.segments]

    def file(self) -> bytes:
        """All that came with one init segment."""
        (init,) = {beginning.init for beginning, _ in self.segments}
        return init + b"".join(part.data for _, parts in self.segments for part in parts)


def segmented(packets: list[Packet], taken: Taken | None = None) -> Taken:
    taken = taken or Taken()
    segmenter = taken.segmenter()
    for packet in packets:
        segmenter.take(packet)
    segmenter.cut()
    return taken


def numbers(taken: Taken, clip_of: Clip) -> list[int]:
    """The numbers of the pictures that a player shows."""
    known = range(len(clip_of.pictures))
    return [min(known, key=lambda one: abs(grey(one) - found)) for _, found in decoded(taken.file()).pictures]


def test_every_picture_is_shown_at_its_time_and_sound_beside_it() -> None:
    sent = clip(6)
    taken = segmented(Sender().packets(sent))
    shown = decoded(taken.file())
    assert numbers(taken, sent) == list(range(90))
    assert [at for at, _ in shown.pictures] == pytest.approx([number / FPS for number in range(90)], abs=0.001)
    assert [begun for begun, _ in shown.loud] == pytest.approx([0, 2, 4], abs=0.05)


def test_segments_begin_with_keyframes_and_have_parts_of_the_agreed_length() -> None:
    taken = segmented(Sender().packets(clip(6)))
    assert taken.seconds() == [2, 2, 2]
    assert all(parts[0].is_independent for _, parts in taken.segments)
    assert [beginning.is_new for beginning, _ in taken.segments] == [True, False, False]
    assert max(part.seconds for _, parts in taken.segments for part in parts) <= PART_S + 0.001
    assert {len(parts) for _, parts in taken.segments} == {5}


def test_the_time_of_day_is_that_of_the_first_pictures_arrival() -> None:
    sender = Sender(at=1_790_000_123.25)
    taken = segmented(sender.packets(clip(6)))
    assert [beginning.at for beginning, _ in taken.segments] == pytest.approx(
        [1_790_000_123.25, 1_790_000_125.25, 1_790_000_127.25]
    )


def test_packets_out_of_order_and_twice_change_nothing() -> None:
    packets, mixed = Sender().packets(clip(6)), random.Random(5)
    first, rest = packets[:5], packets[5:]
    later = [*first, *sorted(rest, key=lambda one: one.arrived + mixed.choice((0, 0, 0, 0.05, 0.1)))]
    late = [again for one in later for again in ((one, one) if mixed.random() < 0.05 else (one,))]
    assert numbers(segmented(late), clip(6)) == list(range(90))


def test_after_a_lost_packet_pictures_are_left_out_until_the_next_keyframe_which_is_asked_for() -> None:
    sent = clip(6)
    packets = Sender().packets(sent)
    lost = [one for one in packets if one.track is Track.VIDEO][40]
    taken = segmented([one for one in packets if one is not lost])
    shown = numbers(taken, sent)
    assert shown == [number for number in range(90) if number < shown.index(60) or number >= 60]
    assert 30 < shown.index(60) < 60
    assert taken.asked > 0
    assert sum(taken.seconds()) == pytest.approx(6, abs=0.04)


def test_a_hole_in_the_sound_is_silent_and_moves_nothing() -> None:
    packets = Sender().packets(clip(6))
    begun = packets[0].arrived
    holed = [one for one in packets if one.track is Track.VIDEO or not 2.3 < one.arrived - begun < 2.7]
    loud = decoded(segmented(holed).file()).loud
    assert [begun for begun, _ in loud] == pytest.approx([0, 2, 2.7, 4], abs=0.06)


def test_without_any_sound_there_is_silence_as_long_as_the_picture() -> None:
    taken = segmented(Sender().packets(clip(6), has_sound=False))
    assert decoded(taken.file()).loud == ()
    assert len(decoded(taken.file()).pictures) == 90


def test_the_publishers_clocks_decide_where_sound_lies() -> None:
    sender, taken = Sender(), Taken()
    packets, segmenter = sender.packets(clip(6)), taken.segmenter()
    first = {track: next(one for one in packets if one.track is track) for track in Track}
    for number, packet in enumerate(packets):
        if number == 20:
            segmenter.set_clock(Track.VIDEO, first[Track.VIDEO].timestamp, 5000.0)
            segmenter.set_clock(Track.AUDIO, first[Track.AUDIO].timestamp, 5000.2)
        segmenter.take(packet)
    segmenter.cut()
    assert [begun for begun, _ in decoded(taken.file()).loud][-2:] == pytest.approx([2.2, 4.2], abs=0.05)


def test_another_size_of_the_picture_is_a_new_beginning() -> None:
    sender = Sender()
    taken = segmented([*sender.packets(clip(2)), *sender.packets(clip(2, size=(160, 90)))])
    inits = [beginning.init for beginning, _ in taken.segments]
    assert [beginning.is_new for beginning, _ in taken.segments] == [True, True]
    assert taken.seconds() == [2, 2]
    files = [
        init + b"".join(part.data for part in parts) for init, (_, parts) in zip(inits, taken.segments, strict=True)
    ]
    assert [decoded(file).size for file in files] == [(320, 180), (160, 90)]


def test_another_publisher_with_the_same_size_goes_on_without_a_break() -> None:
    sender = Sender()
    taken = segmented([*sender.packets(clip(2)), *sender.packets(clip(4))])
    assert [beginning.is_new for beginning, _ in taken.segments] == [True, False, False]


def test_a_cut_ends_the_segment_and_what_comes_is_new() -> None:
    sender, taken = Sender(), Taken()
    segmenter = taken.segmenter()
    for packet in sender.packets(clip(2))[:80]:
        segmenter.take(packet)
    segmenter.cut()
    before = sum(taken.seconds())
    sender.at += 60
    for packet in sender.packets(clip(2)):
        segmenter.take(packet)
    segmenter.cut()
    assert 1 < before < 1.5
    assert [beginning.is_new for beginning, _ in taken.segments] == [True, True]
    times = [at for at, _ in decoded(taken.file()).pictures]
    assert times[-1] - times[0] == pytest.approx(63.93, abs=0.05)


def test_a_publisher_without_keyframes_gets_segments_all_the_same_and_is_asked() -> None:
    taken = segmented(Sender().packets(clip(10, keyframe_every_s=30)))
    assert taken.seconds() == pytest.approx([LONGEST_S, LONGEST_S, 2])
    assert [parts[0].is_independent for _, parts in taken.segments] == [True, False, False]
    assert taken.asked >= 3


def test_pictures_that_are_shown_in_another_order_are_shown_in_theirs() -> None:
    sent = clip(6, b_frames=2, profile="high")
    assert numbers(segmented(Sender().packets(sent)), sent) == list(range(90))


def test_what_may_not_be_recorded_stands_in_segments_of_its_own() -> None:
    sender, taken = Sender(), Taken()
    segmenter = taken.segmenter()
    for number, packet in enumerate(packets := sender.packets(clip(6))):
        if number == len(packets) // 2:
            taken.is_kept = False
            segmenter.split()
        segmenter.take(packet)
    segmenter.cut()
    assert [beginning.is_kept for beginning, _ in taken.segments] == [True, True, False]
    assert numbers(taken, clip(6)) == list(range(90))


def test_garbage_makes_no_segments() -> None:
    chance, taken = random.Random(3), Taken()
    segmenter = taken.segmenter()
    for number in range(2000):
        track = chance.choice(list(Track))
        data = chance.randbytes(chance.choice((0, 3, 12, 13, 40, 1200)))
        segmenter.take(Packet(track, data, number & 0xFFFF, chance.getrandbits(32), chance.random() < 0.3, 1e9, True))
    segmenter.cut()
    assert taken.segments == []


def test_a_stream_goes_on_after_garbage() -> None:
    chance, taken, sender = random.Random(3), Taken(), Sender()
    segmenter = taken.segmenter()
    for packet in sender.packets(clip(6)):
        segmenter.take(packet)
        if chance.random() < 0.02:
            data = packet.data[:12] + chance.randbytes(200)
            segmenter.take(Packet(packet.track, data, packet.sequence + 9000 & 0xFFFF, 5, False, packet.arrived))
    segmenter.cut()
    assert taken.segments

"""Who is sent what: without a network, by seats that only note it."""

from typing import Any

from tests.media.streaming import IDR, KEYFRAME, P_SLICE
from training_app.media import gso
from training_app.media.fanout import Fanout
from training_app.media.flow import Track
from training_app.media.outlets import Outlet
from training_app.media.rtp import Rtp


class Link:
    tag = 16


class Seat:
    """Notes the batches that it gets, by their number of calls."""

    def __init__(self, video: int = 96) -> None:
        self.types = {Track.VIDEO: video, Track.AUDIO: 111}
        self.link = Link()
        self.has_gso = True
        self.begun: set[Track] = set()
        self.batches: list[gso.Batch] = []

    def refresh(self) -> None:
        """It stays where it is."""

    def send(self, batch: gso.Batch) -> None:
        self.batches.append(batch)


class Show:
    """An outlet with its fan-out. sequence: of the first packet that leaves."""

    def __init__(self, sequence: int = 100) -> None:
        self.asked = 0
        self.outlet = Outlet("o1/v1", self.ask)
        self.outlet.numbering[Track.VIDEO]._last_sequence = sequence - 1
        self.fanout = Fanout(self.outlet, has_gso=True)
        self._sequence = self._frame = 0

    def ask(self) -> None:
        self.asked += 1

    def seat(self, **traits: Any) -> Seat:
        seat = Seat(**traits)
        taken: Any = seat
        self.fanout.add(taken, Track.VIDEO)
        return seat

    def frame(self, *payloads: bytes) -> None:
        for number, payload in enumerate(payloads, 1):
            self._sequence += 1
            packet = Rtp(102, number == len(payloads), self._sequence, self._frame, 1, payload)
            self.outlet.put(Track.VIDEO, packet, 1.0, payload == KEYFRAME)
        self._frame += 3000


def test_a_viewer_begins_with_the_next_keyframe_and_then_gets_each_frame_at_once() -> None:
    show = Show()
    first = show.seat()
    show.frame(KEYFRAME, IDR)
    second = show.seat()
    show.frame(P_SLICE)
    show.frame(KEYFRAME, IDR)
    assert (len(first.batches), len(second.batches), show.asked) == (3, 1, 2)
    assert second.begun == {Track.VIDEO}


def test_viewers_with_one_payload_type_share_a_batch() -> None:
    show = Show()
    first, same, other = show.seat(), show.seat(), show.seat(video=103)
    show.frame(KEYFRAME, IDR)
    assert first.batches[0] is same.batches[0]
    assert first.batches[0] is not other.batches[0]


def test_nobody_begins_just_before_the_numbers_wrap() -> None:
    show = Show(65_500)
    seat = show.seat()
    show.frame(KEYFRAME, IDR)
    assert seat.batches == []
    show.frame(*[P_SLICE] * 50)
    show.frame(KEYFRAME, IDR)
    assert len(seat.batches) == 1


def test_what_waits_for_the_rest_of_its_frame_is_cut_with_the_stream() -> None:
    show = Show()
    seat = show.seat()
    show.frame(KEYFRAME, IDR)
    show.outlet.put(Track.VIDEO, Rtp(102, False, 9, 9, 1, P_SLICE), 1.0, False)
    show.outlet.cut()
    show.frame(KEYFRAME, IDR)
    assert len(seat.batches) == 2


def test_large_frames_leave_in_several_batches() -> None:
    show = Show()
    seat = show.seat()
    show.frame(KEYFRAME, IDR)
    show.frame(*[P_SLICE] * (gso.MOST_PACKETS + 1))
    assert len(seat.batches) == 3


def test_who_leaves_gets_nothing_and_the_last_one_ends_it() -> None:
    show = Show()
    seat = show.seat()
    show.frame(KEYFRAME)
    taken: Any = seat
    show.fanout.remove(taken)
    show.frame(KEYFRAME)
    assert len(seat.batches) == 1
    assert not show.outlet.has_sinks


def test_a_viewer_behind_a_card_that_cuts_nothing_is_served_packet_by_packet() -> None:
    show = Show()
    seat, other = show.seat(), show.seat()
    show.frame(KEYFRAME, KEYFRAME, KEYFRAME)
    seat.has_gso = False
    show.fanout.tick()
    show.frame(KEYFRAME, KEYFRAME, KEYFRAME)
    assert [[len(batch.runs) for batch in one.batches] for one in (seat, other)] == [[1, 3], [1, 1]]

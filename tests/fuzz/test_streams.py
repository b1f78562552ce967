"""What venues, viewers and whoever finds the port send is read or refused, and what comes after it is well."""

from contextlib import suppress
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.effort import tries
from tests.media.streaming import IDR, KEYFRAME, P_SLICE, SPS, Encoder, Told, attached
from tests.media.test_offers import OFFER
from tests.support.clips import Sender, clip
from training_app.media import h264, offers, rtcp, rtp
from training_app.media.flow import Packet, Track
from training_app.media.paths import VenuePath
from training_app.media.protocol import Unreadable
from training_app.media.segmenter import Segmenter
from training_app.media.segments import Beginning, Part

SENT = tuple(Encoder().frame(KEYFRAME, IDR, P_SLICE))
REPORTS = rtcp.nack(1, 2, [5, 9]) + rtcp.keyframe_wanted(1, 2) + rtcp.highest_rate(1, [2], 10**6) + rtcp.goodbye([1])
FILM = tuple(Sender().packets(clip(1)))

spoils = st.lists(
    st.tuples(st.sampled_from(["byte", "cut", "double", "insert"]), st.integers(0, 4000), st.binary(max_size=40)),
    max_size=4,
)
"""How to spoil a message, where, and with what."""


def spoiled(content: bytes, how: list[tuple[str, int, bytes]]) -> bytes:
    for kind, where, wild in how:
        at = where % (len(content) + 1)
        if kind == "byte":
            content = content[:at] + wild[:1] + content[at + 1 :]
        elif kind == "cut":
            content = content[:at]
        elif kind == "double":
            content = content[:at] + content
        else:
            content = content[:at] + wild + content[at:]
    return content


class Segments:
    """Takes segments as a channel does."""

    count = 0

    def begin(self, _beginning: Beginning) -> None:
        self.count += 1

    def add(self, part: Part) -> None:
        assert part.data

    def end(self) -> None:
        """The segment is whole."""


@tries(200)
@given(st.one_of(st.binary(max_size=1600), st.tuples(st.sampled_from(SENT), spoils).map(lambda one: spoiled(*one))))
def test_a_packet_is_read_or_refused(data: bytes) -> None:
    with suppress(Unreadable):
        packet = rtp.read(data)
        assert rtp.read(rtp.written(packet)).payload == packet.payload
        rtp.retransmitted(packet, 102, 7)
        rtp.extension(data, b"urn:any")


@tries(200)
@given(st.one_of(st.binary(max_size=1600), spoils.map(lambda how: spoiled(REPORTS, how))))
def test_reports_are_read_as_far_as_they_can_be(data: bytes) -> None:
    assert len(list(rtcp.messages(data))) <= len(data)


@tries(200)
@given(st.one_of(st.binary(max_size=200), spoils.map(lambda how: spoiled(SPS, how))))
def test_a_parameter_set_is_read_or_refused(data: bytes) -> None:
    with suppress(Unreadable):
        h264.picture(data)
    h264.is_b_slice(data)
    list(h264.units(data))


@tries(200)
@given(st.one_of(st.binary(max_size=400), spoils.map(lambda how: spoiled(OFFER.encode(), how))), st.booleans())
def test_an_offer_is_taken_or_refused(body: bytes, publishes: bool) -> None:
    with suppress(offers.BadOffer):
        offers.read(body, publishes=publishes)
    with suppress(offers.BadOffer):
        offers.read_fragment(body)


@tries(60)
@given(st.lists(st.tuples(st.sampled_from(SENT), spoils, st.sampled_from(list(Track))), max_size=30))
def test_a_path_passes_over_what_is_spoiled(sent: list[tuple[bytes, list[tuple[str, int, bytes]], Track]]) -> None:
    ticks = count(1.0)
    path = VenuePath("o1/v1", Told(), lambda: next(ticks))
    path.set_open(is_open=True)
    kept, source = attached(path), Encoder()
    path.take_over(source, "l1")
    for number, (data, how, track) in enumerate(sent):
        path.receive(source, track, spoiled(data, how), 1000.0 + number / 10)
    again = Encoder(ssrc=50)
    path.take_over(again, "l1")
    again.send(path, KEYFRAME, at=2000.0)
    assert kept.payloads[-1] == KEYFRAME


@tries(40)
@given(st.lists(st.tuples(st.integers(0, len(FILM) - 1), spoils), max_size=20))
def test_segments_are_cut_of_what_is_left(wrong: list[tuple[int, list[tuple[str, int, bytes]]]]) -> None:
    taken = Segments()
    segmenter = Segmenter(taken, lambda: None, lambda: True)
    hows = dict(wrong)
    for number, packet in enumerate(FILM):
        data = spoiled(packet.data, hows.get(number, []))
        segmenter.take(
            Packet(
                packet.track,
                data,
                packet.sequence,
                packet.timestamp,
                packet.marker,
                packet.arrived,
                packet.starts_keyframe,
            )
        )
    segmenter.cut()
    assert taken.count <= len(FILM)

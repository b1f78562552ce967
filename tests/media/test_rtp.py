"""RTP packets are read and written byte by byte."""

import pytest

from training_app.media import rtp
from training_app.media.protocol import Unreadable
from training_app.media.rtp import Rtp

PACKET = Rtp(102, True, 65_000, 4_000_000_000, 7, b"picture")


def test_what_was_written_is_read() -> None:
    assert rtp.read(rtp.written(PACKET)) == PACKET


def test_extensions_sources_and_padding_are_no_payload() -> None:
    data = (
        bytes.fromhex("b1e6fde8ee6b280000000007" + "00000001" + "bede0001" + "10aa2055")[:-1]
        + b"\x00"
        + b"picture"
        + b"\0\2"
    )
    packet = rtp.read(data)
    assert (packet.payload, rtp.extension(packet.extensions, 1), rtp.extension(packet.extensions, 5)) == (
        b"picture",
        b"\xaa",
        None,
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80" * 11,
        b"\x40" + bytes(20),
        b"\xa0" + bytes(11) + b"\x09",  # more padding than there are bytes
        b"\xa0" + bytes(12),  # padding of no bytes
        b"\x90" + bytes(12),  # cut off in the extensions
        b"\x8f" + bytes(20),  # fifteen sources, of which two are there
    ],
)
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        rtp.read(data)


def test_a_retransmission_carries_the_packet_and_its_number() -> None:
    sent = rtp.retransmission(rtp.written(PACKET), 103, 99, 5)
    repeated = rtp.read(sent)
    assert (repeated.payload_type, repeated.sequence, repeated.ssrc, repeated.marker) == (103, 5, 99, True)
    assert rtp.retransmitted(repeated, 102, 7) == PACKET


def test_a_retransmission_without_a_packet_is_padding() -> None:
    assert rtp.retransmitted(Rtp(103, False, 1, 2, 99, b"\0\1"), 102, 7) is None


def test_only_the_type_changes_for_a_viewer() -> None:
    packet = rtp.read(rtp.retyped(rtp.written(PACKET), 96))
    assert (packet.payload_type, packet.marker, packet.payload) == (96, True, b"picture")


@pytest.mark.parametrize(("one", "other", "steps"), [(5, 3, 2), (3, 5, -2), (2, 65_534, 4), (65_534, 2, -4)])
def test_numbers_are_compared_over_their_wrap(one: int, other: int, steps: int) -> None:
    assert rtp.ahead(one, other) == steps

"""RTCP as peers send it: our messages are read by aiortc's parser, and what it writes is read here."""

import pytest
from aiortc.rtp import (
    RtcpByePacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from training_app.media import rtcp

NOON = 1_795_000_000.25


def test_what_peers_send_is_understood() -> None:
    lost = RtcpReceiverInfo(7, 64, 100, 5, 0, 0, 0)
    report = RtcpSrPacket(9, RtcpSenderInfo(rtcp.to_ntp(NOON), 90_000, 1, 2), [lost])
    nack = RtcpRtpfbPacket(1, 1, 7, [65_520, 65_535])
    receiver, pli, bye = RtcpRrPacket(1, [lost]), RtcpPsfbPacket(1, 1, 7), RtcpByePacket([9, 10])
    data = bytes(report) + bytes(receiver) + bytes(nack) + bytes(pli) + bytes(bye)
    found = list(rtcp.messages(data))
    assert found[1:3] == [rtcp.Reception(7, 0.25), rtcp.Reception(7, 0.25)]
    assert found[3:] == [rtcp.Nack(7, (65_520, 65_535)), rtcp.KeyframeWanted(7), rtcp.Goodbye((9, 10))]
    assert isinstance(found[0], rtcp.SenderReport)
    assert (found[0].ssrc, found[0].timestamp, round(found[0].at, 6)) == (9, 90_000, NOON)


def test_what_is_told_is_understood_by_peers() -> None:
    data = (
        rtcp.receiver_report(1, [rtcp.Received(7, 0.5, 12, 70_000, 3, 44, 1.5)])
        + rtcp.nack(1, 7, [65_530, 65_535, 2, 100])
        + rtcp.keyframe_wanted(1, 7)
        + rtcp.highest_rate(1, [7, 8], 2_500_000)
        + rtcp.goodbye([7])
    )
    report, nack, pli, remb, bye = RtcpPacket.parse(data)
    assert isinstance(report, RtcpRrPacket)
    assert report.reports == [RtcpReceiverInfo(7, 128, 12, 70_000, 3, 44, 98_304)]
    assert isinstance(nack, RtcpRtpfbPacket)
    assert [one & 0xFFFF for one in nack.lost] == [65_530, 65_535, 2, 100]
    assert (pli, bye) == (RtcpPsfbPacket(1, 1, 7), RtcpByePacket([7]))
    assert isinstance(remb, RtcpPsfbPacket)
    assert unpack_remb_fci(remb.fci) == (2_500_000, [7, 8])


def test_a_sender_report_tells_the_moment_of_a_timestamp() -> None:
    report, names = RtcpPacket.parse(rtcp.sender_report(7, 1234, NOON, (10, 2**33 + 5)))
    assert isinstance(report, RtcpSrPacket)
    assert (report.sender_info.rtp_timestamp, report.sender_info.octet_count) == (1234, 5)
    assert next(iter(rtcp.messages(bytes(report)))) == rtcp.SenderReport(
        7, 1234, NOON, rtcp.to_ntp(NOON) >> 16 & 0xFFFFFFFF
    )
    assert bytes(names)


@pytest.mark.parametrize(
    "data", [b"", b"\x80", bytes(8), b"\x81\xc9\x00\x40" + bytes(8), b"\x81\xcd\x00\x01" + bytes(4)]
)
def test_garbage_says_nothing(data: bytes) -> None:
    assert [one for one in rtcp.messages(data) if not isinstance(one, rtcp.Nack) or one.sequences] == []

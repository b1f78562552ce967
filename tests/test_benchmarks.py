"""The measurements still run; what they measure is for `make bench`."""

import socket
import sys

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.streams.kernel import drop_rtp
from benchmarks.streams.peers import Count


@pytest.mark.parametrize("name", sorted(benchmarks.ALL))
def test_a_measurement_tells_its_figures(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--short", name])
    benchmarks.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines != [] and all(line.startswith(name) and "ms CPU" in line for line in lines)


def test_the_kernel_drops_rtp_and_nothing_else() -> None:
    kinds = {"stun": b"\0\1", "dtls": b"\x16\xfe", "rtp": b"\x80\x60", "marked": b"\x80\xef", "rtcp": b"\x80\xc9"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker, socket.socket(type=socket.SOCK_DGRAM) as sender:
        taker.bind(("127.0.0.1", 0))
        drop_rtp(taker)
        for name, begins in kinds.items():
            sender.sendto(begins + name.encode(), taker.getsockname())
        assert [taker.recv(100)[2:].decode() for _ in range(3)] == ["stun", "dtls", "rtcp"]


def test_packets_that_did_not_come_are_counted_over_the_wrap_of_their_numbers() -> None:
    count = Count()
    for number in (65533, 65535, 65534, 2, 4):
        count.add(number)
    assert (count.packets, count.lost) == (5, 3)

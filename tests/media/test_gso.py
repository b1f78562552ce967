"""Batches of packets: encrypted as pylibsrtp does, cut as the kernel can."""

import asyncio
import socket

import pylibsrtp
import pytest

from training_app.media import gso, patchpoints

KEY = bytes(range(44))


def session(direction: int) -> pylibsrtp.Session:
    return pylibsrtp.Session(pylibsrtp.Policy(KEY, direction, 0, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM))


def packets(*sizes: int) -> list[bytes]:
    head = bytes.fromhex("8066")
    return [
        head + number.to_bytes(2, "big") + bytes(4) + b"\0\0\0\7" + bytes(size) for number, size in enumerate(sizes)
    ]


@pytest.mark.parametrize("has_gso", [True, False])
def test_viewers_get_each_packet_encrypted_as_usual(has_gso: bool) -> None:
    sent = packets(1000, 1000, 1000, 400, 1100, 1100, 20)
    batch = gso.Batch(sent, 16, has_gso=has_gso)
    outgoing, incoming = session(pylibsrtp.Policy.SSRC_ANY_OUTBOUND), session(pylibsrtp.Policy.SSRC_ANY_INBOUND)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        taker.bind(("127.0.0.1", 0))
        taker.settimeout(2)
        assert batch.encrypt(outgoing._srtp[0])
        for run in batch.runs:
            sender.sendmsg([run.view], run.ancillary, 0, taker.getsockname())
        received = [incoming.unprotect(taker.recv(2000)) for _ in sent]
    assert received == sent


def test_packets_of_one_size_leave_by_one_call() -> None:
    batch = gso.Batch(packets(1000, 1000, 1000, 400, 1100, 1100, 20), 16, has_gso=True)
    assert [(len(run.view), bool(run.ancillary)) for run in batch.runs] == [
        (3 * 1028 + 428, True),
        (2 * 1128 + 48, True),
    ]


def test_a_message_is_never_larger_than_the_kernel_takes() -> None:
    runs = gso.Batch(packets(*[1200] * gso.MOST_PACKETS), 16, has_gso=True).runs
    assert max(len(run.view) for run in runs) < 65_000
    assert sum(len(run.view) for run in runs) == gso.MOST_PACKETS * 1228


def test_what_is_relied_on_is_there() -> None:
    async def missing() -> list[str]:
        return patchpoints.missing()

    assert asyncio.run(missing()) == []

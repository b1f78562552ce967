"""RTCP messages (RFC 3550, 4585, 5104, REMB) as bytes: what peers report and ask, and what is told them. No network."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_SENDER, _RECEIVER, _SOURCES, _BYE, _TRANSPORT, _PAYLOAD = 200, 201, 202, 203, 205, 206
_NACK, _PLI, _FIR, _APPLICATION = 1, 1, 4, 15
_SINCE_1900: Final = 2_208_988_800
"""Seconds from the beginning of NTP time to that of Unix time."""


@dataclass(frozen=True, slots=True)
class SenderReport:
    """The timestamp was at that moment (seconds UTC of the sender's clock). middle: what receivers answer as LSR."""

    ssrc: int
    timestamp: int
    at: float
    middle: int


@dataclass(frozen=True, slots=True)
class Reception:
    """How a stream arrived. lost: the part of its packets since the last report that did not, 0 to 1."""

    ssrc: int
    lost: float


@dataclass(frozen=True, slots=True)
class Nack:
    """These packets are missing."""

    ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyframeWanted:
    """PLI or FIR: the picture cannot be decoded without a keyframe."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The sender of these streams has left."""

    ssrcs: tuple[int, ...]


Message = SenderReport | Reception | Nack | KeyframeWanted | Goodbye


def messages(data: bytes) -> Iterator[Message]:
    """What a compound packet says, as far as it is understood; whatever is cut off or unknown is passed over."""
    at = 0
    while at + 4 <= len(data):
        first, kind, words = struct.unpack_from("!BBH", data, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            return
        try:
            yield from _said(kind, first & 0x1F, data[at + 4 : end])
        except struct.error:
            return
        at = end


def _said(kind: int, count: int, body: bytes) -> Iterator[Message]:
    if kind == _SENDER:
        ssrc, time, timestamp = struct.unpack_from("!LQL", body)
        yield SenderReport(ssrc, timestamp, _from_ntp(time), time >> 16 & 0xFFFFFFFF)
        yield from _receptions(body[24:], count)
    elif kind == _RECEIVER:
        yield from _receptions(body[4:], count)
    elif kind == _BYE:
        yield Goodbye(struct.unpack_from(f"!{count}L", body))
    elif kind == _TRANSPORT and count == _NACK:
        yield Nack(int.from_bytes(body[4:8], "big"), tuple(_missing(body[8:])))
    elif kind == _PAYLOAD and count == _PLI:
        yield KeyframeWanted(int.from_bytes(body[4:8], "big"))
    elif kind == _PAYLOAD and count == _FIR:
        yield KeyframeWanted(int.from_bytes(body[8:12], "big"))


def _receptions(body: bytes, count: int) -> Iterator[Reception]:
    for at in range(0, min(24 * count, len(body) - 23), 24):
        ssrc, lost = struct.unpack_from("!LB", body, at)
        yield Reception(ssrc, lost / 256)


def _missing(body: bytes) -> Iterator[int]:
    for first, others in struct.iter_unpack("!HH", body[: len(body) & ~3]):
        yield first
        for step in range(16):
            if others >> step & 1:
                yield first + step + 1 & 0xFFFF


def sender_report(ssrc: int, timestamp: int, at: float, sent: tuple[int, int]) -> bytes:
    """A sender report with the stream's name. at: seconds UTC. sent: packets and bytes."""
    packets, size = sent
    body = struct.pack("!LQLLL", ssrc, to_ntp(at), timestamp, packets & 0xFFFFFFFF, size & 0xFFFFFFFF)
    name = struct.pack("!LBB5sx", ssrc, 1, 5, b"media") + bytes(4)
    return _packet(_SENDER, 0, body) + _packet(_SOURCES, 1, name)


@dataclass(frozen=True, slots=True)
class Received:
    """What a receiver report says of a stream. lost: since the last one, 0 to 1. middle: of the last sender report."""

    ssrc: int
    lost: float
    lost_in_all: int
    highest: int
    jitter: int
    middle: int = 0
    since_s: float = 0.0


def receiver_report(own: int, streams: Sequence[Received]) -> bytes:
    """A receiver report about `streams`."""
    blocks = (
        struct.pack(
            "!LLLLLL",
            one.ssrc,
            min(255, int(one.lost * 256)) << 24 | max(0, min(one.lost_in_all, 0x7FFFFF)),
            one.highest & 0xFFFFFFFF,
            one.jitter & 0xFFFFFFFF,
            one.middle,
            min(0xFFFFFFFF, int(one.since_s * 65_536)),
        )
        for one in streams
    )
    return _packet(_RECEIVER, len(streams), own.to_bytes(4, "big") + b"".join(blocks))


def nack(own: int, ssrc: int, sequences: Sequence[int]) -> bytes:
    """The packets `sequences` (ascending, as they were sent) of `ssrc` are missing."""
    pairs: list[tuple[int, int]] = []
    for one in sequences:
        step = (one - pairs[-1][0] & 0xFFFF) - 1 if pairs else -1
        if 0 <= step < 16:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << step)
        else:
            pairs.append((one, 0))
    return _packet(
        _TRANSPORT, _NACK, struct.pack("!LL", own, ssrc) + b"".join(struct.pack("!HH", *pair) for pair in pairs)
    )


def keyframe_wanted(own: int, ssrc: int) -> bytes:
    """PLI: a keyframe of `ssrc` is wanted."""
    return _packet(_PAYLOAD, _PLI, struct.pack("!LL", own, ssrc))


def highest_rate(own: int, ssrcs: Sequence[int], bits_per_s: int) -> bytes:
    """REMB: send at most `bits_per_s` in all of `ssrcs` together."""
    exponent = max(0, bits_per_s.bit_length() - 18)
    rate = exponent << 18 | bits_per_s >> exponent
    body = struct.pack("!LL4sL", own, 0, b"REMB", len(ssrcs) << 24 | rate)
    return _packet(_PAYLOAD, _APPLICATION, body + b"".join(one.to_bytes(4, "big") for one in ssrcs))


def goodbye(ssrcs: Sequence[int]) -> bytes:
    """The streams `ssrcs` end."""
    return _packet(_BYE, len(ssrcs), b"".join(one.to_bytes(4, "big") for one in ssrcs))


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def to_ntp(at: float) -> int:
    """Seconds UTC as 64 bits of NTP time."""
    return int((at + _SINCE_1900) * 4_294_967_296) & 0xFFFFFFFFFFFFFFFF


def _from_ntp(time: int) -> float:
    return time / 4_294_967_296 - _SINCE_1900

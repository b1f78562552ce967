"""RTP packets (RFC 3550) as bytes: read what a publisher sent, write what goes out. No network."""

import struct
from dataclasses import dataclass
from typing import Final

from training_app.media.flow import Track
from training_app.media.protocol import Unreadable

HEADER: Final = 12
PAYLOAD_TYPES: Final = {Track.VIDEO: 102, Track.AUDIO: 111}
"""Those of the packets inside the process; each viewer gets the ones that were agreed with it."""

_FIXED = struct.Struct("!BBHLL")
_ONE_BYTE_EXTENSIONS: Final = 0xBEDE


@dataclass(frozen=True, slots=True)
class Rtp:
    """A packet as it was sent. extensions: the values of RFC 8285's one-byte form, by id."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    extensions: bytes = b""


def read(data: bytes) -> Rtp:
    """The packet in `data`, without its padding. Raises Unreadable."""
    if len(data) < HEADER:
        raise Unreadable("an RTP packet has at least 12 bytes")
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != 2:
        raise Unreadable("not RTP")
    start = HEADER + 4 * (first & 0x0F)
    extensions = b""
    if first & 0x10:
        if len(data) < start + 4:
            raise Unreadable("its extensions are cut off")
        profile, words = struct.unpack_from("!HH", data, start)
        extensions = data[start + 4 : start + 4 + 4 * words] if profile == _ONE_BYTE_EXTENSIONS else b""
        start += 4 + 4 * words
    end = len(data) - (data[-1] if first & 0x20 else 0)
    if end < start or (first & 0x20 and end == len(data)):
        raise Unreadable("it is shorter than it says")
    return Rtp(second & 0x7F, second >> 7 == 1, sequence, timestamp, ssrc, data[start:end], extensions)


def written(packet: Rtp) -> bytes:
    """The packet as bytes, without extensions."""
    second = packet.payload_type | (0x80 if packet.marker else 0)
    return _FIXED.pack(0x80, second, packet.sequence, packet.timestamp, packet.ssrc) + packet.payload


def extension(extensions: bytes, wanted: int) -> bytes | None:
    """The value of the header extension with this id, or None."""
    at = 0
    while at < len(extensions):
        if extensions[at] == 0:
            at += 1
            continue
        name, length = extensions[at] >> 4, (extensions[at] & 0x0F) + 1
        if name == wanted:
            return extensions[at + 1 : at + 1 + length]
        at += 1 + length
    return None


def retyped(data: bytes, payload_type: int) -> bytes:
    """The packet `data` with another payload type."""
    return data[:1] + bytes((data[1] & 0x80 | payload_type,)) + data[2:]


def retransmission(data: bytes, payload_type: int, ssrc: int, sequence: int) -> bytes:
    """The packet `data` (without extensions) as a retransmission by RFC 4588, in a stream of its own."""
    head = struct.pack("!BBHL", data[0], data[1] & 0x80 | payload_type, sequence, int.from_bytes(data[4:8], "big"))
    return head + ssrc.to_bytes(4, "big") + data[2:4] + data[HEADER:]


def retransmitted(packet: Rtp, payload_type: int, ssrc: int) -> Rtp | None:
    """The packet that `packet` repeats by RFC 4588, or None when it carries none (it was sent as padding)."""
    if len(packet.payload) <= 2:
        return None
    sequence = int.from_bytes(packet.payload[:2], "big")
    return Rtp(payload_type, packet.marker, sequence, packet.timestamp, ssrc, packet.payload[2:])


def ahead(one: int, other: int) -> int:
    """How far sequence number `one` is ahead of `other`, -32768 to 32767."""
    return (one - other + 0x8000 & 0xFFFF) - 0x8000

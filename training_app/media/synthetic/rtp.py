"""RTP of H.264 (RFC 6184, packetisation mode 1) and of Opus (RFC 7587), as a publisher sends it."""

import struct
from collections.abc import Iterator, Sequence
from secrets import randbits
from typing import Final

LARGEST_PAYLOAD: Final = 1150
_FU_A, _STAP_A = 28, 24
_PARAMETER_SETS: Final = (7, 8)


class RtpStream:
    """Numbers the packets of one stream. payload_type: as an offer would name it. ssrc: any, when it is None."""

    def __init__(self, payload_type: int, ssrc: int | None = None) -> None:
        self._payload_type = payload_type
        self._ssrc = randbits(32) if ssrc is None else ssrc
        self._sequence = randbits(15)
        self._first = randbits(31)

    def timestamp(self, ticks: int) -> int:
        """The timestamp of so many ticks of the stream's clock since it began."""
        return (self._first + ticks) % 2**32

    def packet(self, payload: bytes, ticks: int, *, is_last: bool) -> bytes:
        """The next packet. is_last: of its picture, or of a talk that begins."""
        kind = self._payload_type | is_last << 7
        header = struct.pack("!BBHII", 0x80, kind, self._sequence, self.timestamp(ticks), self._ssrc)
        self._sequence = (self._sequence + 1) % 2**16
        return header + payload


def payloads(units: Sequence[bytes]) -> Iterator[bytes]:
    """The NAL units of a picture as payloads: parameter sets together, large ones in fragments."""
    sets = [unit for unit in units if unit[0] & 0x1F in _PARAMETER_SETS]
    if sets:
        yield bytes([sets[0][0] & 0x60 | _STAP_A]) + b"".join(struct.pack("!H", len(one)) + one for one in sets)
    for unit in units:
        if unit not in sets:
            yield from [unit] if len(unit) <= LARGEST_PAYLOAD else _fragments(unit)


def _fragments(unit: bytes) -> Iterator[bytes]:
    header, size = unit[0], LARGEST_PAYLOAD - 2
    for start in range(1, len(unit), size):
        place = (start == 1) << 7 | (start + size >= len(unit)) << 6
        yield bytes([header & 0xE0 | _FU_A, header & 0x1F | place]) + unit[start : start + size]

"""What RTP packets of H.264 say without being decoded: parameter sets, keyframes, kinds of slices.

Sources: ITU-T H.264 7.3 (syntax), 7.4.2.1.1 (cropping), RFC 6184 5.4 to 5.8 (packets). Only whole network abstraction
units (NAL), STAP-A and FU-A are read, which are all that packetization mode 1 knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from training_app.media.protocol import Unreadable

SLICE: Final = 1
IDR_SLICE: Final = 5
SPS: Final = 7
_STAP_A, _FU_A = 24, 28
_WITH_CHROMA: Final = {100, 110, 122, 244, 44, 83, 86, 118, 128}
"""Profiles whose parameter sets tell the format of colours."""
_HEAD: Final = 16
"""Bytes of a slice that hold its number and kind."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a sequence parameter set says. codec: as RFC 6381 writes it. width, height: pixels that are shown."""

    codec: str
    width: int
    height: int


def units(payload: bytes) -> Iterator[bytes]:
    """The NAL units that begin in a packet, each from its header on; the first part only where it goes on in others."""
    if len(payload) < 2:
        return
    kind = payload[0] & 0x1F
    if 0 < kind < _STAP_A:
        yield payload
    elif kind == _STAP_A:
        at = 1
        while at + 2 < len(payload):
            size = int.from_bytes(payload[at : at + 2], "big")
            yield payload[at + 2 : at + 2 + size]
            at += 2 + size
    elif kind == _FU_A and payload[1] & 0x80:
        yield bytes((payload[0] & 0xE0 | payload[1] & 0x1F,)) + payload[2:]


def is_b_slice(unit: bytes) -> bool:
    """Whether a slice is predicted from pictures that are shown later, so that pictures come out of order."""
    bits = _Bits(unit[1 : 1 + _HEAD])
    try:
        bits.exp_golomb()
        return bits.exp_golomb() % 5 == 1
    except Unreadable:
        return False


def picture(sps: bytes) -> Picture:
    """What the sequence parameter set says. Raises Unreadable."""
    if len(sps) < 4:
        raise Unreadable("the parameter set is cut off")
    bits = _Bits(sps[4:])
    bits.exp_golomb()
    chroma, is_apart = _chroma(bits) if sps[1] in _WITH_CHROMA else (1, False)
    bits.exp_golomb()
    _pass_order(bits)
    bits.exp_golomb()
    bits.take(1)
    width = 16 * (bits.exp_golomb() + 1)
    height_units = bits.exp_golomb() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    height = 16 * height_units * (2 - frames_only)
    if bits.take(1):
        left, right, top, bottom = (bits.exp_golomb() for _ in range(4))
        across = 2 if chroma in {1, 2} and not is_apart else 1
        down = (2 if chroma == 1 and not is_apart else 1) * (2 - frames_only)
        width -= across * (left + right)
        height -= down * (top + bottom)
    if not (0 < width <= 8192 and 0 < height <= 8192):
        raise Unreadable("no picture has this size")
    return Picture(f"avc1.{sps[1:4].hex()}", width, height)


def _chroma(bits: "_Bits") -> tuple[int, bool]:
    """The format of colours, and whether its planes are coded apart."""
    chroma = bits.exp_golomb()
    is_apart = chroma == 3 and bits.take(1) == 1
    bits.exp_golomb()
    bits.exp_golomb()
    bits.take(1)
    if bits.take(1):
        for one in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _pass_scaling(bits, 16 if one < 6 else 64)
    return chroma, is_apart


def _pass_scaling(bits: "_Bits", size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _pass_order(bits: "_Bits") -> None:
    """Past what tells the order of pictures."""
    kind = bits.exp_golomb()
    if kind == 0:
        bits.exp_golomb()
    elif kind == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(255, bits.exp_golomb())):
            bits.signed()


class _Bits:
    """Reads bits of a NAL unit, without the bytes that keep it from looking like a start code."""

    def __init__(self, data: bytes) -> None:
        plain = data.replace(b"\0\0\3", b"\0\0")
        self._left = len(plain) * 8
        self._value = int.from_bytes(plain, "big")

    def take(self, count: int) -> int:
        """The next `count` bits. Raises Unreadable at the end."""
        if count > self._left:
            raise Unreadable("it is cut off")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def exp_golomb(self) -> int:
        """The next number, written as ue(v)."""
        zeros = 0
        while self.take(1) == 0:
            zeros += 1
            if zeros > 32:
                raise Unreadable("no number is that long")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """The next number, written as se(v)."""
        value = self.exp_golomb()
        return (value + 1) // 2 if value % 2 else -(value // 2)

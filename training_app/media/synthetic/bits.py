"""Bits in the order and the codes in which H.264 writes them (ITU-T H.264, 7.2, 7.3.2.11 and 9.1)."""

import re
from functools import lru_cache

_LIKE_A_START = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_FLUSH_FROM = 512


@lru_cache(maxsize=4096)
def unsigned(number: int) -> tuple[int, int]:
    """The Exp-Golomb code ue(v) of a number from 0, as value and width in bits."""
    return number + 1, 2 * (number + 1).bit_length() - 1


def signed(number: int) -> tuple[int, int]:
    """The Exp-Golomb code se(v)."""
    return unsigned(2 * number - 1 if number > 0 else -2 * number)


class Bits:
    """What is written so far, the first bit first."""

    def __init__(self) -> None:
        self._whole = bytearray()
        self._rest = 0
        self._width = 0

    def put(self, value: int, width: int) -> None:
        """So many bits of `value`."""
        self._rest = self._rest << width | value
        self._width += width
        if self._width >= _FLUSH_FROM:
            self._flush()

    def ue(self, *numbers: int) -> None:
        """Each of the numbers, from 0, by its unsigned code."""
        for number in numbers:
            self.put(*unsigned(number))

    def se(self, *numbers: int) -> None:
        """Each of the numbers by its signed code."""
        for number in numbers:
            self.put(*signed(number))

    def put_bytes(self, data: bytes) -> None:
        """Whole bytes, at the next place for a byte; zeros up to there."""
        self.put(0, -self._width % 8)
        self._flush()
        self._whole += data

    def unit(self, header: int) -> bytes:
        """All as a NAL unit: with its header, the stop bit, and nothing that looks like a start code."""
        self.put(1, 1)
        self.put_bytes(b"")
        return bytes([header]) + _LIKE_A_START.sub(b"\x00\x00\x03", self._whole)

    def _flush(self) -> None:
        count, kept = divmod(self._width, 8)
        self._whole += (self._rest >> kept).to_bytes(count, "big")
        self._rest &= (1 << kept) - 1
        self._width = kept

"""The test picture, 640 by 360: the name of the path, the time of day at the bases, colours, something that moves, and
the moment of the picture for machines to read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from training_app.clock import SHANGHAI
from training_app.media.synthetic.glyphs import HEIGHT, dots_of, width_of
from training_app.media.synthetic.mosaic import SIDE, Block, drawn, flat

COLUMNS, ROWS, HIDDEN = 40, 23, 8
"""Blocks of the picture; so many rows of pixels of the last ones are not shown."""

STAMP_ROW, STAMP_BITS, STAMP_FROM = 20, 32, 4
"""Two rows of blocks from STAMP_ROW on tell the milliseconds since 1970, modulo 2^STAMP_BITS: a bright block is a one,
the highest bit stands first, in column STAMP_FROM."""

_NAME_ROW, _CLOCK_ROW, _COLOURS_ROW, _MARKER_ROW = 1, 4, 12, 17
_NAME_DOT: Final = 4
_MARKER_WIDTH: Final = 3
_MARKER_STEP_MS: Final = 80

_GROUND, _TRACK, _MARKER = flat(32, 140, 118), flat(52, 138, 120), flat(190, 52, 168)
_BRIGHT, _DARK = flat(226, 128, 128), flat(18, 128, 128)
_COLOURS: Final = tuple(
    flat(*shade)
    for shade in (
        (180, 128, 128),
        (168, 44, 136),
        (145, 147, 44),
        (133, 63, 52),
        (63, 193, 204),
        (51, 109, 212),
        (28, 212, 120),
        (16, 128, 128),
    )
)
"""White, yellow, cyan, green, magenta, red, blue and black at three quarters, in BT.709."""


class TestPicture:
    """The picture of one path. name: `o12/v3`."""

    __test__ = False  # for pytest, which takes the name for a test's

    def __init__(self, name: str) -> None:
        self._still = [_GROUND] * (COLUMNS * ROWS)
        self._write_name(name)
        for row in range(_COLOURS_ROW, _COLOURS_ROW + 4):
            self._put(row, 0, (_COLOURS[column * len(_COLOURS) // COLUMNS] for column in range(COLUMNS)))
        for row in (_MARKER_ROW, _MARKER_ROW + 1):
            self._put(row, 0, [_TRACK] * COLUMNS)

    def at(self, moment: datetime) -> list[Block]:
        """The blocks of the picture of that moment."""
        blocks = self._still.copy()
        text = moment.astimezone(SHANGHAI).strftime("%H:%M:%S")
        left = (COLUMNS - width_of(text)) // 2
        for column, row in dots_of(text):
            blocks[(_CLOCK_ROW + row) * COLUMNS + left + column] = _BRIGHT
        milliseconds = int(moment.timestamp() * 1000)
        marker = _place_of_marker(milliseconds)
        stamp = [_BRIGHT if milliseconds >> bit & 1 else _DARK for bit in reversed(range(STAMP_BITS))]
        for row in (0, 1):
            place = (_MARKER_ROW + row) * COLUMNS + marker
            blocks[place : place + _MARKER_WIDTH] = [_MARKER] * _MARKER_WIDTH
            place = (STAMP_ROW + row) * COLUMNS + STAMP_FROM
            blocks[place : place + STAMP_BITS] = stamp
        return blocks

    def _put(self, row: int, column: int, blocks: Iterable[Block]) -> None:
        for place, block in enumerate(blocks, start=row * COLUMNS + column):
            self._still[place] = block

    def _write_name(self, name: str) -> None:
        """In drawn blocks, as its letters are smaller than blocks."""
        size = width_of(name) * _NAME_DOT + SIDE, HEIGHT * _NAME_DOT + 4
        wide, high = (-(-length // SIDE) for length in size)
        pixels = bytearray([_GROUND.luma]) * (wide * high * SIDE * SIDE)
        for column, row in dots_of(name):
            for line in range(row * _NAME_DOT + 2, (row + 1) * _NAME_DOT + 2):
                start = line * wide * SIDE + column * _NAME_DOT + SIDE // 2
                pixels[start : start + _NAME_DOT] = bytes([_BRIGHT.luma]) * _NAME_DOT
        for place in range(wide * high):
            row, column = divmod(place, wide)
            starts = ((row * SIDE + line) * wide * SIDE + column * SIDE for line in range(SIDE))
            samples = b"".join(pixels[start : start + SIDE] for start in starts)
            self._put(_NAME_ROW + row, 2 + column, [drawn(samples, _GROUND.blue, _GROUND.red)])


def _place_of_marker(milliseconds: int) -> int:
    """Its first column: to and fro, one further in every picture."""
    way = COLUMNS - _MARKER_WIDTH
    step = milliseconds // _MARKER_STEP_MS % (2 * way)
    return step if step <= way else 2 * way - step

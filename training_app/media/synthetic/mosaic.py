"""H.264 of mosaics: pictures of blocks of 16 by 16 pixels in one colour each, of which few change in the next picture.

Constrained Baseline (ITU-T H.264): a block of one colour is an Intra_16x16 macroblock whose only coefficient is the
mean, one with a drawing in it is I_PCM, one that stays as it is P_Skip. The quantiser is chosen so that a level of a
mean is one step of brightness or colour: what a decoder shows is exactly what was asked for.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from training_app.media.synthetic.bits import Bits, signed, unsigned

SIDE: Final = 16
"""Pixels of a block, each way; its colours have half as many."""
LEVEL_3_1: Final = 31
_QUANTISER: Final = 28  # one level of Intra16x16DCLevel is one step of brightness
_CHROMA_OFFSET: Final = -6  # and at 22 one level of a chroma mean is one step of colour
_INTRA_16X16_MEAN, _I_PCM, _INTRA_IN_P = 1 + 2, 25, 5
_FROM_LEFT, _FROM_ABOVE, _FROM_NOTHING = 1, 2, 0
_FRAME_NUMBERS: Final = 16


class Block(NamedTuple):
    """16 by 16 pixels. right, bottom: sums of its last column and row, from which neighbours are foretold.

    samples: brightness of every pixel, row by row, when it is not `luma` everywhere.
    """

    luma: int
    blue: int
    red: int
    right: int
    bottom: int
    samples: bytes = b""


def flat(luma: int, blue: int, red: int) -> Block:
    """A block of one colour. All 0 to 255, as in Y'CbCr."""
    return Block(luma, blue, red, luma * SIDE, luma * SIDE)


def drawn(samples: bytes, blue: int, red: int) -> Block:
    """A block with a drawing in one hue. samples: 256, row by row."""
    return Block(0, blue, red, sum(samples[SIDE - 1 :: SIDE]), sum(samples[-SIDE:]), samples)


class Mosaic:
    """Writes pictures of `columns` by `rows` blocks; `hidden` rows of pixels at the bottom are cut off, an even number.

    Each picture is given as its blocks, row by row.
    """

    def __init__(self, columns: int, rows: int, *, hidden: int = 0, frames_in_2_s: int = 25) -> None:
        self._columns = columns
        self._rows = rows
        self.parameters = _sequence(columns, rows, hidden // 2, frames_in_2_s), _picture_parameters()
        self._shown: Sequence[Block] | None = None
        self._number = 0
        self._keyframes = 0

    def picture(self, blocks: Sequence[Block], *, as_keyframe: bool = False) -> tuple[list[bytes], bool]:
        """The NAL units of the next picture, and whether it is a keyframe: the first is, and those asked for."""
        shown, self._shown = self._shown, list(blocks)
        if shown is None or as_keyframe:
            return [*self.parameters, self._keyframe(blocks)], True
        return [self._changes(shown, blocks)], False

    def _keyframe(self, blocks: Sequence[Block]) -> bytes:
        self._number, self._keyframes = 0, self._keyframes + 1
        bits = Bits()
        bits.ue(0, 7, 0)  # first_mb_in_slice, slice_type I, pic_parameter_set_id
        bits.put(0, 4)  # frame_num
        bits.ue(self._keyframes % 2)  # idr_pic_id
        bits.put(0, 2)  # no_output_of_prior_pics_flag, long_term_reference_flag
        _end_header(bits)
        for place, block in enumerate(blocks):
            left = blocks[place - 1] if place % self._columns else None
            above = blocks[place - self._columns] if place >= self._columns else None
            is_beside_drawn = bool((left and left.samples) or (above and above.samples))
            _write(bits, block, (left, above), (0, is_beside_drawn))
        return bits.unit(0x65)

    def _changes(self, shown: Sequence[Block], blocks: Sequence[Block]) -> bytes:
        self._number = (self._number + 1) % _FRAME_NUMBERS
        bits = Bits()
        bits.ue(0, 5, 0)  # slice_type P
        bits.put(self._number, 4)
        bits.put(0, 3)  # num_ref_idx_active_override, ref_pic_list_modification_l0, adaptive_ref_pic_marking_mode
        _end_header(bits)
        changed = [place for place, block in enumerate(blocks) if block is not shown[place] and block != shown[place]]
        drawn_now = {place for place in changed if blocks[place].samples}
        following = 0
        for place in changed:
            bits.ue(place - following)  # mb_skip_run
            following = place + 1
            left = blocks[place - 1] if place % self._columns else None
            above = blocks[place - self._columns] if place >= self._columns else None
            is_beside_drawn = bool((left and place - 1 in drawn_now) or place - self._columns in drawn_now)
            _write(bits, blocks[place], (left, above), (_INTRA_IN_P, is_beside_drawn))
        if following < len(blocks):
            bits.ue(len(blocks) - following)
        return bits.unit(0x41)


def _end_header(bits: Bits) -> None:
    bits.se(0)  # slice_qp_delta
    bits.ue(1)  # disable_deblocking_filter_idc


def _write(bits: Bits, block: Block, around: tuple[Block | None, Block | None], how: tuple[int, bool]) -> None:
    """how: the number of the first intra macroblock type of the slice, and whether a neighbour is I_PCM."""
    first_type, is_beside_drawn = how
    if block.samples:
        bits.ue(first_type + _I_PCM)
        colours = bytes([block.blue]) * (SIDE * SIDE // 4) + bytes([block.red]) * (SIDE * SIDE // 4)
        bits.put_bytes(block.samples + colours)
        return
    left, above = around
    if left and above:
        foretold = left.right + above.bottom + SIDE >> 5
    else:
        alone = left.right if left else above.bottom if above else 128 * SIDE
        foretold = alone + SIDE // 2 >> 4
    beside = left or above
    blue, red = (beside.blue, beside.red) if beside else (128, 128)
    mode = _FROM_LEFT if left else _FROM_ABOVE if above else _FROM_NOTHING
    differences = block.luma - foretold, block.blue - blue, block.red - red
    bits.put(*_macroblock(first_type, mode, differences, is_beside_drawn))


@lru_cache(maxsize=4096)
def _macroblock(
    first_type: int, mode: int, differences: tuple[int, int, int], is_beside_drawn: bool
) -> tuple[int, int]:
    """An Intra_16x16 macroblock, foretold by means of its neighbours, as value and width.

    mode: intra_chroma_pred_mode. differences: of brightness, blue and red to what is foretold.
    """
    luma, *colours = differences
    has_colours = any(colours)
    parts = [unsigned(first_type + _INTRA_16X16_MEAN + 4 * has_colours), unsigned(mode), signed(0)]
    parts.append(_level(luma, _BESIDE_DRAWN if is_beside_drawn else _ORDINARY))
    if has_colours:
        parts += [_level(colour, _CHROMA) for colour in colours]
    value = width = 0
    for part, bits in parts:
        value, width = value << bits | part, width + bits
    return value, width


# coeff_token (table 9-5) of no coefficient, of one that is not ±1, and of one that is
_ORDINARY: Final = ((0b1, 1), (0b000101, 6), (0b01, 2))
_BESIDE_DRAWN: Final = ((0b000011, 6), (0b000000, 6), (0b000001, 6))
_CHROMA: Final = ((0b01, 2), (0b000111, 6), (0b1, 1))


def _level(level: int, tokens: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """A block whose only coefficient is its mean, in CAVLC (9.2)."""
    if level == 0:
        return tokens[0]
    token, width = tokens[2 if abs(level) == 1 else 1]
    if abs(level) == 1:
        return token << 2 | (level < 0) << 1 | 1, width + 2  # trailing_ones_sign_flag, total_zeros
    code = 2 * abs(level) - 4 + (level < 0)
    if code < 14:
        written, bits = 1, code + 1
    elif code < 30:
        written, bits = 1 << 4 | code - 14, 15 + 4
    else:
        written, bits = 1 << 12 | code - 30, 16 + 12
    return (token << bits | written) << 1 | 1, width + bits + 1  # and total_zeros


def _sequence(columns: int, rows: int, cropped: int, frames_in_2_s: int) -> bytes:
    """The sequence parameter set (7.3.2.1.1): shown in the order of decoding, at once."""
    bits = Bits()
    for value in (66, 0xE0, LEVEL_3_1):  # constrained Baseline: what browsers call 42e01f
        bits.put(value, 8)
    bits.ue(0, 0, 2, 1)  # id, log2_max_frame_num_minus4, pic_order_cnt_type, max_num_ref_frames
    bits.put(0, 1)
    bits.ue(columns - 1, rows - 1)
    bits.put(0b11, 2)  # frame_mbs_only_flag, direct_8x8_inference_flag
    bits.put(cropped > 0, 1)
    if cropped:
        bits.ue(0, 0, 0, cropped)
    bits.put(1, 1)  # vui_parameters_present_flag
    bits.put(0b00_1_101_0_1, 8)  # video_signal_type: no format, limited range, colours described
    for _ in range(3):
        bits.put(1, 8)  # BT.709
    bits.put(0b0_1, 2)  # timing_info_present_flag
    bits.put(1, 32)
    bits.put(frames_in_2_s, 32)
    bits.put(0b0_0_0_0_1_1, 6)  # no fixed rate, no HRD, no pic_struct; bitstream_restriction_flag, vectors over edges
    bits.ue(0, 0, 9, 9, 0, 1)  # max_num_reorder_frames 0, max_dec_frame_buffering 1
    return bits.unit(0x67)


def _picture_parameters() -> bytes:
    """The picture parameter set (7.3.2.2)."""
    bits = Bits()
    bits.ue(0, 0)
    bits.put(0, 2)  # CAVLC
    bits.ue(0, 0, 0)
    bits.put(0, 3)
    bits.se(_QUANTISER - 26, 0, _CHROMA_OFFSET)
    bits.put(0b100, 3)  # deblocking_filter_control_present_flag
    return bits.unit(0x68)

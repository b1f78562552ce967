"""What a decoder shows is what was asked for, to the last step of brightness."""

from collections.abc import Sequence
from random import Random

import av
import pytest

from training_app.media.synthetic.bits import Bits
from training_app.media.synthetic.mosaic import SIDE, Block, Mosaic, drawn, flat

Shown = list[tuple[bytes, bytes, bytes]]


def shown(pictures: Sequence[Sequence[bytes]]) -> list[av.VideoFrame]:
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    packets = [av.Packet(b"".join(b"\0\0\0\1" + unit for unit in units)) for units in pictures]
    return [frame for packet in [*packets, None] for frame in decoder.decode(packet)]


def rows_of(frame: av.VideoFrame) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """The rows of pixels of each plane, as wide as they are seen."""
    planes = []
    for plane in frame.planes:
        data = bytes(plane)
        planes.append([data[start : start + plane.width] for start in range(0, len(data), plane.line_size)])
    return planes[0][: frame.height], planes[1][: frame.height // 2], planes[2][: frame.height // 2]


def rows_wanted(blocks: Sequence[Block], columns: int, height: int) -> tuple[list[bytes], list[bytes], list[bytes]]:
    luma, blue, red = [], [], []
    for start in range(0, len(blocks), columns):
        row = blocks[start : start + columns]
        full = [one.samples or bytes([one.luma]) * (SIDE * SIDE) for one in row]
        luma += [b"".join(one[line * SIDE :][:SIDE] for one in full) for line in range(SIDE)]
        blue += [b"".join(bytes([one.blue]) * (SIDE // 2) for one in row)] * (SIDE // 2)
        red += [b"".join(bytes([one.red]) * (SIDE // 2) for one in row)] * (SIDE // 2)
    return luma[:height], blue[: height // 2], red[: height // 2]


def any_block(random: Random) -> Block:
    blue, red = random.randrange(256), random.randrange(256)
    kinds = (
        lambda: flat(random.randrange(256), blue, red),
        lambda: flat(random.choice((126, 127, 128, 129)), 128, 128),
        lambda: drawn(random.randbytes(SIDE * SIDE), blue, red),
    )
    return random.choice(kinds)()


def test_mosaics_of_any_colours_and_drawings_are_shown_exactly() -> None:
    random = Random(5)
    mosaic = Mosaic(7, 5, hidden=8)
    blocks = [any_block(random) for _ in range(35)]
    written, wanted = [], []
    for turn in range(40):
        for place in random.sample(range(35), random.choice((0, 1, 4, 20))):
            blocks[place] = any_block(random)
        written.append(mosaic.picture(blocks, as_keyframe=turn in {17, 18})[0])
        wanted.append(rows_wanted(blocks, 7, 72))
    assert [rows_of(frame) for frame in shown(written)] == wanted


def test_only_the_first_picture_and_those_asked_for_are_keyframes() -> None:
    mosaic, blocks = Mosaic(2, 2), [flat(50, 128, 128)] * 4
    found = [mosaic.picture(blocks, as_keyframe=asked) for asked in (False, False, True, False)]
    assert [is_keyframe for _, is_keyframe in found] == [True, False, True, False]
    assert [[unit[0] & 31 for unit in units] for units, _ in found] == [[7, 8, 5], [1], [7, 8, 5], [1]]


def test_a_picture_that_stays_takes_a_few_bytes() -> None:
    mosaic, blocks = Mosaic(40, 23), [flat(50, 128, 128)] * 920
    mosaic.picture(blocks)
    (unit,), _ = mosaic.picture(blocks)
    assert len(unit) < 10


def test_it_is_constrained_baseline_and_shown_at_once() -> None:
    mosaic = Mosaic(40, 23, hidden=8)
    assert mosaic.parameters[0][1:4].hex() == "42e01f"
    (frame,) = shown([mosaic.picture([flat(50, 128, 128)] * 920)[0]])
    assert (frame.width, frame.height, frame.color_range, frame.colorspace) == (640, 360, 1, 1)


@pytest.mark.parametrize(("tail", "written"), [(b"\0\0\1", "67000003 01 80"), (b"\0\0\0\0\4", "67000003 0000 04 80")])
def test_nothing_inside_looks_like_a_start(tail: bytes, written: str) -> None:
    bits = Bits()
    bits.put_bytes(tail)
    assert bits.unit(0x67) == bytes.fromhex(written)

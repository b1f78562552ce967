"""The test picture tells its path, the time at the bases, and its moment to machines."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from tests.media.synthetic.test_mosaic import shown
from tests.support.stamped import stamp_of
from training_app.media.synthetic.glyphs import GLYPHS, HEIGHT, dots_of, width_of
from training_app.media.synthetic.mosaic import SIDE, Block, Mosaic
from training_app.media.synthetic.picture import COLUMNS, HIDDEN, ROWS, TestPicture

MOMENT = datetime(2026, 11, 24, 12, 37, 9, 123_000, tzinfo=UTC)


def bright_places(blocks: list[Block], rows: range) -> set[tuple[int, int]]:
    places = ((place % COLUMNS, place // COLUMNS) for place in range(rows.start * COLUMNS, rows.stop * COLUMNS))
    return {(column, row) for column, row in places if blocks[row * COLUMNS + column].luma > 128}


def test_large_digits_tell_the_time_of_day_at_the_bases() -> None:
    found = bright_places(TestPicture("o12/v3").at(MOMENT), range(4, 11))
    left, top = min(column for column, _ in found), min(row for _, row in found)
    assert {(column - left, row - top) for column, row in found} == set(dots_of("20:37:09"))


def test_the_name_of_the_path_stands_above() -> None:
    blocks = TestPicture("o12/v3").at(MOMENT)
    rows = [
        b"".join(blocks[COLUMNS * row + 2 + at].samples[line * SIDE :][:SIDE] for at in range(8))
        for row in (1, 2)
        for line in range(SIDE)
    ]
    dots = {(x // 4 - 2, (y - 2) // 4) for y, line in enumerate(rows) for x, luma in enumerate(line) if luma > 128}
    assert dots == set(dots_of("o12/v3"))


def test_the_longest_name_has_room() -> None:
    assert TestPicture("o9999999999/v9999999999").at(MOMENT)


def test_a_machine_reads_the_moment_from_what_a_decoder_shows() -> None:
    picture, mosaic = TestPicture("o1/v1"), Mosaic(COLUMNS, ROWS, hidden=HIDDEN)
    moments = [MOMENT + timedelta(milliseconds=80 * turn) for turn in range(30)]
    frames = shown([mosaic.picture(picture.at(moment))[0] for moment in moments])
    assert [stamp_of(frame) for frame in frames] == [int(one.timestamp() * 1000) % 2**32 for one in moments]


def test_something_moves_in_every_picture() -> None:
    picture = TestPicture("o1/v1")
    markers = [
        min(bright_places(picture.at(MOMENT + timedelta(milliseconds=80 * turn)), range(17, 19))) for turn in range(90)
    ]
    assert all(one != other for one, other in itertools.pairwise(markers))


@pytest.mark.parametrize("letter", GLYPHS)
def test_a_letter_is_as_wide_in_every_row(letter: str) -> None:
    assert {len(line) for line in GLYPHS[letter]} == {width_of(letter)} and len(GLYPHS[letter]) == HEIGHT

"""The seats of a room as they stand: a grid of cells by row and place, the front of the room above."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reportlab.pdfgen.canvas import Canvas

from training_app.documents.blocks import Said, height_of, set_in, write_lines
from training_app.documents.sheet import Piece, write, write_right
from training_app.documents.writing import INK, INK_2, LINE, WASH, Style, colour_of, fitted, printable, shortened

MOST_PLACES: Final = 10
MOST_ROWS: Final = 10
LEAST_HEIGHT: Final = 46.0
MOST_HEIGHT: Final = 62.0
MOST_WIDTH: Final = 110.0
ROW_LABEL: Final = 40.0
BETWEEN: Final = 6.0
PADDING: Final = 4.0
FRONT_HEIGHT: Final = 20.0
FRONT_AIR: Final = 12.0

LABEL: Final = Style(8.5, 11, bold=True, colour=INK_2)
NAME: Final = Style(11, 14, bold=True)
SMALL: Final = Style(7, 9, colour=INK_2)
STATE: Final = Style(8, 11, colour=INK_2)
FRONT: Final = Style(9, 12, bold=True)

State = Literal["taken", "free", "closed"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A seat as the plan shows it.

    name: whose seat it is, else the word for its state. below: what stands small under the name, the last one always.
    beside: at the right of the label.
    """

    row: int
    place: int
    label: str
    state: State
    name: str
    below: tuple[str, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class GridWords:
    """The words around the cells: the front of the room, and a row with {} for its number."""

    front: str
    row: str


def seat_grid(cells: Sequence[Cell], words: GridWords, room: tuple[float, float]) -> list[Piece]:
    """The grid in a width and height of points; a room that is too large for it goes on in further pieces."""
    if not cells:
        return []
    rows = sorted({cell.row for cell in cells})
    places = list(range(min(cell.place for cell in cells), max(cell.place for cell in cells) + 1))
    fitting = int((room[1] - FRONT_HEIGHT - FRONT_AIR + BETWEEN) // (LEAST_HEIGHT + BETWEEN))
    return [
        _grid([cell for cell in cells if cell.row in band and cell.place in span], (band, span), words, room)
        for span in _bands(places, MOST_PLACES)
        for band in _bands(rows, max(1, min(MOST_ROWS, fitting)))
    ]


def _bands(numbers: Sequence[int], most: int) -> list[list[int]]:
    """`numbers` in as few bands of at most `most` as there can be, of nearly the same length."""
    count = -(-len(numbers) // most)
    cuts = [round(len(numbers) * step / count) for step in range(count + 1)]
    return [list(numbers[start:end]) for start, end in itertools.pairwise(cuts)]


def _grid(
    cells: Sequence[Cell], numbers: tuple[list[int], list[int]], words: GridWords, room: tuple[float, float]
) -> Piece:
    rows, places = numbers
    above = FRONT_HEIGHT + FRONT_AIR
    cell_width = min(MOST_WIDTH, (room[0] - ROW_LABEL + BETWEEN) / len(places) - BETWEEN)
    cell_height = min(MOST_HEIGHT, max(LEAST_HEIGHT, (room[1] - above + BETWEEN) / len(rows) - BETWEEN))
    span = len(places) * (cell_width + BETWEEN) - BETWEEN

    def draw(canvas: Canvas, left: float, top: float) -> None:
        canvas.setFillColor(colour_of(WASH))
        canvas.rect(left + ROW_LABEL, top - FRONT_HEIGHT, span, FRONT_HEIGHT, stroke=0, fill=1)
        middle = left + ROW_LABEL + (span - FRONT.width_of(words.front)) / 2
        write(canvas, words.front, FRONT, (middle, top - (FRONT_HEIGHT - FRONT.leading) / 2))
        lines = {row: top - above - number * (cell_height + BETWEEN) for number, row in enumerate(rows)}
        for row, upper in lines.items():
            write(canvas, words.row.format(row), STATE, (left, upper - (cell_height - STATE.leading) / 2))
        for cell in cells:
            across = left + ROW_LABEL + (cell.place - places[0]) * (cell_width + BETWEEN)
            _draw_cell(canvas, cell, (across, lines[cell.row]), (cell_width, cell_height))

    return Piece(above + len(rows) * (cell_height + BETWEEN) - BETWEEN, draw)


def _draw_cell(canvas: Canvas, cell: Cell, at: tuple[float, float], size: tuple[float, float]) -> None:
    (left, top), (width, height) = at, size
    canvas.setLineWidth(0.8 if cell.state == "taken" else 0.5)
    canvas.setStrokeColor(colour_of(INK if cell.state == "taken" else LINE))
    canvas.setFillColor(colour_of(WASH if cell.state == "closed" else "#FFFFFF"))
    canvas.roundRect(left, top - height, width, height, 3, stroke=1, fill=1)
    inside = width - 2 * PADDING
    beside = SMALL.width_of(printable(cell.beside))
    label = shortened(cell.label, LABEL, inside - beside)
    write(canvas, label, LABEL, (left + PADDING, top - 3))
    write_right(canvas, printable(cell.beside), SMALL, (left + width - PADDING, top - 4))
    lines = _lines(cell, inside, height - LABEL.leading - 5)
    write_lines(canvas, lines, (left + PADDING, top - LABEL.leading - 3))


def _lines(cell: Cell, width: float, height: float) -> list[Said]:
    """What stands under the label: the name in one or two lines, then as much as there is room for."""
    if cell.state != "taken":
        return [(shortened(cell.name, STATE, width), STATE)]
    name = set_in([(cell.name, fitted(cell.name, NAME, width, 8))], width, 2)
    below: list[Said] = [
        (shortened(text, style, width), style)
        for text in cell.below
        if text
        for style in [fitted(text, SMALL, width, 5.5)]
    ]
    while len(below) > 1 and height_of([*name, *below]) > height:
        below = below[1:]
    return [*name, *below]

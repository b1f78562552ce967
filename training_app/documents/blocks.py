"""What documents are made of: titles, paragraphs, facts and tables, as pieces that flow over pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from training_app.documents.sheet import Piece, Point, draw_line, empty, write
from training_app.documents.writing import INK, INK_2, Style, lines_of, printable

TITLE: Final = Style(24, 32, bold=True)
TITLE_BESIDE: Final = Style(12, 20, colour=INK_2)
SUBTITLE: Final = Style(14, 21, bold=True)
SECTION: Final = Style(11, 18, bold=True)
TEXT: Final = Style(10, 16)
STRONG: Final = Style(10, 16, bold=True)
NOTE: Final = Style(8.5, 13, colour=INK_2)
CELL_AIR: Final = 5.0
IN_LINE: Final = 10.0
"""Between two texts on one line."""
MOST_LINES: Final = 8
"""Of one text in a cell, so that a row never outgrows a page."""

Said = tuple[str, Style]
"""A text and how it is set."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. width: in points, with the air at its right."""

    title: str
    width: float


def paragraph(text: str, style: Style, width: float) -> list[Piece]:
    """`text` line by line."""
    return [_line(line, style) for line in lines_of(text, style, width)]


def title(text: str, beside: str, width: float) -> list[Piece]:
    """The title of a document; `beside`, the same in another language or a qualifier, follows when there is room."""
    shown = printable(text)
    free = width - TITLE.width_of(shown) - 12
    if TITLE_BESIDE.width_of(printable(beside)) > free:
        return [*paragraph(text, TITLE, width), *paragraph(beside, TITLE_BESIDE, width)]

    def draw(canvas: Canvas, left: float, top: float) -> None:
        write(canvas, shown, TITLE, (left, top))
        write(canvas, printable(beside), TITLE_BESIDE, (left + TITLE.width_of(shown) + 12, top - 9))

    return [Piece(TITLE.leading, draw, with_next=True)]


def section(text: str, width: float) -> list[Piece]:
    """The heading of a section under a strong line; it stays with what follows."""

    def draw(canvas: Canvas, left: float, top: float) -> None:
        draw_line(canvas, (left, top), width, weight=1.2, colour=INK)

    headings = [_line(line, SECTION) for line in lines_of(text, SECTION, width)]
    return [Piece(4, draw, with_next=True), *(_bound(piece) for piece in headings), empty(2)]


def numbered(texts: Sequence[str], style: Style, width: float) -> list[Piece]:
    """`texts` as a numbered list, each with its number in a column of its own."""
    indent = 2.2 * style.size
    return [piece for number, text in enumerate(texts, 1) for piece in _entry(number, text, style, (indent, width))]


def _entry(number: int, text: str, style: Style, widths: tuple[float, float]) -> list[Piece]:
    indent, width = widths
    lines = lines_of(text, style, width - indent)
    return [
        _bound(_line(line, style, indent, f"{number}." if place == 0 else ""), with_next=place < len(lines) - 1)
        for place, line in enumerate(lines)
    ] + [empty(2)]


def facts(entries: Sequence[tuple[str, str]], width: float) -> Piece:
    """Labels with their values below, side by side between two hairlines, each as wide as it needs."""
    needs = [max(NOTE.width_of(printable(label)), STRONG.width_of(printable(value))) for label, value in entries]
    spare = (width - sum(needs)) / len(entries)
    widths = [need + spare for need in needs] if spare >= IN_LINE else [width / len(entries)] * len(entries)
    set_out = [
        (lines_of(label, NOTE, each - IN_LINE, 1), lines_of(value, STRONG, each - IN_LINE, MOST_LINES))
        for (label, value), each in zip(entries, widths, strict=True)
    ]
    height = 12 + NOTE.leading + max(len(values) for _, values in set_out) * STRONG.leading

    def draw(canvas: Canvas, left: float, top: float) -> None:
        draw_line(canvas, (left, top), width)
        draw_line(canvas, (left, top - height), width)
        for (label, values), each in zip(set_out, widths, strict=True):
            write_lines(canvas, [(line, NOTE) for line in label], (left, top - 5))
            write_lines(canvas, [(line, STRONG) for line in values], (left, top - 5 - NOTE.leading))
            left += each

    return Piece(height, draw)


def field(label: tuple[str, str], value: Sequence[Said], widths: tuple[float, float]) -> Piece:
    """A label, what stands small beside it, and a value under a hairline; texts of a value share a line if they fit."""
    name, beside = map(printable, label)
    printed = [(printable(text), style) for text, style in value if text]
    in_line = sum(style.width_of(text) + IN_LINE for text, style in printed) <= widths[1]
    lines = [] if in_line else set_in(printed, widths[1])
    inner = max((style.leading for _, style in printed), default=0.0) if in_line else height_of(lines)
    height = 2 * CELL_AIR - 1 + max(inner, TEXT.leading)

    def draw(canvas: Canvas, left: float, top: float) -> None:
        draw_line(canvas, (left, top), sum(widths))
        middle = top - (height - TEXT.leading) / 2
        write(canvas, name, TEXT, (left, middle))
        write(canvas, beside, replace(NOTE, leading=TEXT.leading), (left + TEXT.width_of(name) + 8, middle))
        left += widths[0]
        if not in_line:
            write_lines(canvas, lines, (left, top - (height - inner) / 2))
            return
        for text, style in printed:
            write(canvas, text, replace(style, leading=TEXT.leading), (left, middle))
            left += style.width_of(text) + IN_LINE

    return Piece(height, draw)


def table(columns: Sequence[Column], rows: Sequence[Sequence[Sequence[Said]]], least_height: float) -> list[Piece]:
    """A table with hairlines whose head is repeated on every page. A cell is a sequence of texts, one under another."""
    heading = _row(columns, [[(column.title, NOTE)] for column in columns], 0, None)
    width = sum(column.width for column in columns)

    def draw(canvas: Canvas, left: float, top: float) -> None:
        heading.draw(canvas, left, top)
        draw_line(canvas, (left, top - heading.height), width, weight=1, colour=INK)

    head = Piece(heading.height, draw, with_next=True)
    return [head, *(_row(columns, row, least_height, head) for row in rows)]


def write_lines(canvas: Canvas, lines: Sequence[Said], at: Point) -> None:
    """`lines` stand on `canvas` one under another from `at` on."""
    left, top = at
    for line, style in lines:
        write(canvas, line, style, (left, top))
        top -= style.leading


def set_in(said: Sequence[Said], width: float, most: int = MOST_LINES) -> list[Said]:
    """The lines of several texts in a column of `width`, each text in at most `most` lines."""
    return [(line, style) for text, style in said for line in lines_of(text, style, width, most)]


def height_of(lines: Sequence[Said]) -> float:
    """The height of lines one under another."""
    return sum(style.leading for _, style in lines)


def _row(columns: Sequence[Column], cells: Sequence[Sequence[Said]], least: float, head: Piece | None) -> Piece:
    set_out = [set_in(cell, column.width - 8) for column, cell in zip(columns, cells, strict=True)]
    height = max(least, 2 * CELL_AIR + max(map(height_of, set_out)))
    width = sum(column.width for column in columns)

    def draw(canvas: Canvas, left: float, top: float) -> None:
        draw_line(canvas, (left, top - height), width)
        for column, lines in zip(columns, set_out, strict=True):
            write_lines(canvas, lines, (left, top - (height - height_of(lines)) / 2))
            left += column.width

    return Piece(height, draw, head)


def _line(line: str, style: Style, indent: float = 0, before: str = "") -> Piece:
    def draw(canvas: Canvas, left: float, top: float) -> None:
        write(canvas, before, style, (left, top))
        write(canvas, line, style, (left + indent, top))

    return Piece(style.leading, draw)


def _bound(piece: Piece, *, with_next: bool = True) -> Piece:
    return Piece(piece.height, piece.draw, piece.head, with_next)

"""Pages: the frame around them, and pieces of text and tables that flow over as many as they need."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from question_bank.texts import Text
from training_app.documents.fonts import ONE_AT_A_TIME, REGULAR, load_fonts
from training_app.documents.writing import AMBER, INK_2, LINE, Style, colour_of, printable, runs_of, shortened

MARGIN: Final = 56.0
HEAD: Final = 40.0
"""From the upper edge of the paper to the line under the head."""
FOOT: Final = 44.0
"""From the lower edge of the paper to the line above the foot."""
AIR: Final = 20.0
"""Between the text and the lines of head and foot."""
EM_TOP: Final = 0.88
"""From the baseline to the upper edge of a Chinese character, in ems."""

SMALL: Final = Style(8, 12, colour=INK_2)
MARK: Final = "演示 DEMONSTRATION"
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS: Final = tuple(Text(f"周{zh}", en) for zh, en in zip("一二三四五六日", DAYS, strict=True))
MADE: Final = Text("制作时间", "Made")

Point = tuple[float, float]
"""Left (or right) edge and upper edge, in points from the lower left corner of the paper."""
Draw = Callable[[Canvas, float, float], None]
"""Draws on the canvas at a left edge and an upper edge."""


class NothingToPrint(ValueError):
    """A document without a single page was asked for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the text of some pages. size: of the paper, in points."""

    base: str
    title: str
    language: str
    made_at: datetime
    demonstration: bool
    size: tuple[float, float] = A4

    @property
    def width(self) -> float:
        """The width of the text."""
        return self.size[0] - 2 * MARGIN

    @property
    def height(self) -> float:
        """The height of the text."""
        return self.size[1] - HEAD - FOOT - 2 * AIR


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that is never broken by the end of a page.

    head: what is drawn again above it when it begins a page. with_next: stays on the page of the piece after it.
    """

    height: float
    draw: Draw
    head: "Piece | None" = None
    with_next: bool = False


class Document:
    """A PDF in the making: pages are added, then it is finished. The same pages give the same bytes."""

    def __init__(self, title: str, language: str, made_at: datetime) -> None:
        load_fonts()
        stamp = f"D:{made_at.astimezone(UTC):%Y%m%d%H%M%S}+00'00'"
        self._bytes = io.BytesIO()
        lang = "zh-CN" if language.startswith("zh") else "en-GB"
        self._canvas = Canvas(
            self._bytes, pagesize=A4, pageCompression=1, invariant=1, lang=lang, initialFontName=REGULAR
        )
        self._canvas.setTitle(printable(title))
        self._canvas.setDateFormatter(lambda *_: stamp)
        self._canvas.setCreator("")
        self._canvas.setAuthor("")
        self._canvas.setSubject("")
        self._pages = 0

    def add(self, frame: Frame, pieces: Iterable[Piece]) -> None:
        """Pages with `pieces` follow, counted for themselves: n of m begins anew."""
        pages = pages_of(pieces, frame.height)
        for number, page in enumerate(pages, 1):
            self._canvas.setPageSize(frame.size)
            _draw_frame(self._canvas, frame, number, len(pages))
            top = frame.size[1] - HEAD - AIR
            for piece in page:
                piece.draw(self._canvas, MARGIN, top)
                top -= piece.height
            self._canvas.showPage()
        self._pages += len(pages)

    def finish(self) -> bytes:
        """The finished PDF. Raises NothingToPrint when no page was added."""
        if not self._pages:
            raise NothingToPrint("There is nothing to print.")
        with ONE_AT_A_TIME:
            self._canvas.save()
        return self._bytes.getvalue()


def pages_of(pieces: Iterable[Piece], room: float) -> list[list[Piece]]:
    """`pieces` page by page, none higher than `room`, with the heads that are repeated."""
    pages: list[list[Piece]] = []
    left = 0.0
    for group in _groups(pieces):
        if not pages or sum(piece.height for piece in group) > left:
            pages.append([group[0].head] if pages and group[0].head else [])
            left = room - sum(piece.height for piece in pages[-1])
        for piece in group:
            if pages[-1] and piece.height > left:
                pages.append([])
                left = room
            pages[-1].append(piece)
            left -= piece.height
    return pages


def _groups(pieces: Iterable[Piece]) -> list[list[Piece]]:
    groups: list[list[Piece]] = [[]]
    for piece in pieces:
        groups[-1].append(piece)
        if not piece.with_next:
            groups.append([])
    return [group for group in groups if group]


def write(canvas: Canvas, text: str, style: Style, at: Point) -> None:
    """`text`, which is printable, stands on `canvas` in one line with its upper left corner `at` a point."""
    left, top = at
    canvas.setFillColor(colour_of(style.colour))
    canvas.setFont(style.font, style.size)
    for run in runs_of(text):
        canvas.drawString(left, top - (style.leading - style.size) / 2 - EM_TOP * style.size, run)
        left += style.width_of(run) + style.gap


def write_right(canvas: Canvas, text: str, style: Style, at: Point) -> None:
    """`text`, which is printable, stands on `canvas` in one line with its upper right corner `at` a point."""
    right, top = at
    write(canvas, text, style, (right - style.width_of(text), top))


def draw_line(canvas: Canvas, at: Point, width: float, *, weight: float = 0.5, colour: str = LINE) -> None:
    """A level line stands on `canvas`, its left end `at` a point."""
    left, top = at
    canvas.setStrokeColor(colour_of(colour))
    canvas.setLineWidth(weight)
    canvas.line(left, top, left + width, top)


def moment(value: datetime, language: str) -> str:
    """`2026-11-23 周一 14:30` at the bases."""
    local = value.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d} {WEEKDAYS[local.weekday()].in_language(language)} {local:%H:%M}"


def minutes(value: int, language: str) -> str:
    """`90 分钟`."""
    return f"{value} {Text('分钟', 'minutes').in_language(language)}"


def _draw_frame(canvas: Canvas, frame: Frame, number: int, count: int) -> None:
    width, height = frame.size
    right = width - MARGIN
    free = frame.width
    if frame.demonstration:
        free -= _draw_mark(canvas, right, height - HEAD + 20) + 12
    base = Style(8, 12, bold=True)
    shown = shortened(frame.base, base, free / 2)
    write(canvas, shown, base, (MARGIN, height - HEAD + 18))
    left = base.width_of(shown) + 10
    write(canvas, shortened(frame.title, SMALL, free - left), SMALL, (MARGIN + left, height - HEAD + 18))
    draw_line(canvas, (MARGIN, height - HEAD), frame.width)
    draw_line(canvas, (MARGIN, FOOT), frame.width)
    made = f"{MADE.in_language(frame.language)} {moment(frame.made_at, frame.language)}"
    write(canvas, made, SMALL, (MARGIN, FOOT - 6))
    pages = Text(f"第 {number} 页，共 {count} 页", f"Page {number} of {count}").in_language(frame.language)
    write_right(canvas, pages, SMALL, (right, FOOT - 6))
    if frame.demonstration:
        style = Style(8, 12, bold=True, colour=AMBER)
        middle = (width - style.width_of(MARK)) / 2
        write(canvas, MARK, style, (max(middle, MARGIN + SMALL.width_of(made) + 12), FOOT - 6))


def _draw_mark(canvas: Canvas, right: float, top: float) -> float:
    """The width of the framed mark of demonstrations, drawn so that it ends at `right`."""
    style = Style(9, 12, bold=True, colour=AMBER)
    width = style.width_of(MARK) + 16
    canvas.setStrokeColor(colour_of(AMBER))
    canvas.setLineWidth(1)
    canvas.rect(right - width, top - 15, width, 18)
    write(canvas, MARK, style, (right - width + 8, top))
    return width


def empty(height: float) -> Piece:
    """Air of this height."""
    return Piece(height, lambda _canvas, _left, _top: None, with_next=True)


def together(pieces: Sequence[Piece]) -> list[Piece]:
    """`pieces`, all on one page as far as one page holds them."""
    return [*(Piece(one.height, one.draw, one.head, with_next=True) for one in pieces[:-1]), *pieces[-1:]]

"""Score reports 成绩单: one A4 page for each candidate, with the way to the public receipt of the answers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from question_bank.texts import Text
from training_app.documents.blocks import (
    NOTE,
    STRONG,
    SUBTITLE,
    TEXT,
    Said,
    facts,
    paragraph,
    section,
    title,
)
from training_app.documents.qr import draw_qr
from training_app.documents.sheet import (
    Document,
    Frame,
    Piece,
    draw_line,
    empty,
    moment,
    together,
    write,
    write_right,
)
from training_app.documents.writing import INK, INK_2, LINE, WASH, Style, colour_of, lines_of, printable, shortened

MARK: Final = Style(46, 56, bold=True)
OF: Final = Style(14, 20, colour=INK_2)
OUTCOME: Final = Style(22, 30, bold=True)
LINE_STYLE: Final = Style(9, 13)
BOX: Final = 106.0
ROW: Final = 17.0
BAR: Final = 150.0
NUMBERS: Final = 56.0
QR_SIZE: Final = 76.0
LINE_AT: Final = 60
FULL: Final = 100

NONE: Final = "–"
REPORT: Final = Text("成绩单", "Score report")
FULL_NAME: Final = Text("姓名", "Name")
STAFF_NUMBER: Final = Text("工号", "Staff number")
ORGANISATION: Final = Text("单位", "Organisation")
TICKET_NUMBER: Final = Text("准考证号", "Ticket number")
EXAM: Final = Text("考试", "Examination")
HANDED_IN: Final = Text("交卷时间（北京时间）", "Handed in (Beijing time)")
RELEASED: Final = Text("成绩发布", "Released")
PASSED: Final = Text("合格", "Passed")
FAILED: Final = Text("不合格", "Not passed")
OF_FULL: Final = Text("分（满分100分，60分合格）", "of 100; the line lies at 60")
POINTS: Final = Text("得分 {} / {}，合格线 {}", "{} of {} points; the cut score is {}")
BY_SECTION: Final = Text("各部分得分", "Points by section")
RESTS_ON: Final = Text("成绩依据", "What the result rests on")
FORM: Final = Text("试卷", "Form")
RUN: Final = Text("评分批次", "Score run")
DECIDED: Final = Text("合格线决定日期", "Cut score decided on")
KEYS: Final = Text("答案版本", "Keys")
FIRST_KEYS: Final = Text("原答案", "as drawn")
REVISED_KEYS: Final = Text("第 {} 次更正", "corrected, no. {}")
RECEIPT: Final = Text("作答回执", "Receipt of the answers")
RECEIPT_NOTE: Final = Text(
    "扫描二维码可查看公开回执：交卷时间、作答题数、试卷编号和校验值，不含姓名和分数。",
    "The code leads to the public receipt: when the answers were handed in, how many, which form, and the check value; "
    "neither name nor score.",
)
EXPLAINED: Final = Text(
    "60分对应合格线：低于合格线的按比例折算至60分以下，达到合格线的按比例折算为60至100分。",
    "60 stands for the cut score: points below it are scaled to less than 60, points from it on to between 60 and 100.",
)


@dataclass(frozen=True, slots=True)
class SectionLine:
    """Points earned in a section of those to be had."""

    title: Text
    points: int
    maximum: int


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """What one score report says. staff_number: "" for none. key_revision: None for the keys as drawn.

    receipt_code, receipt_address: "" when the answers have no receipt.
    """

    name_zh: str
    name_en: str
    staff_number: str
    organisation: Text | None
    ticket_number: str
    title: Text
    base: Text
    handed_in_at: datetime
    released_at: datetime
    mark: int
    passed: bool
    score: int
    maximum: int
    cut: int
    sections: tuple[SectionLine, ...]
    form: str
    run: int
    decided_on: date
    key_revision: int | None
    receipt_code: str
    receipt_address: str
    demonstration: bool


def score_reports(sheets: Iterable[ReportSheet], language: str, made_at: datetime) -> bytes:
    """A PDF with a page for each of `sheets`, in order, in `language` ("zh" or "en"). Raises NothingToPrint."""
    document = Document(REPORT.in_language(language), language, made_at)
    for sheet in sheets:
        frame = Frame(
            sheet.base.in_language(language), sheet.title.in_language(language), language, made_at, sheet.demonstration
        )
        document.add(frame, _pieces(sheet, frame))
    return document.finish()


def _pieces(sheet: ReportSheet, frame: Frame) -> list[Piece]:
    spoken = frame.language
    other = "en" if spoken == "zh" else "zh"
    return [
        *title(REPORT.in_language(spoken), REPORT.in_language(other), frame.width),
        *paragraph(sheet.title.in_language(spoken), SUBTITLE, frame.width),
        empty(8),
        _verdict(sheet, frame),
        empty(8),
        *_fields(sheet, frame),
        empty(12),
        *section(BY_SECTION.in_language(spoken), frame.width),
        *_sections(sheet, frame),
        empty(12),
        *together(
            [
                *section(RESTS_ON.in_language(spoken), frame.width),
                _basis(sheet, frame),
                empty(8),
                *_receipt(sheet, frame),
            ]
        ),
    ]


def _verdict(sheet: ReportSheet, frame: Frame) -> Piece:
    """The mark, the outcome in words, and where it lies on the scale with the line at 60."""
    spoken = frame.language
    outcome = (PASSED if sheet.passed else FAILED).in_language(spoken)
    points = POINTS.in_language(spoken).format(sheet.score, sheet.maximum, sheet.cut)
    mark = str(sheet.mark)

    def draw(canvas: Canvas, left: float, top: float) -> None:
        canvas.setFillColor(colour_of(WASH))
        canvas.setStrokeColor(colour_of(INK))
        canvas.setLineWidth(1)
        canvas.roundRect(left, top - BOX, frame.width, BOX, 4, stroke=1, fill=1)
        write(canvas, mark, MARK, (left + 16, top - 8))
        beside = left + 16 + MARK.width_of(mark) + 8
        write(canvas, printable(OF_FULL.in_language(spoken)), OF, (beside, top - 38))
        write(canvas, printable(outcome), OUTCOME, (left + frame.width - 16 - OUTCOME.width_of(outcome), top - 22))
        write(canvas, printable(points), TEXT, (left + 16, top - 62))
        _scale(canvas, (left + 16, top - 84), frame.width - 32, sheet.mark)

    return Piece(BOX, draw)


def _scale(canvas: Canvas, at: tuple[float, float], width: float, mark: int) -> None:
    left, top = at
    canvas.setFillColor(colour_of(LINE))
    canvas.rect(left, top - 8, width, 8, stroke=0, fill=1)
    canvas.setFillColor(colour_of(INK))
    canvas.rect(left, top - 8, width * mark / FULL, 8, stroke=0, fill=1)
    canvas.setStrokeColor(colour_of(INK))
    canvas.setLineWidth(1.2)
    line = left + width * LINE_AT / FULL
    canvas.line(line, top - 12, line, top + 4)
    write(canvas, str(LINE_AT), NOTE, (line + 3, top - 8))


def _fields(sheet: ReportSheet, frame: Frame) -> list[Piece]:
    spoken = frame.language
    names = [sheet.name_zh, sheet.name_en] if sheet.name_zh != sheet.name_en else [sheet.name_en]
    organisation = sheet.organisation.in_language(spoken) if sheet.organisation else NONE
    rows = (
        (
            (FULL_NAME, " ".join(name for name in names if name)),
            (TICKET_NUMBER, sheet.ticket_number),
            (STAFF_NUMBER, sheet.staff_number or NONE),
        ),
        (
            (ORGANISATION, organisation),
            (HANDED_IN, moment(sheet.handed_in_at, spoken)),
            (RELEASED, moment(sheet.released_at, spoken)),
        ),
    )
    return [facts([(label.in_language(spoken), value) for label, value in row], frame.width) for row in rows]


def _sections(sheet: ReportSheet, frame: Frame) -> list[Piece]:
    longest = max((line.maximum for line in sheet.sections), default=1)
    return [_section_row(line, longest, frame) for line in sheet.sections]


def _section_row(line: SectionLine, longest: int, frame: Frame) -> Piece:
    """A part with a bar of one scale: what was earned of what could be, and the numbers beside it."""
    shown = shortened(line.title.in_language(frame.language), LINE_STYLE, frame.width - BAR - NUMBERS - 12)
    numbers = f"{line.points} / {line.maximum}"

    def draw(canvas: Canvas, left: float, top: float) -> None:
        right = left + frame.width
        write(canvas, shown, LINE_STYLE, (left, top - 2))
        for points, colour in ((line.maximum, LINE), (line.points, INK)):
            canvas.setFillColor(colour_of(colour))
            canvas.rect(right - BAR - NUMBERS, top - 12, BAR * points / longest, 6, stroke=0, fill=1)
        write_right(canvas, numbers, replace(LINE_STYLE, bold=True), (right, top - 2))
        draw_line(canvas, (left, top - ROW), frame.width)

    return Piece(ROW, draw)


def _basis(sheet: ReportSheet, frame: Frame) -> Piece:
    spoken = frame.language
    keys = (
        FIRST_KEYS.in_language(spoken)
        if sheet.key_revision is None
        else REVISED_KEYS.in_language(spoken).format(sheet.key_revision)
    )
    return facts(
        [
            (FORM.in_language(spoken), sheet.form),
            (RUN.in_language(spoken), str(sheet.run)),
            (KEYS.in_language(spoken), keys),
            (DECIDED.in_language(spoken), sheet.decided_on.isoformat()),
        ],
        frame.width,
    )


def _receipt(sheet: ReportSheet, frame: Frame) -> list[Piece]:
    spoken = frame.language
    explained = EXPLAINED.in_language(spoken)
    if not sheet.receipt_code:
        return [*paragraph(explained, NOTE, frame.width)]
    width = frame.width - QR_SIZE - 16
    code = RECEIPT.in_language(spoken)
    lines: list[Said] = [
        (code, NOTE),
        (sheet.receipt_code, STRONG),
        *((line, NOTE) for line in lines_of(RECEIPT_NOTE.in_language(spoken), NOTE, width)),
        *((line, NOTE) for line in lines_of(explained, NOTE, width)),
    ]

    def draw(canvas: Canvas, left: float, top: float) -> None:
        at = top
        for line, style in lines:
            write(canvas, printable(line), style, (left, at))
            at -= style.leading
        draw_qr(canvas, sheet.receipt_address, (left + frame.width - QR_SIZE, top), QR_SIZE)

    return [Piece(max(QR_SIZE + 4, sum(style.leading for _, style in lines)), draw)]

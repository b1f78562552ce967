"""Admission tickets 准考证: one A4 page for each candidate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from question_bank.texts import Text
from training_app.documents.blocks import (
    NOTE,
    STRONG,
    SUBTITLE,
    TEXT,
    Said,
    field,
    numbered,
    paragraph,
    section,
    title,
)
from training_app.documents.qr import draw_qr
from training_app.documents.sheet import Document, Frame, Piece, draw_line, empty, minutes, moment, pages_of, write
from training_app.documents.writing import INK, Style, fitted, printable

QR_SIZE: Final = 100.0
QUIET: Final = 18.0
"""White around the QR code: at least four of its squares."""
PHOTO_WIDTH: Final = 80.0
NUMBER: Final = Style(32, 44, bold=True)
SEAT: Final = Style(18, 24, bold=True)
NAME: Final = Style(14, 20, bold=True)
LABEL_WIDTH: Final = 132.0
RULE_SIZES: Final = (1.0, 0.95, 0.9, 0.85, 0.8)
"""How far the rules are made smaller so that the ticket stays on one page."""

TICKET: Final = Text("准考证", "Admission ticket")
TICKET_NUMBER: Final = Text("准考证号", "Ticket number")
QR_NOTE: Final = Text("二维码仅含准考证号", "The code holds the ticket number only")
FULL_NAME: Final = Text("姓名", "Name")
STAFF_NUMBER: Final = Text("工号", "Staff number")
ORGANISATION: Final = Text("单位", "Organisation")
PLACE: Final = Text("考点、考场", "Base, room")
SEAT_NUMBER: Final = Text("座位号", "Seat")
STARTS: Final = Text("开考时间", "Starts")
LATEST: Final = Text("最晚入场", "Latest admission")
LENGTH: Final = Text("考试时长", "Length")
PERSONAL: Final = Text("含个人延长 {} 分钟", "with {} minutes of personal time")
BEIJING_TIME: Final = Text("北京时间", "Beijing time")
NOT_ADMITTED: Final = Text("此后不得入场", "nobody is admitted later")
NO_SEAT: Final = Text("入场时告知", "told on arrival")
BRING_TITLE: Final = Text("请携带", "What to bring")
BRING: Final = (
    Text("本准考证。", "This ticket."),
    Text(
        "本人有效身份证件原件。监考员当场查验，不记录证件号码。",
        "An identity document with your photograph, the original. The invigilator looks at it; no number is kept.",
    ),
    Text(
        "本平台的登录名和密码。忘记密码时，请在开考前告知监考员。",
        "Your sign-in name and password. If you have forgotten it, tell the invigilator before the start.",
    ),
)
RULES_TITLE: Final = Text("考场规则", "Rules")


@dataclass(frozen=True, slots=True)
class TicketSheet:
    """What one admission ticket says.

    staff_number, seat_label: "" when there is none. latest_start_at: who comes later is not admitted.
    length_minutes is everybody's, personal_minutes what this candidate has on top. photo: a JPEG, None for none.
    """

    name_zh: str
    name_en: str
    staff_number: str
    organisation: Text | None
    ticket_number: str
    title: Text
    base: Text
    room: Text
    seat_label: str
    starts_at: datetime
    latest_start_at: datetime
    length_minutes: int
    personal_minutes: int
    rules: tuple[Text, ...]
    demonstration: bool
    photo: bytes | None = None


def admission_tickets(sheets: Iterable[TicketSheet], language: str, made_at: datetime) -> bytes:
    """A PDF with a page for each of `sheets`, in order; labels in both languages, `language` ("zh" or "en") first.

    Rules that are too many for the page are set smaller, then go on to a second one. Raises NothingToPrint.
    """
    document = Document(TICKET.in_language(language), language, made_at)
    for sheet in sheets:
        frame = Frame(
            sheet.base.in_language(language), sheet.title.in_language(language), language, made_at, sheet.demonstration
        )
        document.add(frame, _pieces(sheet, frame))
    return document.finish()


def _both(text: Text, language: str) -> tuple[str, str]:
    return (text.zh, text.en) if language.startswith("zh") else (text.en, text.zh)


def _pieces(sheet: TicketSheet, frame: Frame) -> list[Piece]:
    """The smallest reduction of the rules that fits on one page; the last one when none does."""
    upper = [*_heading(sheet, frame), *_fields(sheet, frame), empty(14)]
    for factor in RULE_SIZES:
        pieces = upper + _lower(sheet, frame, TEXT.scaled(factor))
        if len(pages_of(pieces, frame.height)) == 1:
            break
    return pieces


def _heading(sheet: TicketSheet, frame: Frame) -> list[Piece]:
    name, beside = _both(TICKET, frame.language)
    exam, exam_beside = _both(sheet.title, frame.language)
    return [
        *title(name, beside, frame.width),
        empty(4),
        *paragraph(exam, SUBTITLE, frame.width),
        *paragraph(exam_beside, NOTE, frame.width),
        empty(10),
        _number(sheet, frame),
    ]


def _number(sheet: TicketSheet, frame: Frame) -> Piece:
    """The ticket number, large, and as a QR code; the photograph, when there is one, beside it."""
    number = sheet.ticket_number
    height = QR_SIZE + 2 * QUIET
    free = frame.width - QR_SIZE - QUIET - (PHOTO_WIDTH + QUIET if sheet.photo else 0)
    shown = printable(number)
    style = fitted(shown, NUMBER, free, 6)

    def draw(canvas: Canvas, left: float, top: float) -> None:
        draw_line(canvas, (left, top), frame.width, weight=1.2, colour=INK)
        label, beside = _both(TICKET_NUMBER, frame.language)
        write(canvas, f"{label}  {beside}", NOTE, (left, top - QUIET + 2))
        write(canvas, shown, style, (left, top - QUIET - 16))
        write(canvas, QR_NOTE.in_language(frame.language), NOTE, (left, top - height + QUIET + NOTE.leading))
        draw_qr(canvas, number, (left + frame.width - QR_SIZE, top - QUIET), QR_SIZE)
        if sheet.photo:
            _draw_photo(canvas, sheet.photo, left + free + QUIET, top - QUIET)

    return Piece(height, draw)


def _draw_photo(canvas: Canvas, photo: bytes, left: float, top: float) -> None:
    """The whole photograph, as large as its place allows."""
    place = (left, top - QR_SIZE, PHOTO_WIDTH, QR_SIZE)
    canvas.drawImage(ImageReader(BytesIO(photo)), *place, preserveAspectRatio=True, anchor="n")


def _fields(sheet: TicketSheet, frame: Frame) -> list[Piece]:
    spoken = frame.language
    place = Text(f"{sheet.base.zh} {sheet.room.zh}", f"{sheet.base.en}, {sheet.room.en}")
    return [
        _field(FULL_NAME, [(sheet.name_zh or sheet.name_en, NAME), *_unless_same(sheet)], frame),
        *([_field(STAFF_NUMBER, [(sheet.staff_number, TEXT)], frame)] if sheet.staff_number else []),
        *([_field(ORGANISATION, _set_out(sheet.organisation, spoken, TEXT), frame)] if sheet.organisation else []),
        _field(PLACE, _set_out(place, spoken, STRONG), frame),
        _field(SEAT_NUMBER, [_seat(sheet, spoken)], frame),
        _field(STARTS, [(moment(sheet.starts_at, spoken), STRONG), (BEIJING_TIME.in_language(spoken), NOTE)], frame),
        _field(
            LATEST,
            [(moment(sheet.latest_start_at, spoken), STRONG), (NOT_ADMITTED.in_language(spoken), NOTE)],
            frame,
        ),
        _field(LENGTH, _length(sheet, spoken), frame),
    ]


def _set_out(text: Text, language: str, style: Style) -> list[Said]:
    return list(zip(_both(text, language), (style, NOTE), strict=True))


def _unless_same(sheet: TicketSheet) -> list[Said]:
    return [(sheet.name_en, TEXT)] if sheet.name_zh and sheet.name_en != sheet.name_zh else []


def _seat(sheet: TicketSheet, language: str) -> Said:
    return (sheet.seat_label, SEAT) if sheet.seat_label else (NO_SEAT.in_language(language), TEXT)


def _length(sheet: TicketSheet, language: str) -> list[Said]:
    said: list[Said] = [(minutes(sheet.length_minutes + sheet.personal_minutes, language), STRONG)]
    if sheet.personal_minutes:
        said.append((PERSONAL.in_language(language).format(sheet.personal_minutes), NOTE))
    return said


def _field(label: Text, value: Sequence[Said], frame: Frame) -> Piece:
    return field(_both(label, frame.language), value, (LABEL_WIDTH, frame.width - LABEL_WIDTH))


def _lower(sheet: TicketSheet, frame: Frame, style: Style) -> list[Piece]:
    spoken = frame.language
    pieces = [
        *section(BRING_TITLE.in_language(spoken), frame.width),
        *numbered([text.in_language(spoken) for text in BRING], style, frame.width),
    ]
    if sheet.rules:
        pieces += [
            empty(10),
            *section(RULES_TITLE.in_language(spoken), frame.width),
            *numbered([text.in_language(spoken) for text in sheet.rules], style, frame.width),
        ]
    return pieces

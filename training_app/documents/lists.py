"""Lists of a room on exam day: the door list with signatures, and the seat plan."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from question_bank.texts import Text
from training_app.documents.blocks import (
    NOTE,
    SUBTITLE,
    TEXT,
    Column,
    Said,
    facts,
    paragraph,
    table,
    title,
)
from training_app.documents.plan import Cell, GridWords, seat_grid
from training_app.documents.sheet import Document, Frame, Piece, draw_line, empty, minutes, moment, together, write
from training_app.documents.writing import INK_2, Style

ROW: Final = 27.0
NAME: Final = Style(12, 17, bold=True)
SEAT: Final = Style(13, 18, bold=True)
MOST_UPRIGHT: Final = 6
"""Places side by side on an upright page; a wider room is printed on a level one."""
LEAST_GRID: Final = 200.0

BY_NAME: Final = Text("考生名单", "Candidates")
BY_NAME_BESIDE: Final = Text("按姓名拼音排列", "by name")
BY_SEAT: Final = Text("考生签到表", "Sign-in sheet")
BY_SEAT_BESIDE: Final = Text("按座位号排列", "by seat")
PLAN: Final = Text("座位图", "Seat plan")
FOR_INVIGILATORS: Final = Text("监考用", "for invigilators")
ROOM: Final = Text("考场", "Room")
STARTS: Final = Text("开考时间（北京时间）", "Starts (Beijing time)")
LENGTH: Final = Text("考试时长", "Length")
EXPECTED: Final = Text("应到人数", "Expected")
NUMBER: Final = Text("序号", "No.")
FULL_NAME: Final = Text("姓名", "Name")
TICKET: Final = Text("准考证号", "Ticket number")
SEAT_NUMBER: Final = Text("座位号", "Seat")
STAFF_NUMBER: Final = Text("工号", "Staff number")
SIGNATURE: Final = Text("考生签名", "Signature")
NO_SEAT: Final = Text("未排座", "no seat yet")
NOBODY: Final = Text("本考场没有考生。", "This room has no candidates.")
PRESENT: Final = Text("实到人数", "Present")
ABSENT: Final = Text("缺考人数", "Absent")
SIGNED: Final = Text("监考员签名", "Invigilators")
FRONT: Final = Text("考场前方", "Front of the room")
ROW_NUMBER: Final = Text("第 {} 排", "Row {}")
FREE: Final = Text("空位", "free")
OUT_OF_USE: Final = Text("停用", "out of use")
SEATS: Final = Text("座位：已排 {}，空位 {}，停用 {}", "Seats: {} taken, {} free, {} out of use")
UNSEATED: Final = Text("未排座：{}", "No seat yet: {}")
ALIKE: Final = Text("同卷的相邻座位：{}", "Neighbours with the same form: {}")
PAPER: Final = Text("{}卷", "Form {}")
EXTRA: Final = Text("+{} 分钟", "+{} min")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate as the lists of a room name him. staff_number: "" when there is none.

    form: the letter of the paper, "" where there is one form; alike: labels of the seats next to it with the same one.
    Only the plan for invigilators shows them.
    """

    name_zh: str
    name_en: str
    staff_number: str
    ticket_number: str
    personal_minutes: int = 0
    form: str = ""
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat at its row and place, row 1 at the front, place 1 at the left of who faces the front."""

    label: str
    row: int
    place: int
    usable: bool = True
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class RoomSheet:
    """One room of one sitting. unseated: candidates of this room who have no seat yet."""

    title: Text
    base: Text
    room: Text
    starts_at: datetime
    length_minutes: int
    seats: tuple[Seat, ...]
    demonstration: bool
    unseated: tuple[Candidate, ...] = ()


Place = tuple[Candidate, str]
"""A candidate and the label of the seat, "" for none."""


def door_list(rooms: Iterable[RoomSheet], language: str, made_at: datetime) -> bytes:
    """A PDF with two lists a room: by name for the door, and by seat with a column for signatures.

    The list for the door tells no staff number and no personal time. Raises NothingToPrint without a room.
    """
    document = Document(BY_NAME.in_language(language), language, made_at)
    for sheet in rooms:
        frame = _frame(sheet, language, made_at)
        document.add(frame, [*_heading(sheet, frame, BY_NAME, BY_NAME_BESIDE), *_by_name(sheet, frame)])
        document.add(frame, [*_heading(sheet, frame, BY_SEAT, BY_SEAT_BESIDE), *_by_seat(sheet, frame)])
    return document.finish()


def seat_plan(rooms: Iterable[RoomSheet], language: str, made_at: datetime) -> bytes:
    """A PDF with a page for each room: seats by row and place, the front marked, names in the cells.

    It names personal time, so it is for the invigilators. Raises NothingToPrint without a room.
    """
    document = Document(PLAN.in_language(language), language, made_at)
    for sheet in rooms:
        places = [seat.place for seat in sheet.seats] or [0]
        is_wide = max(places) - min(places) >= MOST_UPRIGHT
        frame = _frame(sheet, language, made_at, landscape(A4) if is_wide else A4)
        document.add(frame, _plan(sheet, frame))
    return document.finish()


def _frame(sheet: RoomSheet, language: str, made_at: datetime, size: tuple[float, float] = A4) -> Frame:
    base, exam = sheet.base.in_language(language), sheet.title.in_language(language)
    return Frame(base, exam, language, made_at, sheet.demonstration, size)


def _places(sheet: RoomSheet) -> list[Place]:
    seated = [(seat.candidate, seat.label) for seat in sheet.seats if seat.candidate]
    return [*seated, *((candidate, "") for candidate in sheet.unseated)]


def _heading(sheet: RoomSheet, frame: Frame, name: Text, beside: Text) -> list[Piece]:
    spoken = frame.language
    entries = [
        (ROOM.in_language(spoken), sheet.room.in_language(spoken)),
        (STARTS.in_language(spoken), moment(sheet.starts_at, spoken)),
        (LENGTH.in_language(spoken), minutes(sheet.length_minutes, spoken)),
        (EXPECTED.in_language(spoken), str(len(_places(sheet)))),
    ]
    return [
        *title(name.in_language(spoken), beside.in_language(spoken), frame.width),
        empty(4),
        *paragraph(sheet.title.in_language(spoken), SUBTITLE, frame.width),
        empty(10),
        facts(entries, frame.width),
        empty(14),
    ]


def _columns(language: str, *widths: tuple[Text, float]) -> list[Column]:
    return [Column(name.in_language(language), width) for name, width in widths]


def _name(candidate: Candidate) -> list[Said]:
    """The name, Chinese first; the one that there is when there is only one."""
    if not candidate.name_zh:
        return [(candidate.name_en, NAME)]
    return [(candidate.name_zh, NAME), (candidate.name_en, NOTE)]


def _by_name(sheet: RoomSheet, frame: Frame) -> list[Piece]:
    spoken = frame.language
    wide = frame.width - 40 - 150 - 80
    columns = _columns(spoken, (NUMBER, 40), (FULL_NAME, wide), (TICKET, 150), (SEAT_NUMBER, 80))
    rows = [
        [[(str(number), TEXT)], _name(candidate), [(candidate.ticket_number, TEXT)], [_seat(label, spoken)]]
        for number, (candidate, label) in enumerate(sorted(_places(sheet), key=_order_of_name), 1)
    ]
    return table(columns, rows, ROW) if rows else paragraph(NOBODY.in_language(spoken), TEXT, frame.width)


def _by_seat(sheet: RoomSheet, frame: Frame) -> list[Piece]:
    spoken = frame.language
    wide = frame.width - 62 - 80 - 98 - 118
    columns = _columns(spoken, (SEAT_NUMBER, 62), (FULL_NAME, wide), (STAFF_NUMBER, 80), (TICKET, 98), (SIGNATURE, 118))
    rows = [
        [[_seat(label, spoken)], _name(one), [(one.staff_number, TEXT)], [(one.ticket_number, TEXT)], []]
        for one, label in sorted(_places(sheet), key=_order_of_seat)
    ]
    if not rows:
        return paragraph(NOBODY.in_language(spoken), TEXT, frame.width)
    blanks = [(PRESENT, 0.0), (ABSENT, 110.0), (SIGNED, 220.0)]
    return [*table(columns, rows, ROW + 3), *together([empty(22), _blanks(blanks, frame)])]


def _blanks(blanks: Sequence[tuple[Text, float]], frame: Frame) -> Piece:
    """Words with a line after each to write on; each goes as far as the next one begins."""

    def draw(canvas: Canvas, left: float, top: float) -> None:
        ends = [start - 14 for _, start in blanks[1:]] + [frame.width]
        for (word, start), end in zip(blanks, ends, strict=True):
            shown = word.in_language(frame.language)
            write(canvas, shown, TEXT, (left + start, top))
            begin = start + TEXT.width_of(shown) + 6
            draw_line(canvas, (left + begin, top - 15), end - begin, colour=INK_2)

    return Piece(24, draw)


def _seat(label: str, language: str) -> Said:
    return (label, SEAT) if label else (NO_SEAT.in_language(language), NOTE)


def _order_of_name(place: Place) -> tuple[bool, str, bytes, str]:
    """By the romanised name, which for Chinese names is the order of pinyin; who has none follows."""
    candidate, label = place
    return (
        not candidate.name_en,
        candidate.name_en.casefold(),
        candidate.name_zh.encode("gb18030", "replace"),
        candidate.ticket_number + label,
    )


def _order_of_seat(place: Place) -> tuple[bool, list[tuple[int, str]], str]:
    """By the label of the seat, numbers in it by their value; who has no seat follows."""
    candidate, label = place
    parts = [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", label) if part]
    return not label, parts, candidate.ticket_number


def _plan(sheet: RoomSheet, frame: Frame) -> list[Piece]:
    spoken = frame.language
    upper = _heading(sheet, frame, PLAN, FOR_INVIGILATORS)
    lower = _legend(sheet, frame)
    room = frame.height - sum(piece.height for piece in [*upper, *lower])
    words = GridWords(FRONT.in_language(spoken), ROW_NUMBER.in_language(spoken))
    grid = seat_grid([_cell(seat, spoken) for seat in sheet.seats], words, (frame.width, max(room, LEAST_GRID)))
    return [*upper, *grid, *lower]


def _cell(seat: Seat, language: str) -> Cell:
    one = seat.candidate
    if one is None:
        if seat.usable:
            return Cell(seat.row, seat.place, seat.label, "free", FREE.in_language(language))
        return Cell(seat.row, seat.place, seat.label, "closed", OUT_OF_USE.in_language(language))
    names = (one.name_zh, one.name_en) if one.name_zh else (one.name_en, "")
    beside = [
        *([PAPER.in_language(language).format(one.form)] if one.form else []),
        *([EXTRA.in_language(language).format(one.personal_minutes)] if one.personal_minutes else []),
    ]
    below = (names[1], one.ticket_number)
    return Cell(seat.row, seat.place, seat.label, "taken", names[0], below, "  ".join(beside))


def _legend(sheet: RoomSheet, frame: Frame) -> list[Piece]:
    """How many seats there are of each kind, and who has none."""
    taken = sum(1 for seat in sheet.seats if seat.candidate)
    free = sum(1 for seat in sheet.seats if seat.usable and not seat.candidate)
    said = [SEATS.in_language(frame.language).format(taken, free, len(sheet.seats) - taken - free)]
    between = Text("、", ", ").in_language(frame.language)
    if pairs := _alike(sheet):
        said.append(ALIKE.in_language(frame.language).format(between.join(pairs)))
    if sheet.unseated:
        names = between.join(one.name_zh or one.name_en for one in sheet.unseated)
        said.append(UNSEATED.in_language(frame.language).format(names))
    return [empty(4), *(piece for text in said for piece in paragraph(text, NOTE, frame.width))]


def _alike(sheet: RoomSheet) -> list[str]:
    """Neighbouring seats with the same form, each pair once."""
    found = {
        tuple(sorted((seat.label, other))) for seat in sheet.seats if seat.candidate for other in seat.candidate.alike
    }
    return [" + ".join(pair) for pair in sorted(found)]

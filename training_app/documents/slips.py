"""Slips with a one-time code, handed over in person: one A5 page each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from question_bank.texts import Text
from training_app.documents.blocks import NOTE, STRONG, TEXT, Said, field, numbered, section, title
from training_app.documents.sheet import Document, Frame, Piece, empty, moment, write
from training_app.documents.writing import INK, WASH, Style, colour_of, fitted, printable

CODE: Final = Style(26, 36, bold=True)
NAME: Final = Style(13, 18, bold=True)
BOX: Final = 74.0
LABEL_WIDTH: Final = 92.0

FULL_NAME: Final = Text("姓名", "Name")
USERNAME: Final = Text("登录名", "Sign-in name")
WHERE: Final = Text("在何处使用", "Where")
VALID_UNTIL: Final = Text("有效期至", "Valid until")
CODE_LABEL: Final = Text("一次性代码", "One-time code")
MANNERS_TITLE: Final = Text("请注意", "Please note")
MANNERS: Final = (
    Text("代码只能使用一次，过期作废。", "The code works once and ends with its date."),
    Text("请当面交给本人，不要拍照，不要转发。", "It is handed over in person; do not photograph or forward it."),
    Text("使用后请销毁本页。", "Destroy this page after use."),
)


@dataclass(frozen=True, slots=True)
class CodeSlip:
    """What one slip says. purpose: what the code opens, as a heading; where: address of the page, or room and seat."""

    name_zh: str
    name_en: str
    username: str
    code: str
    purpose: Text
    base: Text
    where: Text
    valid_until: datetime
    demonstration: bool


def code_slips(slips: Iterable[CodeSlip], language: str, made_at: datetime) -> bytes:
    """A PDF with an A5 page for each of `slips`, in their order. Raises NothingToPrint."""
    document = Document(CODE_LABEL.in_language(language), language, made_at)
    for slip in slips:
        heading = CODE_LABEL.in_language(language)
        frame = Frame(slip.base.in_language(language), heading, language, made_at, slip.demonstration, A5)
        document.add(frame, _pieces(slip, frame))
    return document.finish()


def _pieces(slip: CodeSlip, frame: Frame) -> list[Piece]:
    spoken = frame.language
    names: list[Said] = [(slip.name_zh, NAME), (slip.name_en, TEXT)] if slip.name_zh else [(slip.name_en, NAME)]
    fields: list[tuple[Text, list[Said]]] = [
        (FULL_NAME, names),
        (USERNAME, [(slip.username, STRONG)]),
        (WHERE, [(slip.where.in_language(spoken), TEXT)]),
        (VALID_UNTIL, [(moment(slip.valid_until, spoken), STRONG)]),
    ]
    return [
        *title(slip.purpose.in_language(spoken), "", frame.width),
        empty(12),
        _code(slip.code, frame),
        empty(8),
        *(
            field((label.in_language(spoken), ""), said, (LABEL_WIDTH, frame.width - LABEL_WIDTH))
            for label, said in fields
        ),
        empty(14),
        *section(MANNERS_TITLE.in_language(spoken), frame.width),
        *numbered([text.in_language(spoken) for text in MANNERS], TEXT.scaled(0.92), frame.width),
    ]


def _code(code: str, frame: Frame) -> Piece:
    """The code, large, in a box; a long one is made smaller."""
    shown = printable(code)
    style = fitted(shown, CODE, frame.width - 24, 6)
    label = CODE_LABEL.in_language(frame.language)

    def draw(canvas: Canvas, left: float, top: float) -> None:
        canvas.setFillColor(colour_of(WASH))
        canvas.setStrokeColor(colour_of(INK))
        canvas.setLineWidth(1)
        canvas.roundRect(left, top - BOX, frame.width, BOX, 4, stroke=1, fill=1)
        write(canvas, label, NOTE, (left + 12, top - 10))
        write(canvas, shown, style, (left + 12, top - 26))

    return Piece(BOX, draw)

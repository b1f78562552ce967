"""QR codes on paper."""

import re

import segno
from reportlab.pdfgen.canvas import Canvas

from training_app.documents.sheet import Point
from training_app.documents.writing import colour_of


def draw_qr(canvas: Canvas, text: str, at: Point, size: float) -> None:
    """The QR code of `text` stands on `canvas` with its upper left corner `at` a point, without white around it.

    One path of bars: sharp at any size, and no seams between its squares.
    """
    left, top = at
    modules = [bytes(row) for row in segno.make(text or " ", error="m", micro=False).matrix]
    side = size / len(modules)
    path = canvas.beginPath()
    for down, row in enumerate(modules, 1):
        for bar in re.finditer(rb"\x01+", row):
            path.rect(left + bar.start() * side, top - down * side, (bar.end() - bar.start()) * side, side)
    canvas.setFillColor(colour_of("#000000"))
    canvas.drawPath(path, stroke=0, fill=1)

"""The typeface of all documents: Noto Sans SC, regular and bold, embedded as far as a document uses it."""

import re
import threading
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont

REGULAR: Final = "NotoSansSC"
BOLD: Final = "NotoSansSC-Bold"
FILES: Final = {REGULAR: "NotoSansSC-Regular.ttf", BOLD: "NotoSansSC-Bold.ttf"}
FOLDER: Final = Path(__file__).parent / "fonts"

FIVE_DIGITS: Final = re.compile(r"<([0-9A-F]{5})>")

ONE_AT_A_TIME: Final = threading.RLock()
"""ReportLab reads a font through one position in the file, which two threads must not move at once."""

_loaded: dict[str, TTFont] = {}


class Embedded(TTFont):
    """A font whose rare characters can be searched and copied too.

    ReportLab names a character beyond U+FFFF by five digits in the table from glyphs to text, where the format asks
    for its two halves in UTF-16 (ISO 32000-1, 9.10.3).
    """

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802  the name is ReportLab's
        """The parts of the font that `doc` uses become objects of it."""
        super().addObjects(doc)
        for name, part in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:"):
                part.content = FIVE_DIGITS.sub(_halves, part.content)


def _halves(found: re.Match[str]) -> str:
    return f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>"


def load_fonts() -> None:
    """Both fonts are known to ReportLab; the files are read at the first call only (about a second)."""
    with ONE_AT_A_TIME:
        for name, file in FILES.items():
            if name not in _loaded:
                # shaping and the readable subset stay off, whatever is installed beside: the same input, the same bytes
                font = Embedded(name, str(FOLDER / file), asciiReadable=False, shapable=False)
                pdfmetrics.registerFont(font)
                _loaded[name] = font


def has_glyph(character: str) -> bool:
    """Whether both fonts can show `character`."""
    load_fonts()
    return all(ord(character) in font.face.charToGlyph for font in _loaded.values())


def width_of(text: str, font: str, size: float) -> float:
    """The width of `text` in points."""
    load_fonts()
    return float(_loaded[font].stringWidth(text, size))

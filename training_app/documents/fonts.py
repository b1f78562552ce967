"""The typeface of all documents: Noto Sans SC, regular and bold, embedded as far as a document uses it."""

import threading
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR: Final = "NotoSansSC"
BOLD: Final = "NotoSansSC-Bold"
FILES: Final = {REGULAR: "NotoSansSC-Regular.ttf", BOLD: "NotoSansSC-Bold.ttf"}
FOLDER: Final = Path(__file__).parent / "fonts"

ONE_AT_A_TIME: Final = threading.RLock()
"""ReportLab reads a font through one position in the file, which two threads must not move at once."""

_loaded: dict[str, TTFont] = {}


def load_fonts() -> None:
    """Both fonts are known to ReportLab; the files are read at the first call only (about a second)."""
    with ONE_AT_A_TIME:
        for name, file in FILES.items():
            if name not in _loaded:
                # shaping and the readable subset stay off, whatever is installed beside: the same input, the same bytes
                font = TTFont(name, str(FOLDER / file), asciiReadable=False, shapable=False)
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

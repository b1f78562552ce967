"""PDFs read back: their words, and the glyphs of the embedded fonts that they really show."""

import io
import itertools
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf import PageObject, PdfReader


@dataclass(frozen=True, slots=True)
class Shown:
    """One character on paper: what it is copied as, and its outline in the embedded font (empty for a space)."""

    character: str
    font: str
    is_missing: bool
    outline: bytes


def pages_of(pdf: bytes) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(pdf)).pages)


def words_of(pdf: bytes) -> list[str]:
    """The text of each page, without any space: where words are broken does not matter."""
    return ["".join(page.extract_text().split()) for page in pages_of(pdf)]


def lines_of(pdf: bytes) -> list[str]:
    """The lines of all pages as they are extracted."""
    return [line for page in pages_of(pdf) for line in page.extract_text().splitlines()]


def fonts_of(pdf: bytes) -> dict[str, bytes]:
    """The embedded font files by the name of the font in its PDF; a font that is not embedded has an empty file."""
    found = {}
    for page in pages_of(pdf):
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get("/FontDescriptor", {})
            found[font["/BaseFont"]] = descriptor["/FontFile2"].get_data() if "/FontFile2" in descriptor else b""
    return found


def shown_in(pdf: bytes) -> Iterator[Shown]:
    """Every character that is drawn, page by page."""
    for page in pages_of(pdf):
        fonts = {name: _Subset(font.get_object()) for name, font in page["/Resources"]["/Font"].items()}
        current = ""
        for operands, operator in page.get_contents().operations:
            current = operands[0] if operator == b"Tf" else current
            for code in operands[0].original_bytes if operator == b"Tj" else b"":
                yield fonts[current].shown(code)


class _Subset:
    def __init__(self, font: dict) -> None:
        self.name = font["/BaseFont"]
        table = font["/ToUnicode"].get_data().decode()
        pairs = re.findall(r"<([0-9A-F]{2})> <([0-9A-F]+)>", table.partition("beginbfchar")[2])
        self.characters = {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}
        file = font["/FontDescriptor"]["/FontFile2"].get_data()
        count = struct.unpack(">H", file[4:6])[0]
        entries = (struct.unpack(">4sLLL", file[12 + 16 * n : 28 + 16 * n]) for n in range(count))
        tables = {tag.decode(): file[start : start + length] for tag, _, start, length in entries}
        first, entries_of_map = struct.unpack(">HH", tables["cmap"][18:22])
        glyphs = struct.unpack(f">{entries_of_map}H", tables["cmap"][22 : 22 + 2 * entries_of_map])
        self.glyphs = dict(enumerate(glyphs, first))
        kind, factor = ("L", 1) if struct.unpack(">h", tables["head"][50:52])[0] else ("H", 2)
        places = struct.unpack(f">{len(tables['loca']) // struct.calcsize(kind)}{kind}", tables["loca"])
        self.outlines = [tables["glyf"][start * factor : end * factor] for start, end in itertools.pairwise(places)]

    def shown(self, code: int) -> Shown:
        glyph = self.glyphs.get(code, 0)
        return Shown(self.characters.get(code, ""), self.name, glyph == 0, self.outlines[glyph])


def images_of(pdf: bytes) -> int:
    """How many pictures the pages show."""
    return sum(len(page.images) for page in pages_of(pdf))

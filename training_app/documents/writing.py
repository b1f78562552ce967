"""Text on paper: what is printed of any text, and where its lines break, Chinese and Latin mixed."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final

from reportlab.lib.colors import Color, HexColor

from training_app.documents.fonts import BOLD, REGULAR, has_glyph, width_of

INK: Final = "#14233A"
INK_2: Final = "#4A5970"
LINE: Final = "#BCC6D3"
WASH: Final = "#F1F4F8"
AMBER: Final = "#944A06"

NO_GLYPH: Final = "□"
ELLIPSIS: Final = "…"
MARKS: Final = "。，、；：？！）」』】》〉〕”’…％·,.;:?!)]}%"
NOT_FIRST: Final = frozenset(MARKS)
NOT_LAST: Final = frozenset("（「『【《〈〔“‘([{")
ALONE: Final = frozenset("“”‘’…—·")
"""Marks of Chinese writing that Unicode does not count as wide; lines may break beside them."""
VARIATION: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
SEAM: Final = re.compile(
    "(?<=[\u3400-\u9fff\U00020000-\U0003ffff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u3400-\u9fff\U00020000-\U0003ffff])"
)
"""Where Chinese and Latin characters meet without a space."""
LATIN_QUOTES: Final = (
    (re.compile(r"(?<=[A-Za-z])’|‘(?=[A-Za-z])"), "'"),
    (re.compile(r"“(?=[A-Za-z0-9])|(?<=[A-Za-z0-9,.?!])”"), '"'),
)
"""The typeface draws curly quotes as wide as a Chinese character, which tears English words apart."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: sizes in points, colour as #RRGGBB."""

    size: float
    leading: float
    bold: bool = False
    colour: str = INK

    @property
    def font(self) -> str:
        """The name of the font."""
        return BOLD if self.bold else REGULAR

    def width_of(self, text: str) -> float:
        """The width of `text` in points, with the gaps between Chinese and Latin."""
        return width_of(text, self.font, self.size) + self.gap * (len(runs_of(text)) - 1)

    @property
    def gap(self) -> float:
        """The air between Chinese and Latin characters that stand side by side."""
        return self.size / 8

    def scaled(self, factor: float) -> "Style":
        """The same style in another size."""
        return replace(self, size=self.size * factor, leading=self.leading * factor)


@cache
def colour_of(colour: str) -> Color:
    """The colour #RRGGBB as ReportLab takes it without reading it anew for every line."""
    return HexColor(colour)


def runs_of(text: str) -> list[str]:
    """`text` in runs between which a small gap is left: Chinese, Latin, Chinese."""
    return SEAM.split(text)


def printable(text: str) -> str:
    """`text` in one line as it is printed: no control or direction marks, □ for what the typeface cannot show."""
    if any(map(unicodedata.combining, text)):
        text = unicodedata.normalize("NFC", text)
    text = "".join(map(_shown, VARIATION.sub("", text)))
    for quote, straight in LATIN_QUOTES:
        text = quote.sub(straight, text)
    return " ".join(text.split())


@lru_cache(maxsize=20_000)
def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("Z") or character in "\t\n\r\v\f":
        return " "
    if category in {"Cc", "Cf"}:
        return ""
    return character if has_glyph(character) else NO_GLYPH


def lines_of(text: str, style: Style, width: float, most: int = 200) -> list[str]:
    """The lines of `text`, none wider than `width` points, none beginning with 。，、 or ending with an opening mark.

    most: lines that are kept; the last one then ends with an ellipsis. An empty text has no line. Only a cluster that
    is wider than a whole line, such as a row of full stops, is broken wherever it must be.
    """
    lines: list[list[str]] = [[]]
    used = 0.0
    for part in (part for cluster in _clusters(printable(text)) for part in _parts(cluster, style, width)):
        wide = style.width_of(part)
        if lines[-1] and SEAM.search(lines[-1][-1][-1] + part[0]):
            wide += style.gap
        if part != " " and lines[-1] and used + wide > width:
            if len(lines) > most:
                break
            lines.append([])
            used = 0.0
        if part != " " or lines[-1]:
            # a space at the end of a full line stands beyond its edge and is stripped below
            lines[-1].append(part)
            used += wide
    _spare_a_lonely_character(lines, style, width)
    kept = ["".join(line).strip() for line in lines if line]
    if len(kept) > most:
        kept[most - 1 :] = [shortened(kept[most - 1], style, width, always=True)]
    return kept


def shortened(text: str, style: Style, width: float, *, always: bool = False) -> str:
    """`text` in one line of at most `width`, with an ellipsis at its end when it was cut (or `always`)."""
    text = printable(text)
    if not always and style.width_of(text) <= width:
        return text
    free = width - style.width_of(ELLIPSIS)
    kept = ""
    for character in text:
        if style.width_of(kept + character) > free:
            break
        kept += character
    return kept.rstrip() + ELLIPSIS


def fitted(text: str, style: Style, width: float, least: float) -> Style:
    """`style`, made smaller until `text` fits in one line of `width`, but not below the size `least`."""
    wide = style.width_of(printable(text))
    return style if wide <= width else style.scaled(max(least / style.size, width / wide))


def _is_alone(character: str) -> bool:
    return character in ALONE or unicodedata.east_asian_width(character) in {"W", "F"}


def _clusters(text: str) -> list[str]:
    """What must stay on one line: words, single Chinese characters with the marks that belong to them, and spaces."""
    clusters: list[str] = []
    for character in text:
        before = clusters[-1] if clusters else " "
        joins_word = not _is_alone(character) and not _is_alone(before[-1])
        belongs = character in NOT_FIRST or before[-1] in NOT_LAST
        if character != " " and before != " " and (joins_word or belongs):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _parts(cluster: str, style: Style, width: float) -> list[str]:
    """`cluster`, cut into parts that fit in `width` when it does not fit as a whole."""
    if len(cluster) == 1 or style.width_of(cluster) <= width:
        return [cluster]
    parts = [cluster[0]]
    for character in cluster[1:]:
        if style.width_of(parts[-1] + character) <= width:
            parts[-1] += character
        elif character in NOT_FIRST and (kept := len(parts[-1].rstrip(MARKS)) - 1) > 0:
            parts[-1:] = [parts[-1][:kept], parts[-1][kept:] + character]
        else:
            parts.append(character)
    return parts


def _spare_a_lonely_character(lines: list[list[str]], style: Style, width: float) -> None:
    """The last line gets a second character when it would be a single one."""
    if len(lines) < 2 or len("".join(lines[-1]).strip()) > 2 or len(lines[-2]) < 4:
        return
    last = lines[-2][-1]
    if _is_alone(last[0]) and _is_alone(lines[-1][0][0]) and style.width_of(last + "".join(lines[-1])) <= width:
        lines[-1].insert(0, lines[-2].pop())

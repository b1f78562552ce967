"""The few letters that a test picture needs, seven rows high."""

from collections.abc import Iterator
from typing import Final

HEIGHT: Final = 7

GLYPHS: Final = {
    "0": (" ## ", "#  #", "#  #", "#  #", "#  #", "#  #", " ## "),
    "1": ("  # ", " ## ", "  # ", "  # ", "  # ", "  # ", " ###"),
    "2": (" ## ", "#  #", "   #", "  # ", " #  ", "#   ", "####"),
    "3": ("### ", "   #", "   #", " ## ", "   #", "   #", "### "),
    "4": ("  ##", " # #", "#  #", "#  #", "####", "   #", "   #"),
    "5": ("####", "#   ", "#   ", "### ", "   #", "   #", "### "),
    "6": (" ## ", "#   ", "#   ", "### ", "#  #", "#  #", " ## "),
    "7": ("####", "   #", "   #", "  # ", "  # ", " #  ", " #  "),
    "8": (" ## ", "#  #", "#  #", " ## ", "#  #", "#  #", " ## "),
    "9": (" ## ", "#  #", "#  #", " ###", "   #", "   #", " ## "),
    ":": (" ", " ", "#", " ", "#", " ", " "),
    "/": ("   #", "   #", "  # ", "  # ", " #  ", " #  ", "#   "),
    "o": (" ## ", "#  #", "#  #", "#  #", "#  #", "#  #", " ## "),
    "v": ("#   #", "#   #", "#   #", "#   #", " # # ", " # # ", "  #  "),
}


def width_of(text: str) -> int:
    """Dots that the text is wide, with one between two letters."""
    return sum(len(GLYPHS[letter][0]) + 1 for letter in text) - 1


def dots_of(text: str) -> Iterator[tuple[int, int]]:
    """Column and row of every dot of the text. Its letters are those of GLYPHS."""
    start = 0
    for letter in text:
        for row, line in enumerate(GLYPHS[letter]):
            yield from ((start + column, row) for column, dot in enumerate(line) if dot == "#")
        start += len(GLYPHS[letter][0]) + 1

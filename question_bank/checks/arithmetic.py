"""Lines of arithmetic in an item's `working`, recomputed without running any code."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

_LONGEST: Final = 400
_DEEPEST: Final = 40
_TOKEN: Final = re.compile(r"\s*(?:(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)|([-+*/()%]))")


class NotArithmetic(ValueError):
    """A working line holds something else than numbers, + - * / ( ) % and =."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A value with the two it was computed from; a leaf has none."""

    value: Fraction
    parts: tuple["Expression", ...] = ()

    def is_traced(self, known: frozenset[Fraction]) -> bool:
        """Whether it is known itself, is a power of ten or 0, or was computed from such."""
        if self.value in known or is_power_of_ten(abs(self.value)):
            return True
        return bool(self.parts) and all(part.is_traced(known) for part in self.parts)

    def untraced(self, known: frozenset[Fraction]) -> Iterator[Fraction]:
        """The numbers at its ends that are not known."""
        if not self.is_traced(known):
            if self.parts:
                for part in self.parts:
                    yield from part.untraced(known)
            else:
                yield self.value

    def leaves(self) -> Iterator[Fraction]:
        """The numbers as written; 10 % is 0.1."""
        if self.parts:
            for part in self.parts:
                yield from part.leaves()
        else:
            yield self.value


@dataclass(frozen=True, slots=True)
class WorkingLine:
    """One line, its sides in order. decimals: shown by the last side."""

    text: str
    sides: tuple[Expression, ...]
    decimals: tuple[int, ...]

    def agrees(self) -> bool:
        """Whether all sides are equal. A value that never ends as a decimal may be rounded to the digits shown."""
        first = self.sides[0].value
        return all(
            _rounds_to(first, side.value, places)
            for side, places in zip(self.sides[1:], self.decimals[1:], strict=True)
        )


def is_power_of_ten(value: Fraction) -> bool:
    """Whether the value only shifts a decimal point, or is 0: such numbers need no source."""
    if value == 0:
        return True
    while value % 10 == 0:
        value /= 10
    while value < 1:
        value *= 10
    return value == 1


def working_line(text: str) -> WorkingLine:
    """The line as expressions. Raises NotArithmetic; division by zero and excessive nesting count as that."""
    plain = unicodedata.normalize("NFKC", text).replace("×", "*").replace("÷", "/").replace("−", "-")
    sides = plain.split("=")
    if len(text) > _LONGEST or len(sides) < 2:
        raise NotArithmetic("needs two sides with = between them, in at most 400 characters")
    return WorkingLine(text, tuple(_Parser(side).expression() for side in sides), tuple(map(_decimals, sides)))


def results(lines: Iterable[WorkingLine], known: frozenset[Fraction]) -> frozenset[Fraction]:
    """Values, and whole numbers beside them, of the lines whose numbers are known; a line may use those before it."""
    found: frozenset[Fraction] = frozenset()
    for line in lines:
        if any(side.is_traced(known | found) for side in line.sides):
            values = {side.value for side in line.sides}
            found |= values | whole_numbers_beside(values)
    return found


def whole_numbers_beside(values: Iterable[Fraction]) -> frozenset[Fraction]:
    """The whole number below and above each value: 23 and 24 for 23.5."""
    return frozenset(Fraction(whole) for value in values for whole in (floor(value), ceil(value)))


def _rounds_to(exact: Fraction, shown: Fraction, places: int) -> bool:
    if exact == shown:
        return True
    ends = (exact * 10**6).denominator == 1
    return not ends and abs(exact - shown) <= Fraction(1, 2 * 10**places)


def _decimals(side: str) -> int:
    """Decimals shown; a percentage shows two more of the ratio."""
    found = re.search(r"\.(\d+)", side)
    return (len(found.group(1)) if found else 0) + (2 if "%" in side else 0)


class _Parser:
    """Reads one side: sums of products of signed numbers, a number or bracket with % after it."""

    def __init__(self, text: str) -> None:
        self._tokens = list(self._split(text))
        self._at = 0
        self._depth = 0

    def expression(self) -> Expression:
        found = self._sum()
        if self._at < len(self._tokens):
            raise NotArithmetic(f"has {self._tokens[self._at]!r} where the line should end or go on")
        return found

    @staticmethod
    def _split(text: str) -> Iterator[str]:
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                raise NotArithmetic(f"has {text[position:].strip()[:12]!r}, which is no number and no sign")
            yield match.group(1) or match.group(2)
            position = match.end()

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _sum(self) -> Expression:
        left = self._product()
        while self._peek() in ("+", "-"):
            sign, right = self._take(), self._product()
            left = Expression(left.value + (right.value if sign == "+" else -right.value), (left, right))
        return left

    def _product(self) -> Expression:
        left = self._signed()
        while self._peek() in ("*", "/"):
            sign, right = self._take(), self._signed()
            if sign == "/" and right.value == 0:
                raise NotArithmetic("divides by zero")
            left = Expression(left.value * right.value if sign == "*" else left.value / right.value, (left, right))
        return left

    def _signed(self) -> Expression:
        negative = False
        while self._peek() in ("+", "-"):
            negative ^= self._take() == "-"
        found = self._atom()
        while self._peek() == "%":
            self._take()
            found = Expression(found.value / 100, found.parts)
        return Expression(-found.value, (found,)) if negative else found

    def _atom(self) -> Expression:
        taken = self._take()
        if taken == "(":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise NotArithmetic("has too many brackets")
            inside = self._sum()
            if self._take() != ")":
                raise NotArithmetic("has a bracket that does not close")
            return inside
        if not taken or not taken[0].isdigit():
            raise NotArithmetic(f"has {taken!r} where a number should stand" if taken else "ends too early")
        return Expression(Fraction(taken.replace(",", "")))

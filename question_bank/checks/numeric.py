"""C19: numeric items are asked in one unit, and wrong numbers lie outside the tolerance."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

from question_bank.checks.quantities import Figure, Sort, read
from question_bank.checks.subject import WARNING, Subject
from question_bank.criteria import Criterion
from question_bank.errors import ContentFault
from question_bank.items import Kind, NumericKey

# Units whose English is fixed; every other unit is a counted thing, such as 票 and declarations.
_UNITS: Final = {
    "%": {"%"},
    "元": {"cny"},
    "万元": {"cny 10,000"},
    "亿元": {"cny 100 million"},
    "年": {"year", "years"},
    "个月": {"month", "months"},
    "天": {"day", "days"},
    "日": {"day", "days"},
    "小时": {"hour", "hours"},
}
_NEAR: Final = Fraction(5, 100)
_COUNTED: Final = 1000


def check_numeric(subject: Subject) -> Iterator[ContentFault]:
    """C19: unit, decimals, tolerance and expected errors of a numeric item."""
    numeric = subject.item.numeric
    if subject.item.kind is not Kind.NUMERIC or numeric is None:
        return
    yield from _unit(subject, numeric)
    yield from _tolerance(subject, numeric)
    yield from _expected(subject, numeric)


def check_near_limit(subject: Subject) -> Iterator[ContentFault]:
    """C19: data of a numeric item keep 5 % or more off a limit of the same unit.

    Small counts are let be: there an edge falls between two possible answers. Money and percentages are compared.
    """
    if subject.item.kind is not Kind.NUMERIC:
        return
    limits = [limit for node in subject.criteria_cited for limit in _limits(node)]
    for figure in dict.fromkeys(read(subject.item.stem.zh).figures):
        for sort, limit in limits:
            close = limit and figure.value != limit and abs(figure.value - limit) <= _NEAR * limit
            if close and figure.sort is sort:
                named = Figure(sort, limit)
                yield subject.fault("C19", "stem", f"{figure} lies within 5 % of the limit {named}", WARNING)


def _unit(subject: Subject, numeric: NumericKey) -> Iterator[ContentFault]:
    zh, en = numeric.unit.zh.strip(), numeric.unit.en.strip().lower()
    allowed = _UNITS.get(zh)
    money = en.startswith("cny") and zh not in ("元", "万元", "亿元")
    if (allowed is not None and en not in allowed) or money:
        yield subject.fault("C19", "answer.unit", f"{zh} and {numeric.unit.en} are not the same unit")


def _tolerance(subject: Subject, numeric: NumericKey) -> Iterator[ContentFault]:
    last_digit = Decimal(1).scaleb(-numeric.decimals)
    if numeric.tolerance > max(abs(numeric.value) / 100, last_digit):
        message = f"{numeric.tolerance} is more than 1 % of the value and more than one unit of the last digit asked"
        yield subject.fault("C19", "answer.tolerance", message)
    if numeric.value != round(numeric.value, numeric.decimals):
        yield subject.fault("C19", "answer.decimals", f"{numeric.value} has more decimals than {numeric.decimals}")


def _expected(subject: Subject, numeric: NumericKey) -> Iterator[ContentFault]:
    if not 1 <= len(numeric.errors) <= 4:
        yield subject.fault("C19", "errors", f"lists {len(numeric.errors)} wrong numbers; 1 to 4 are expected")
    seen: set[Decimal] = set()
    for place, expected in enumerate(numeric.errors):
        if abs(expected.value - numeric.value) <= numeric.tolerance:
            yield subject.fault("C19", f"errors.{place}.value", f"{expected.value} would count as right")
        if expected.value in seen:
            yield subject.fault("C19", f"errors.{place}.value", f"{expected.value} stands twice")
        seen.add(expected.value)


def _limits(node: Criterion) -> Iterator[tuple[Sort, Fraction]]:
    for row in node.rows:
        if row.comparable is None:
            continue
        value = Fraction(row.comparable)
        if "%" in row.value.zh:
            yield Sort.PERCENTAGE, value / 100
        elif value >= _COUNTED:
            yield Sort.NUMBER, value

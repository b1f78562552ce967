"""The numbers that a text names, read alike in Chinese and in English."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final

from question_bank.texts import Text


class Sort(StrEnum):
    """What a figure is: a plain number (years and days too), a percentage, a fraction such as 1/1,000, a month."""

    NUMBER = "number"
    PERCENTAGE = "percentage"
    FRACTION = "fraction"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a text. value: exact; a percentage as its ratio. parts: numerator and denominator of a fraction."""

    sort: Sort
    value: Fraction
    parts: tuple[Fraction, Fraction] | None = None

    def __str__(self) -> str:
        if self.parts is not None:
            return f"{plain_number(self.parts[0])}/{plain_number(self.parts[1])}"
        if self.sort is Sort.PERCENTAGE:
            return f"{plain_number(self.value * 100)}%"
        return f"month {self.value}" if self.sort is Sort.MONTH else plain_number(self.value)


@dataclass(frozen=True, slots=True)
class Reading:
    """Figures of one text in one language.

    figures: in digits, or with a unit of counting such as 万分之一; these must stand in both languages. words: numbers
    in words (三, three) and the month May, which may answer a figure of the other language but ask for nothing.
    """

    figures: tuple[Figure, ...]
    words: tuple[Figure, ...]

    def values(self) -> frozenset[Fraction]:
        """Every number named, in digits or words: percentages as ratio and as percent, fractions with their parts."""
        return frozenset(value for figure in self.figures + self.words for value in forms_of(figure))


_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_CJK_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CJK_UNITS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_CJK_NUMERAL: Final = r"[〇零一二两三四五六七八九十百千万亿]+"
_SCALES: Final = {
    "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "万亿": 10**12,
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12,
}  # fmt: skip
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])"
)
_WORDS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9,
    "once": 1, "single": 1, "first": 1, "twice": 2, "both": 2, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_NOT_NUMERALS: Final = re.compile(
    "一律|一般|统一|一致|唯一|万一|一切|一旦|一些|进一步|(?<!分)之一|一定|一直|同一|一并|一起|第三方|三方"
)
_TOKEN: Final = re.compile(
    rf"""
    (?P<iso>(?<!\d)(?:19|20)\d\d(?:-\d\d(?:-\d\d)?|/\d{{1,2}}/\d{{1,2}})(?![\d/]))
    |(?P<part_base>[百千万])分之(?P<part>{_NUMBER}|{_CJK_NUMERAL})
    |(?P<over>{_CJK_NUMERAL})分之(?P<above>{_CJK_NUMERAL})
    |(?P<num>{_NUMBER})\s?/\s?(?P<den>{_NUMBER})(?!\d)
    |(?P<zh_month>\d{{1,2}})\s?月
    |(?P<day_first>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month_after>{_MONTH_NAME})
    |(?<![A-Za-z])(?P<month_name>{_MONTH_NAME})(?=\.?\s+\d)
    |(?<![A-Za-z])(?P<month_alone>{_MONTH_NAME})
    |(?P<number>(?:(?<![A-Za-z0-9_.%)\]])-)?(?:{_NUMBER}))
      \s?(?P<tail>%|‰|percentage\ points?|per\ ?cent|个百分点
          |[余多]?(?:万亿|亿|万|百|千(?![克米瓦升]))|(?:hundred|thousand|million|billion|trillion)\b)?
    |(?P<word>\b(?:{"|".join(_WORDS)})\b)
    |(?P<cjk>{_CJK_NUMERAL})
    """,
    re.VERBOSE,
)


def plain_number(value: Fraction) -> str:
    """The number for people: as a decimal where it ends, else as a fraction."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    return f"{value.numerator}" if value.denominator == 1 else f"{float(value):.12g}"


def forms_of(figure: Figure) -> frozenset[Fraction]:
    """The numbers a figure may be written as: 10 % is 0.1 and 10; 5/1,000 is 0.005, 5 and 1,000; a month is itself."""
    if figure.parts is not None:
        return frozenset({figure.value, *figure.parts})
    if figure.sort is Sort.PERCENTAGE:
        return frozenset({figure.value, figure.value * 100})
    if figure.sort is Sort.MONTH:
        return frozenset({month_form(figure.value)})
    return frozenset({figure.value})


def month_form(month: Fraction) -> Fraction:
    """The month as a member of a set of numbers in which no plain number is taken for it: 4月 makes no 4 known."""
    return month / 10**9


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """The figures of `text`, whichever of the two languages it is in; never fails."""
    figures: list[Figure] = []
    words: list[Figure] = []
    for match in _TOKEN.finditer(_prepared(text)):
        for figure, in_words in _figures_of(match):
            (words if in_words else figures).append(figure)
    return Reading(tuple(figures), tuple(words))


def values_of(text: Text) -> frozenset[Fraction]:
    """Every number that the text names in either language."""
    return read(text.zh).values() | read(text.en).values()


def differences(zh: str, en: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Figures of the Chinese that the English lacks, and the other way round; both empty when they agree.

    1/1,000 agrees with 千分之一, with 0.1 % and with 1 per 1,000. A number in words answers one in digits.
    """
    chinese, english = read(zh), read(en)
    as_ratio = _missing(chinese, english, split=False)
    if not any(as_ratio):
        return as_ratio
    as_parts = _missing(chinese, english, split=True)
    return as_parts if not any(as_parts) else as_ratio


def _missing(zh: Reading, en: Reading, *, split: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    left, right = _counted(zh.figures, split=split), _counted(en.figures, split=split)
    only_zh = (left - right) - _counted(en.words, split=split)
    only_en = (right - left) - _counted(zh.words, split=split)
    return tuple(map(_named, only_zh.elements())), tuple(map(_named, only_en.elements()))


def _counted(figures: tuple[Figure, ...], *, split: bool) -> Counter[tuple[str, Fraction]]:
    counted: Counter[tuple[str, Fraction]] = Counter()
    for figure in figures:
        if figure.sort is Sort.FRACTION and split and figure.parts is not None:
            counted.update(("number", part) for part in figure.parts)
        elif figure.sort in (Sort.FRACTION, Sort.PERCENTAGE):
            counted["ratio", figure.value] += 1
        else:
            counted[figure.sort.value, figure.value] += 1
    return counted


def _named(key: tuple[str, Fraction]) -> str:
    sort, value = key
    return str(Figure(Sort.PERCENTAGE if sort == "ratio" else Sort(sort), value))


def _prepared(text: str) -> str:
    """Plain digits and signs. A full-width comma never groups thousands, and ① is a mark, not a number."""
    spaced = re.sub(r"[\u2460-\u24ff\u2776-\u2793]", " ", text).replace("，", "; ")
    plain = unicodedata.normalize("NFKC", spaced).replace("−", "-")
    plain = re.sub(r"负(?=\d)", " -", plain)
    return _NOT_NUMERALS.sub(lambda match: "·" * len(match.group()), plain)


def _figures_of(match: re.Match[str]) -> Iterator[tuple[Figure, bool]]:
    """The figures of one match, each with whether it was written in words."""
    named = match.lastgroup
    groups = match.groupdict()
    if groups["iso"]:
        year, month, *day = re.split("[-/]", groups["iso"])
        yield _number(year), False
        yield Figure(Sort.MONTH, Fraction(int(month))), False
        yield from ((_number(part), False) for part in day)
    elif groups["part_base"]:
        base = Fraction(_CJK_UNITS[groups["part_base"]])
        yield _share(_value(groups["part"]), base), False
    elif groups["over"]:
        yield _share(_value(groups["above"]), _value(groups["over"])), True
    elif groups["num"]:
        yield _share(_value(groups["num"]), _value(groups["den"])), False
    elif groups["number"]:
        yield _with_tail(groups["number"], groups["tail"]), False
    elif groups["word"] or named == "cjk":
        yield Figure(Sort.NUMBER, _in_words(groups["word"] or groups["cjk"])), True
    else:
        yield from _month(groups)


def _month(groups: dict[str, str | None]) -> Iterator[tuple[Figure, bool]]:
    if groups["zh_month"]:
        yield Figure(Sort.MONTH, Fraction(int(groups["zh_month"]))), False
        return
    if groups["day_first"]:
        yield _number(groups["day_first"]), False
    name = groups["month_after"] or groups["month_name"] or groups["month_alone"] or ""
    number = _MONTHS.index(name[:3].lower()) + 1
    yield Figure(Sort.MONTH, Fraction(number)), groups["month_alone"] == "May"


def _number(digits: str) -> Figure:
    return Figure(Sort.NUMBER, Fraction(digits.replace(",", "")))


def _share(part: Fraction, base: Fraction) -> Figure:
    if base == 0:
        return Figure(Sort.NUMBER, part)
    if base == 100:
        return Figure(Sort.PERCENTAGE, part / base)
    return Figure(Sort.FRACTION, part / base, (part, base))


def _with_tail(digits: str, tail: str | None) -> Figure:
    value = Fraction(digits.replace(",", ""))
    if tail is None:
        return Figure(Sort.NUMBER, value)
    if tail == "‰":
        return Figure(Sort.PERCENTAGE, value / 1000)
    scale = _SCALES.get(tail.lstrip("余多"))
    return Figure(Sort.PERCENTAGE, value / 100) if scale is None else Figure(Sort.NUMBER, value * scale)


def _value(text: str) -> Fraction:
    return Fraction(text.replace(",", "")) if text[0].isdigit() and text.isascii() else _in_words(text)


def _in_words(text: str) -> Fraction:
    """The value of a number in words: 十二 is 12, 二十五万 is 250,000, three is 3."""
    if text in _WORDS:
        return Fraction(_WORDS[text])
    total, section, digit = 0, 0, 0
    for sign in text:
        if sign in _CJK_DIGITS:
            digit = _CJK_DIGITS[sign]
        elif _CJK_UNITS[sign] < 10**4:
            section, digit = section + (digit or 1) * _CJK_UNITS[sign], 0
        else:
            total, section, digit = (total + section + digit or 1) * _CJK_UNITS[sign], 0, 0
    return Fraction(total + section + digit)

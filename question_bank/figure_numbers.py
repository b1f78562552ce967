"""Numbers that figures and sentences of the criteria say, as exact decimals."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from question_bank.texts import Text

_CHINESE_DIGITS: Final = {zh: n for n, zh in enumerate("零一二三四五六七八九十")} | {"两": 2, "百": 100}
_SCALES: Final = {"万": 10**4, "亿": 10**8, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_PARTS_ZH: Final = {"百": 100, "千": 1000, "万": 10000}
_NUMBER: Final = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(万|亿|thousand\b|million\b|billion\b)?")
_RATIO: Final = re.compile(r"(\d+)\s*/\s*(\d[\d,]*)")
_RATIO_ZH: Final = re.compile(r"([百千万])分之([一二三四五六七八九十]|\d+)")
_WORD_ZH: Final = re.compile(r"[零一二三四五六七八九十两百]")
_WORDS_EN: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip


_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH: Final = re.compile(rf"\b\d{{1,2}} ({'|'.join(_MONTHS)})\b|\b({'|'.join(_MONTHS)}) \d{{4}}\b", re.IGNORECASE)


def plain_number(value: object) -> Decimal | None:
    """The number that a figure is; None for texts, mappings and truth values."""
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def numbers_of_figures(figures: Mapping[str, object]) -> frozenset[Decimal]:
    """Every number in the figures; percents also as shares, ratios as 1 of 1,000 and in percent, years as months."""
    found: set[Decimal] = set()
    for key, value in figures.items():
        found |= _numbers_under(key, value) | numbers_in(key.replace("_", " "))
    return frozenset(found)


def _numbers_under(key: str, value: object) -> set[Decimal]:
    if isinstance(value, Mapping):
        return {n for part in value.values() for n in _numbers_under(key, part)}
    if isinstance(value, tuple):
        return {n for part in value for n in _numbers_under(key, part)}
    if isinstance(value, Text):
        return set(numbers_in(value.zh) | numbers_in(value.en))
    number = plain_number(value)
    if number is None:
        return set(numbers_in(str(value)))
    forms = {number}
    if "pct" in key:
        forms.add(number / 100)
    if "ratio" in key and 0 < number < Decimal("0.01"):
        whole = Decimal(1000 if number >= Decimal("0.001") else 10000)
        forms |= {number * 100, number * whole, whole}
    if "years" in key:
        forms.add(number * 12)
    return forms


def numbers_in(text: str) -> frozenset[Decimal]:
    """Every number a text says, in digits or small words of either language.

    1,000 is 1000, 5万 and 50,000 are one number; 千分之一, 1/1,000 and 0.1% also give the share 0.001.
    """
    found: set[Decimal] = set()
    for match in _RATIO.finditer(text):
        under = _digits(match[2])
        found |= {_digits(match[1]) / under} if under else set()
    for match in _RATIO_ZH.finditer(text):
        found.add(Decimal(_word_value(match[2])) / _PARTS_ZH[match[1]])
    for match in _NUMBER.finditer(text):
        number = _digits(match[1])
        found |= {number * _SCALES.get(match[2] or "", 1), number}
        found |= {number / 100} if text[match.end() : match.end() + 1] == "%" else set()
    found |= {Decimal(_CHINESE_DIGITS[word]) for word in _WORD_ZH.findall(text)}
    found |= {Decimal(_MONTHS.index((day or year).casefold()) + 1) for day, year in _MONTH.findall(text)}
    words = re.findall(r"[a-z]+", text.casefold())
    found |= {Decimal(_WORDS_EN.index(word)) for word in words if word in _WORDS_EN}
    return frozenset(found)


def _digits(written: str) -> Decimal:
    return Decimal(written.replace(",", "").rstrip("."))


def _word_value(word: str) -> int:
    return _CHINESE_DIGITS[word] if word in _CHINESE_DIGITS else int(word)

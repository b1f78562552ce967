"""The glossary 术语表: one Chinese and one English term a concept, and the strings that are refused in their place.

Reading the file is in `glossary_loading`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from question_bank.texts import Text

MASK: Final = "\ufffc"


@dataclass(frozen=True, slots=True)
class GlossaryRow:
    """One row. zh and en hold the same terms in the same order, but for a word that has two renderings in English.

    changed: the word or its meaning changed on 1 April 2026. own: our own term. circulates: another rendering is used.
    refused: strings refused everywhere. refused_since_2026: refused only beside criteria of 2026.
    """

    zh: tuple[str, ...]
    en: tuple[str, ...]
    changed: bool = False
    own: bool = False
    circulates: bool = False
    refused: tuple[str, ...] = ()
    refused_since_2026: tuple[str, ...] = ()

    def terms(self, language: str) -> Iterator[str]:
        """The terms in "zh" or "en" as they stand in texts: the long form and each form in brackets."""
        for term in self.zh if language == "zh" else self.en:
            yield from _forms(term)


@dataclass(frozen=True, slots=True)
class GlossarySection:
    """Rows under one heading."""

    number: int
    title: Text
    rows: tuple[GlossaryRow, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused string found in a text, with the terms to use instead."""

    found: str
    instead: str


@dataclass(frozen=True)
class Glossary:
    """All sections in the order of the file."""

    sections: tuple[GlossarySection, ...]

    def rows(self) -> Iterator[GlossaryRow]:
        """Every row of every section."""
        for section in self.sections:
            yield from section.rows

    def masked(self, text: str, language: str) -> str:
        """The text with each term replaced by one neutral sign, longest terms first."""
        return (self._zh_terms if language == "zh" else self._en_terms).sub(MASK, text)

    def refusals(self, text: Text, *, since_2026: bool) -> Iterator[Refusal]:
        """Refused strings of the text. since_2026: also those refused beside criteria of 2026 only."""
        if since_2026:
            for language in ("zh", "en"):
                yield from self._found(self._since_2026, text.in_language(language))
        for language in ("zh", "en"):
            yield from self._found(self._everywhere, self.masked(text.in_language(language), language))

    def _found(self, refused: "_Refused", text: str) -> Iterator[Refusal]:
        for match in refused.pattern.finditer(text):
            yield Refusal(match.group(), refused.instead[match.group().lower()])

    @cached_property
    def _zh_terms(self) -> re.Pattern[str]:
        return _pattern(term for row in self.rows() for term in row.terms("zh"))

    @cached_property
    def _en_terms(self) -> re.Pattern[str]:
        return _pattern((term for row in self.rows() for term in row.terms("en")), plural=True)

    @cached_property
    def _everywhere(self) -> "_Refused":
        return _Refused.of((row, row.refused) for row in self.rows())

    @cached_property
    def _since_2026(self) -> "_Refused":
        return _Refused.of((row, row.refused_since_2026) for row in self.rows())


@dataclass(frozen=True, slots=True)
class _Refused:
    """Refused strings as one pattern. instead: terms to use, by the refused string in lower case."""

    pattern: re.Pattern[str]
    instead: dict[str, str]

    @classmethod
    def of(cls, strings: Iterable[tuple[GlossaryRow, tuple[str, ...]]]) -> "_Refused":
        """The pattern of all strings of all rows."""
        instead = {
            string.lower(): f"{' · '.join(row.zh)} / {' · '.join(row.en)}"
            for row, refused in strings
            for string in refused
        }
        return cls(_pattern(instead), instead)


def _forms(term: str) -> Iterator[str]:
    """`advanced certified enterprise (ACE)` gives both; states parted by · are forms of their own, without `the`."""
    outside = re.sub(r"\s*[（(].*?[）)]", "", term).strip()
    if outside:
        yield outside
    for inside in re.findall(r"[（(](.*?)[）)]", term):
        yield from (form.strip().removeprefix("the ") for form in inside.split("·") if len(form.strip()) > 1)


def _pattern(strings: Iterable[str], *, plural: bool = False) -> re.Pattern[str]:
    """Any of the strings, longest first and in any case; Latin ones as whole words, with a plural s where asked."""
    ending = "s?" if plural else ""
    parts = [
        rf"(?<![A-Za-z0-9]){re.escape(string)}{ending}(?![A-Za-z0-9])" if string.isascii() else re.escape(string)
        for string in sorted(set(strings), key=lambda string: (-len(string), string))
    ]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)

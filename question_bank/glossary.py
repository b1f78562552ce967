"""The glossary 术语表: one Chinese and one English term a concept, and the strings that are refused in their place.

Reading the file is in `glossary_loading`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
        return self._mask(text, language)

    def refusals(self, text: Text, *, since_2026: bool) -> Iterator[Refusal]:
        """Refused strings of the text, but for those that lie inside a term.

        since_2026: also those refused beside criteria of 2026 only, inside a term or not.
        """
        for language in ("zh", "en"):
            spoken = text.in_language(language)
            if since_2026:
                yield from (refusal for _, refusal in self._since_2026.found_in(spoken))
            for (start, end), refusal in self._everywhere.found_in(spoken):
                terms = self._terms(language).finditer(spoken)
                if not any(term.start() <= start and end <= term.end() for term in terms):
                    yield refusal

    def _terms(self, language: str) -> re.Pattern[str]:
        return self._zh_terms if language == "zh" else self._en_terms

    @cached_property
    def _mask(self) -> Callable[[str, str], str]:
        """Masking, with the last texts kept: several checks mask the same ones."""
        return lru_cache(maxsize=4096)(lambda text, language: self._terms(language).sub(MASK, text))

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
        return cls(_pattern(instead, plural=True), instead)

    def found_in(self, text: str) -> Iterator[tuple[tuple[int, int], Refusal]]:
        """Where each refused string stands, with its refusal."""
        folded = text.lower()
        # Almost every text holds none, and looking for each string is far quicker than the pattern.
        if any(string in folded for string in self.instead):
            for match in self.pattern.finditer(text):
                said = match.group().lower()
                yield (
                    match.span(),
                    Refusal(match.group(), self.instead.get(said) or self.instead[said.removesuffix("s")]),
                )


def _forms(term: str) -> Iterator[str]:
    """`advanced certified enterprise (ACE)` gives both; states parted by · are forms of their own, without `the`."""
    outside = re.sub(r"\s*[（(].*?[）)]", "", term).strip()
    if outside:
        yield outside
    for inside in re.findall(r"[（(](.*?)[）)]", term):
        yield from (form.strip().removeprefix("the ") for form in inside.split("·") if len(form.strip()) > 1)


def _pattern(strings: Iterable[str], *, plural: bool = False) -> re.Pattern[str]:
    """Any of the strings, longest first, in any case; Latin ones as whole words, with a plural s where asked."""
    ending = "s?" if plural else ""
    parts = [
        rf"(?<![A-Za-z0-9]){re.escape(string)}{ending}(?![A-Za-z0-9])" if string.isascii() else re.escape(string)
        for string in sorted(set(strings), key=lambda string: (-len(string), string))
    ]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)

"""Plain data (mappings, lists, text, numbers) read field by field; every fault says file, item, field.

The same reader serves content files, where every scalar is text, and JSON, where numbers and truth values are
their own. A faulty field gives a placeholder and a fault, so that one reading names all faults; whoever reads drops the
object when faults were found.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from question_bank.errors import ContentFault
from question_bank.texts import LANGUAGES, Text

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

MAX_TEXT: Final = 4000
MAX_ENTRIES: Final = 200
MAX_SHOWN: Final = 40

ITEM_ID: Final = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
PART_ID: Final = re.compile(r"[A-Za-z0-9]{1,8}")
CODE: Final = re.compile(r"[A-Z][A-Z0-9]*(\.[A-Z0-9]+)*")
INSTRUMENT: Final = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
AS_OF: Final = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")

_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
# Control characters, lone surrogates, private use, and marks that turn the direction of text: those can show a
# candidate something else than the reviewer read.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is reading: file and id of the item, case or blueprint."""

    file: str
    item: str = ""


def shown(value: object) -> str:
    """`value` as a short piece of a sentence, whatever it is."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)[: MAX_SHOWN + 1])
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…")


def forbidden_character(text: str) -> str | None:
    """The first character that no content may hold (control, direction, private use), as U+0000; else None."""
    found = _FORBIDDEN.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


class Fields:
    """One mapping being read. Each method takes a field's name and returns its value or a placeholder with a fault."""

    def __init__(self, value: object, place: Place, path: str, faults: list[ContentFault]) -> None:
        self.place = place
        self.path = path
        self.faults = faults
        self._asked: set[str] = set()
        self._values: dict[str, object] = {}
        if isinstance(value, dict):
            self._values = {str(key): entry for key, entry in value.items()}
        else:
            self.fault("", f"a mapping is expected here, found {shown(value)}")
            self.faults = []  # that its fields lack as well says nothing new

    def fault(self, name: str, message: str, code: str = "FORMAT") -> None:
        """Adds a fault at field `name` ("" is the mapping itself)."""
        field = ".".join(part for part in (self.path, name) if part)
        self.faults.append(ContentFault(self.place.file, self.place.item, field, code, message))

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._values.get(name) is not None

    def raw(self, name: str) -> object:
        """The value as it stands, None when it is missing."""
        self._asked.add(name)
        return self._values.get(name)

    def refuse_unknown(self) -> None:
        """A fault for each field that nobody asked for; call it last."""
        for name in self._values:
            if name not in self._asked:
                self.fault(shown(name)[1:-1], "unknown field; is it misspelt?")

    def string(self, name: str, pattern: re.Pattern[str] | None = None, longest: int = MAX_TEXT) -> str:
        """A text without outer spaces, of `pattern` when one is given."""
        value = self.raw(name)
        if value is None:
            self.fault(name, "is missing")
        elif not isinstance(value, str):
            self.fault(name, f"a text is expected, found {shown(value)}")
        elif len(value) > longest:
            self.fault(name, f"is longer than {longest} characters")
        elif bad := forbidden_character(value):
            self.fault(name, f"holds the character {bad}, which no text may hold")
        elif not value.strip():
            self.fault(name, "is empty")
        elif pattern is not None and not pattern.fullmatch(value.strip()):
            self.fault(name, f"{shown(value)} has not the expected form")
        else:
            return value.strip()
        return ""

    def optional(self, name: str, pattern: re.Pattern[str]) -> str | None:
        """A text of `pattern`, or None when the field is missing or null."""
        self._asked.add(name)
        return self.string(name, pattern, 80) if self.has(name) else None

    def whole(self, name: str, lowest: int, highest: int) -> int:
        """A whole number from `lowest` to `highest`."""
        value = self.raw(name)
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if value is None:
            self.fault(name, "is missing")
        elif isinstance(value, bool) or not isinstance(value, int):
            self.fault(name, f"a whole number is expected, found {shown(value)}")
        elif not lowest <= value <= highest:
            self.fault(name, f"a whole number from {lowest} to {highest} is expected, found {shown(value)}")
        else:
            return value
        return lowest

    def optional_whole(self, name: str, lowest: int, highest: int) -> int | None:
        """A whole number, or None when the field is missing or null."""
        self._asked.add(name)
        return self.whole(name, lowest, highest) if self.has(name) else None

    def decimal(self, name: str) -> Decimal:
        """A number read exactly from its text."""
        value = self.raw(name)
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and _DECIMAL.fullmatch(text.strip()):
            return Decimal(text.strip())
        expected = f"a number such as 12 or 0.5 is expected, found {shown(value)}"
        self.fault(name, "is missing" if value is None else expected)
        return Decimal(0)

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Truth value; `default` when the field is missing and a default is given."""
        value = self.raw(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        self.fault(name, "is missing" if value is None else f"true or false is expected, found {shown(value)}")
        return False

    def choice(self, name: str, choices: type[E]) -> E:
        """One of the words of `choices`."""
        value = self.raw(name)
        if isinstance(value, str) and value in {str(choice) for choice in choices}:
            return choices(value)
        expected = f"one of {', '.join(choices)} is expected, found {shown(value)}"
        self.fault(name, "is missing" if value is None else expected)
        return next(iter(choices))

    def optional_choice(self, name: str, choices: type[E]) -> E | None:
        """One of the words of `choices`, or None when the field is missing or null."""
        self._asked.add(name)
        return self.choice(name, choices) if self.has(name) else None

    def day(self, name: str) -> date | None:
        """A date YYYY-MM-DD, or None when the field is null; it must be there."""
        if name not in self._values:
            self.fault(name, "is missing; write null when the day is unknown or open")
        value = self.raw(name)
        if value is None:
            return None
        try:
            if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fault(name, f"a date such as 2026-04-01 is expected, found {shown(value)}")
        return None

    def text(self, name: str, extra: frozenset[str] = frozenset()) -> Text:
        """A text in both languages. extra: further fields of the same mapping that the caller reads itself."""
        if self.raw(name) is None:
            self.fault(name, "is missing", "C01")
            return Text("", "")
        return self.mapping(name).languages(extra)

    def languages(self, extra: frozenset[str] = frozenset()) -> Text:
        """This mapping itself as a text in both languages; a language that lacks or is empty is fault C01."""
        said = {}
        for language in LANGUAGES:
            value = self._values.get(language)
            if value is None or (isinstance(value, str) and not value.strip()):
                self._asked.add(language)
                self.fault(language, "the text in this language is missing", "C01")
                said[language] = ""
            else:
                said[language] = self.string(language)
        self._asked |= extra
        self.refuse_unknown()
        return Text(**said)

    def strings(self, name: str, pattern: re.Pattern[str], required: bool = False) -> tuple[str, ...]:
        """A list of distinct texts of `pattern`; empty when missing unless it is required."""
        found: list[str] = []
        for position, value in enumerate(self._entries(name, required), 1):
            if not isinstance(value, str) or len(value) > 80 or not pattern.fullmatch(value):
                self.fault(f"{name}.{position}", f"{shown(value)} has not the expected form")
            elif value in found:
                self.fault(f"{name}.{position}", f"{shown(value)} stands twice")
            else:
                found.append(value)
        return tuple(found)

    def lines(self, name: str) -> tuple[str, ...]:
        """A list of short free texts; empty when missing."""
        found: list[str] = []
        for position, value in enumerate(self._entries(name, required=False), 1):
            entry = Fields({"line": value}, self.place, "", [])
            line = entry.string("line", None, 400)
            if entry.faults:
                self.fault(f"{name}.{position}", entry.faults[0].message)
            found.append(line)
        return tuple(found)

    def mapping(self, name: str) -> "Fields":
        """The mapping in field `name`."""
        return Fields(self.raw(name), self.place, self._below(name), self.faults)

    def entries(self, name: str, pattern: re.Pattern[str], required: bool = False) -> Iterator["Fields"]:
        """The list of mappings in field `name`, each a place of its own: entries with ids of `pattern`."""
        for position, value in enumerate(self._entries(name, required), 1):
            yield entry_fields(value, self.place.file, (pattern, f"{self.place.item} {name}.{position}"), self.faults)

    def mappings(self, name: str, read: Callable[["Fields"], T], required: bool = False) -> tuple[T, ...]:
        """The list of mappings in field `name`, each by `read`; a place says an entry's id, else its number."""
        return tuple(read(fields) for fields in self._mappings(name, required))

    def _mappings(self, name: str, required: bool) -> Iterator["Fields"]:
        for position, value in enumerate(self._entries(name, required), 1):
            label = value.get("id") if isinstance(value, dict) else None
            known = isinstance(label, str) and PART_ID.fullmatch(label)
            yield Fields(value, self.place, self._below(f"{name}.{label if known else position}"), self.faults)

    def _below(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _entries(self, name: str, required: bool) -> list[object]:
        value = self.raw(name)
        if value is None and not required:
            return []
        if not isinstance(value, list):
            self.fault(name, "is missing" if value is None else f"a list is expected, found {shown(value)}")
        elif required and not value:
            self.fault(name, "is an empty list")
        elif len(value) > MAX_ENTRIES:
            self.fault(name, f"has more than {MAX_ENTRIES} entries")
        else:
            return value
        return []


def entry_fields(value: object, file: str, named: tuple[re.Pattern[str], str], faults: list[ContentFault]) -> Fields:
    """Fields of an entry of a file, placed under its id. named: form of ids, and what to say when the id has not it."""
    pattern, otherwise = named
    label = value.get("id") if isinstance(value, dict) else None
    known = isinstance(label, str) and len(label) <= 40 and pattern.fullmatch(label)
    return Fields(value, Place(file, str(label) if known else otherwise), "", faults)

"""A YAML file -> plain data, or why it is refused.

Files may come from strangers: size, depth, aliases, tags and links are bounded before anything is built, and every
scalar is read as text, so that numbers stay exact.
"""

from pathlib import Path
from typing import Final

import yaml

from question_bank.errors import ContentFault, ContentRefused
from question_bank.fields import shown

MAX_FILE_BYTES: Final = 2_000_000
MAX_DEPTH: Final = 12

Plain = None | str | list["Plain"] | dict[str, "Plain"]

# The parser written in C is fifty times faster; a build without it lacks the name.
_Parser: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS: Final = frozenset({"", "~", "null"})


def read_yaml(path: Path, inside: Path, file: str) -> Plain:
    """The document in a YAML file as plain data: mappings, lists, None, and every other scalar as its text.

    inside: folder that the file must lie in, links resolved. file: its name in faults. Raises ContentRefused when the
    file is too large, not UTF-8, not YAML, or uses aliases, tags, several documents or deep nesting.
    """
    try:
        return _document(_text_of(path, inside))
    except _Unreadable as fault:
        raise ContentRefused((ContentFault(file, "", "", "FORMAT", str(fault)),)) from None


class _Unreadable(Exception):
    """Why a file cannot be read, as a sentence."""


def _text_of(path: Path, inside: Path) -> str:
    try:
        if not path.resolve(strict=True).is_relative_to(inside.resolve(strict=True)):
            raise _Unreadable("is a link that leads out of the folder")
        if not path.is_file():  # opening a pipe would wait for a writer
            raise _Unreadable("is no plain file")
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, RuntimeError) as error:
        raise _Unreadable(f"cannot be opened: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > MAX_FILE_BYTES:
        raise _Unreadable(f"is larger than {MAX_FILE_BYTES} bytes; split it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable(f"is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    if "\0" in text:
        raise _Unreadable("holds a NUL character; it is no text file")
    return text


def _document(text: str) -> Plain:
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise _Unreadable(f"is not YAML: {line}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise _Unreadable(f"is not YAML: {shown(error)[1:-1]}") from None


class _Composer:
    """Builds plain data from the parser's events, so that nothing of YAML's cleverness is ever carried out."""

    def __init__(self, text: str) -> None:
        self._events = yaml.parse(text, Loader=_Parser)

    def document(self) -> Plain:
        """The one document of the stream."""
        found: Plain = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Unreadable("holds more than one document (a line ---)")
                found = self._node(self._next(), 1)
        return found

    def _next(self) -> yaml.Event:
        event: yaml.Event = next(self._events)
        return event

    def _node(self, event: yaml.Event, depth: int) -> Plain:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Unreadable(f"line {line}: anchors & and aliases * are not read; write the value out, in quotes")
        if getattr(event, "tag", None):
            raise _Unreadable(f"line {line}: tags such as !name are not read; put the value in quotes")
        if depth > MAX_DEPTH:
            raise _Unreadable(f"line {line}: is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth)
        assert isinstance(event, yaml.ScalarEvent)
        plain = event.style in {None, ""}
        return None if plain and event.value in _NULLS else str(event.value)

    def _sequence(self, depth: int) -> Plain:
        found: list[Plain] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._node(event, depth + 1))
        return found

    def _mapping(self, depth: int) -> Plain:
        found: dict[str, Plain] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Unreadable(f"line {line}: a key is a word, not a list or mapping")
            if event.value in found:
                raise _Unreadable(f"line {line}: the key {shown(event.value)} stands twice")
            self._node(event, depth)
            found[event.value] = self._node(self._next(), depth + 1)
        return found


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0

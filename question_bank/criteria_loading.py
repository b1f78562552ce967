"""Criteria, instruments and topics from their content files; every fault names file, code and field."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar, cast

import yaml

from question_bank.criteria import (
    Change,
    Criteria,
    Criterion,
    Edition,
    Fact,
    Grade,
    Instrument,
    NodeLevel,
    Source,
    Topic,
)
from question_bank.errors import ContentFault, ContentRefused
from question_bank.figures import COMPARISONS, UNITS, FigureLabel, rows_from
from question_bank.items import Certainty
from question_bank.texts import Text

SHIPPED: Final = Path(__file__).parent / "content"
VERIFY: Final = ("doc", "interview", "site", "sample")
KINDS: Final = ("decree", "bulletin", "document", "framework", "slides")
STANDINGS: Final = ("in_force", "historical", "unknown")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_E = TypeVar("_E", bound=StrEnum)


def load_criteria(folder: Path = SHIPPED) -> Criteria:
    """All criteria under `folder`/criteria; ContentRefused with every fault found when anything is wrong."""
    return _Loading(folder).load()


class _Entry:
    """One mapping of a file; what is missing or misshapen becomes a fault, and a harmless value goes on."""

    def __init__(self, loading: "_Loading", file: str, raw: object, name: str = "id") -> None:
        self.loading = loading
        self.file = file
        self.raw: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}
        self.id = str(self.raw.get(name, ""))
        if not self.id:
            self.fault(name, "is missing")

    def fault(self, field: str, message: str) -> None:
        """Note a fault of this entry."""
        self.loading.faults.append(ContentFault(self.file, self.id, field, "FORMAT", message))

    def text(self, field: str) -> Text:
        """A text in both languages."""
        found = self.optional_text(field)
        if found is None:
            self.fault(field, "is missing")
        return found or Text("", "")

    def optional_text(self, field: str) -> Text | None:
        """A text in both languages, or None when the field is absent or null."""
        raw = self.raw.get(field)
        return None if raw is None else self.as_text(raw, field)

    def as_text(self, raw: object, field: str) -> Text:
        """`raw` as a text; a fault when a language is missing or empty."""
        both = raw if isinstance(raw, Mapping) else {}
        said = {language: both.get(language) for language in ("zh", "en")}
        for language, words in said.items():
            if not isinstance(words, str) or not words.strip():
                self.fault(f"{field}.{language}", "must be a text that is not empty")
        return Text(str(said["zh"] or "").strip(), str(said["en"] or "").strip())

    def texts(self, field: str) -> dict[str, Text]:
        """A mapping of texts, empty when the field is absent."""
        raw = self.raw.get(field) or {}
        return {str(k): self.as_text(v, f"{field}.{k}") for k, v in cast("Mapping[object, object]", raw).items()}

    def word(self, field: str, allowed: tuple[str, ...] | None = None) -> str:
        """A string, one of `allowed` when given."""
        found = self.raw.get(field)
        if not isinstance(found, str) or (allowed is not None and found not in allowed):
            self.fault(field, "must be a string" if allowed is None else f"must be one of {', '.join(allowed)}")
            return "" if allowed is None else allowed[0]
        return found

    def optional_word(self, field: str) -> str | None:
        """A string, or None when absent or null."""
        return None if self.raw.get(field) is None else self.word(field)

    def words(self, field: str) -> tuple[str, ...]:
        """A list of strings, empty when absent."""
        raw = self.raw.get(field, [])
        if not isinstance(raw, list) or not all(isinstance(word, str) for word in raw):
            self.fault(field, "must be a list of strings")
            return ()
        return tuple(raw)

    def choice(self, field: str, kind: type[_E]) -> _E:
        """A member of an enumeration."""
        members = tuple(kind)
        return kind(self.word(field, tuple(member.value for member in members)))

    def day(self, field: str) -> date | None:
        """A date, or None when null."""
        found = self.raw.get(field)
        if found is not None and not isinstance(found, date):
            self.fault(field, "must be a date such as 2026-04-01, or null")
            return None
        return found

    def figures(self) -> dict[str, object]:
        """The figures, with floats turned into exact decimals and texts into both languages."""
        raw = self.raw.get("figures") or {}
        return {str(k): self._figure(v, f"figures.{k}") for k, v in cast("Mapping[object, object]", raw).items()}

    def _figure(self, raw: object, field: str) -> object:
        if isinstance(raw, float):
            return Decimal(str(raw))
        if isinstance(raw, list):
            return tuple(self._figure(part, field) for part in raw)
        if isinstance(raw, Mapping):
            if set(raw) == {"zh", "en"}:
                return self.as_text(raw, field)
            return {str(k): self._figure(part, f"{field}.{k}") for k, part in raw.items()}
        return raw


class _Loading:
    """One reading of a folder; it gathers faults and refuses at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[ContentFault] = []

    def load(self) -> Criteria:
        """The criteria, or ContentRefused."""
        sources = {e.id: self._source(e) for e in self._entries("sources.yaml", "sources")}
        instruments = {e.id: self._instrument(e) for e in self._entries("instruments.yaml", "instruments")}
        labels = {e.id: self._label(e) for e in self._entries("figures.yaml", "figures", "key")}
        editions: dict[str, Edition] = {}
        nodes: dict[str, Criterion] = {}
        for entry in self._entries("editions.yaml", "editions"):
            editions[entry.id] = self._edition(entry)
            for node in self._entries(entry.word("file"), "nodes", "code"):
                if node.id in nodes:
                    node.fault("code", "stands twice")
                nodes[node.id] = self._criterion(node, entry.id, sources, labels)
        topics = {e.id: self._topic(e) for e in self._entries("topics.yaml", "topics", "code")}
        self._check_editions(editions, nodes, instruments)
        self._check_nodes(nodes, topics)
        if self.faults:
            raise ContentRefused(tuple(self.faults))
        return Criteria(instruments, editions, sources, nodes, topics)

    def _entries(self, name: str, key: str, id_field: str = "id") -> Iterator[_Entry]:
        """The entries of a file's list `key`; a fault when the file cannot be read as that."""
        file = f"criteria/{name}"
        try:
            raw = yaml.load((self.folder / file).read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - safe loader
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            self.faults.append(ContentFault(file, "", "", "FORMAT", f"cannot be read: {error}"))
            return
        listed = raw.get(key) if isinstance(raw, dict) else None
        if not isinstance(listed, list):
            self.faults.append(ContentFault(file, "", key, "FORMAT", "must be a list"))
            return
        for part in listed:
            yield _Entry(self, file, part, id_field)

    def _source(self, e: _Entry) -> Source:
        return Source(e.id, e.choice("grade", Grade), e.text("name"))

    def _instrument(self, e: _Entry) -> Instrument:
        return Instrument(
            id=e.id,
            kind=e.word("kind", KINDS),
            name=e.text("name"),
            number=e.optional_text("number"),
            issued=e.day("issued"),
            effective_from=e.day("effective_from"),
            effective_to=e.day("effective_to"),
            standing=e.word("standing", STANDINGS),
            grade=e.choice("grade", Grade),
            note=e.optional_text("note"),
        )

    def _edition(self, e: _Entry) -> Edition:
        return Edition(
            id=e.id,
            root=e.word("root"),
            short=e.text("short"),
            title=e.text("title"),
            instrument=e.optional_word("instrument"),
            annex=e.optional_text("annex"),
            issued=e.day("issued"),
            effective_from=e.day("effective_from"),
            effective_to=e.day("effective_to"),
            historical=e.raw.get("historical") is True,
            grade=e.choice("grade", Grade),
            completeness=e.text("completeness"),
            note=e.optional_text("note"),
        )

    def _label(self, e: _Entry) -> FigureLabel:
        better = e.optional_word("better")
        return FigureLabel(
            key=e.id,
            row=e.optional_word("row") or e.id,
            label=e.text("label"),
            unit=e.word("unit", UNITS),
            comparison=e.word("comparison", tuple(COMPARISONS)),
            counter=e.optional_text("counter") or Text("", ""),
            better=better,
            better_in={code: str(way) for code, way in cast("Mapping[str, str]", e.raw.get("better_in") or {}).items()},
            counted=e.optional_text("counted"),
            base=e.optional_text("base"),
            values=e.texts("values"),
            parts=e.texts("parts"),
        )

    def _criterion(
        self, e: _Entry, edition: str, sources: Mapping[str, Source], labels: Mapping[str, FigureLabel]
    ) -> Criterion:
        named = e.words("sources")
        for source in named:
            if source not in sources:
                e.fault("sources", f"names {source}, which is not in sources.yaml")
        figures, disputed = e.figures(), e.words("disputed")
        try:
            rows = rows_from(figures, labels, e.id, disputed)
        except KeyError as missing:
            e.fault("figures", f"has {missing}, which has no label in figures.yaml")
            rows = ()
        return Criterion(
            code=e.id,
            edition=edition,
            level=e.choice("level", NodeLevel),
            official_no=e.optional_word("official_no"),
            title=e.text("title"),
            text=e.text("text"),
            parent=e.optional_word("parent"),
            grade=_best_grade([sources[source].grade for source in named if source in sources]),
            sources=named,
            figures=figures,
            rows=rows,
            disputed=disputed,
            verify=e.words("verify"),
            counterparts=e.words("counterparts") + e.words("own_matching"),
            own_matching=e.words("own_matching"),
            change=None if e.raw.get("change") is None else e.choice("change", Change),
            note=e.optional_text("note"),
        )

    def _topic(self, e: _Entry) -> Topic:
        raw = e.raw.get("facts") or []
        numbered = enumerate(cast("list[dict[str, object]]", raw), 1)
        facts = (_Entry(self, e.file, {**part, "id": f"{e.id} fact {n}"}) for n, part in numbered)
        return Topic(
            code=e.id,
            title=e.text("title"),
            text=e.text("text"),
            parent=e.optional_word("parent"),
            as_of=e.word("as_of"),
            facts=tuple(
                Fact(f.word("as_of"), f.text("text"), f.choice("certainty", Certainty), f.text("source")) for f in facts
            ),
        )

    def _check_editions(
        self, editions: Mapping[str, Edition], nodes: Mapping[str, Criterion], instruments: Mapping[str, Instrument]
    ) -> None:
        for edition in editions.values():
            if edition.root not in nodes:
                self._lost("editions.yaml", edition.id, "root", edition.root)
            if edition.instrument is not None and edition.instrument not in instruments:
                self._lost("editions.yaml", edition.id, "instrument", edition.instrument)

    def _check_nodes(self, nodes: Mapping[str, Criterion], topics: Mapping[str, Topic]) -> None:
        for node in nodes.values():
            file = f"{node.edition}.yaml"
            if node.parent is not None and (node.parent not in nodes or nodes[node.parent].edition != node.edition):
                self._lost(file, node.code, "parent", node.parent)
            wrong = [("counterparts", other) for other in node.counterparts if other not in nodes]
            wrong += [("verify", word) for word in node.verify if word not in VERIFY]
            for field, name in wrong:
                self._lost(file, node.code, field, name)
        for topic in topics.values():
            if topic.parent is not None and topic.parent not in topics:
                self._lost("topics.yaml", topic.code, "parent", topic.parent)

    def _lost(self, file: str, code: str, field: str, name: str) -> None:
        message = f"names {name}, which does not exist"
        self.faults.append(ContentFault(f"criteria/{file}", code, field, "FORMAT", message))


def _best_grade(grades: list[Grade]) -> Grade:
    """The grade of the source that carries the wording: a copy of the official file before slides and notes on it."""
    for grade in (Grade.OFFICIAL_COPY, Grade.OFFICIAL, Grade.SECONDARY):
        if grade in grades:
            return grade
    return Grade.UNVERIFIED

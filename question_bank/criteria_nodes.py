"""What criteria are made of: instruments 依据文件, editions 标准版本, criteria 标准项, and dated topics.

Wording is this platform's own, never the official text. Everything here is immutable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from question_bank.figures import FigureRow
from question_bank.items import Certainty
from question_bank.texts import Text


class Grade(StrEnum):
    """How near a source is to the official text; an official copy is the official file, carried by a third party."""

    OFFICIAL = "official"
    OFFICIAL_COPY = "official_copy"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"

    @property
    def certainty(self) -> Certainty:
        """The certainty 可信程度 that a text of this grade has."""
        return Certainty.OFFICIAL if self is Grade.OFFICIAL_COPY else Certainty(self.value)


class NodeLevel(StrEnum):
    """Where a node of an edition stands: 标准 root, 大类, 节, 业务类型, 标准项."""

    ROOT = "root"
    CATEGORY = "category"
    SECTION = "section"
    BUSINESS_CLASS = "business_class"
    ITEM = "item"


class Change(StrEnum):
    """What became of a subject since the edition before: 新, 改, 未变."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class InstrumentKind(StrEnum):
    """What an instrument is: 令, 公告, 文件, 框架或安排, 幻灯片."""

    DECREE = "decree"
    BULLETIN = "bulletin"
    DOCUMENT = "document"
    FRAMEWORK = "framework"
    SLIDES = "slides"


class Standing(StrEnum):
    """Whether an instrument is in force: 施行中, 历史, 不明."""

    IN_FORCE = "in_force"
    HISTORICAL = "historical"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a wording was read. name: instrument, number, date, never a link."""

    id: str
    grade: Grade
    name: Text


@dataclass(frozen=True, slots=True)
class Instrument:
    """A decree, bulletin, document, framework or set of slides.

    issued, effective_from, effective_to: None when unknown; an instrument in force has no effective_to.
    """

    id: str
    kind: InstrumentKind
    name: Text
    number: Text | None
    issued: date | None
    effective_from: date | None
    effective_to: date | None
    standing: Standing
    grade: Grade
    note: Text | None = None

    @property
    def certainty(self) -> Certainty:
        """How certain these particulars are."""
        return self.grade.certainty


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated set of criteria 标准版本. root: code of its tree. instrument: id, None where none is named.

    effective_from None: the first day is unknown. effective_to None: in force, or unknown where `historical`.
    """

    id: str
    root: str
    short: Text
    title: Text
    instrument: str | None
    annex: Text | None
    issued: date | None
    effective_from: date | None
    effective_to: date | None
    historical: bool
    grade: Grade
    completeness: Text
    note: Text | None = None

    @property
    def certainty(self) -> Certainty:
        """How certain the particulars of the edition are."""
        return self.grade.certainty


@dataclass(frozen=True, slots=True)
class Criterion:
    """A node of an edition, from the root to a single criterion 标准项.

    title: short heading. text: own wording. figures: limits by key (Decimal, str, Text, a tuple or mapping of these);
    rows: the same, ready to be shown.
    disputed: figure keys on which no answer key may rest until the official text is read. verify: "doc", "interview",
    "site", "sample". counterparts: codes of the same subject in other editions; own_matching: those of them that this
    platform matched itself. change: against the edition before, None where it cannot be told.
    """

    code: str
    edition: str
    level: NodeLevel
    official_no: str | None
    title: Text
    text: Text
    parent: str | None
    grade: Grade
    sources: tuple[str, ...]
    figures: Mapping[str, object] = field(default_factory=dict, hash=False)
    rows: tuple[FigureRow, ...] = ()
    disputed: tuple[str, ...] = ()
    verify: tuple[str, ...] = ()
    counterparts: tuple[str, ...] = ()
    own_matching: tuple[str, ...] = ()
    change: Change | None = None
    note: Text | None = None

    @property
    def certainty(self) -> Certainty:
        """How certain the wording and the figures are."""
        return self.grade.certainty


@dataclass(frozen=True, slots=True)
class Fact:
    """A dated fact of a topic. as_of: "2026-02" or a day. source names instrument, number, date and grade."""

    as_of: str
    text: Text
    certainty: Certainty
    source: Text


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the programme that no edition holds, with the facts it rests on."""

    code: str
    title: Text
    text: Text
    parent: str | None
    as_of: str
    facts: tuple[Fact, ...] = ()

    @property
    def certainty(self) -> Certainty:
        """The best certainty among its facts: an item states its own, by the fact it uses, and never a better one."""
        known = {fact.certainty for fact in self.facts}
        return next((level for level in Certainty if level in known), Certainty.UNVERIFIED)


Node = Criterion | Topic

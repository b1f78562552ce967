"""Blueprints 双向细目表: what a paper must cover, and which items may stand on one.

A blueprint counts items in cells: rows (named groups of sections) by knowledge level by band of difficulty. A case
counts by its items, each in its own cell. An item with codes in several rows counts in each of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from question_bank.items import Certainty, Item, Kind, Level
from question_bank.texts import Text


class CriteriaTree(Protocol):
    """What this library must know of the criteria; `question_bank.criteria.Criteria` is one."""

    def section_of(self, code: str) -> str:
        """Code of the section, business class or topic of the first level above `code`; KeyError when unknown."""

    def interval(self, codes: Iterable[str]) -> tuple[date | None, date | None]:
        """First and last day on which all of `codes` are in force; None where unknown or open."""


class Purpose(StrEnum):
    """What a form is for: 入学测试, 认证考试, 模拟练习."""

    ENTRY = "entry"
    CERTIFICATION = "certification"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from minimum to maximum, both included; None is open."""

    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a named group of sections, business classes and topics of the first level, by code."""

    id: str
    title: Text
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quota:
    """A number of items for a cell or a margin.

    row, level, difficulty (percent, both ends included): None means any.
    """

    row: str | None
    level: Level | None
    difficulty: Range | None
    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True)
class KindLimit:
    """How many items of a kind, and at most which share of the form's points, in percent."""

    kind: Kind
    minimum: int = 0
    maximum: int | None = None
    points_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut score in percent of the points, and in a sentence what it rests on."""

    percent: int
    basis: Text


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a form must cover.

    items: of the whole form, those of cases included. points: of the whole form. predicted: percent of its points that
    trained candidates are predicted to earn. certainty: of items that may be drawn. cut: None when each form gets its
    own cut score.
    """

    id: str
    title: Text
    purpose: Purpose
    items: int
    minutes: int
    rows: tuple[Row, ...]
    quotas: tuple[Quota, ...]
    kinds: tuple[KindLimit, ...] = ()
    cases: Range = Range()
    points: Range = Range()
    predicted: Range = Range()
    certainty: tuple[Certainty, ...] = (Certainty.OFFICIAL, Certainty.SECONDARY)
    cut: Cut | None = None

    def row_ids_of(self, item: Item, criteria: CriteriaTree) -> frozenset[str]:
        """Ids of the rows in which `item` counts."""
        sections = {criteria.section_of(code) for code in item.codes}
        return frozenset(row.id for row in self.rows if not sections.isdisjoint(row.sections))


class Reason(StrEnum):
    """Why an item may not be drawn: a sentence. `said` gives it in both languages."""

    SECRET = "The item is secret."  # noqa: S105 a sentence, no password
    PUBLIC = "The item is public; a certification paper draws secret items only."
    UNCONFIRMED = "No named reviewer has confirmed the item against the official text."
    UNVERIFIED = "The item rests on an unverified source."
    START_UNKNOWN = "The first day on which the item is in force is unknown."
    NOT_YET = "The item is not yet in force."
    CLOSED = "The item is no longer in force."
    CERTAINTY = "The blueprint does not admit this certainty."
    OUTSIDE = "No code of the item lies in a row of the blueprint."
    UNKNOWN_CODE = "The item cites a code that the criteria do not have."
    EXPOSED = "The item has stood on as many forms as it may."
    CASE = "Another item of its case may not be drawn."

    @property
    def said(self) -> Text:
        """The reason in both languages."""
        return Text(_CHINESE[self], str(self))


_CHINESE = {
    Reason.SECRET: "该题为保密题。",
    Reason.PUBLIC: "该题已公开；认证试卷只抽取保密题。",
    Reason.UNCONFIRMED: "尚无具名审题人对照官方文本确认该题。",
    Reason.UNVERIFIED: "该题所依据的来源未核实。",
    Reason.START_UNKNOWN: "该题的施行起始日不明。",
    Reason.NOT_YET: "该题尚未施行。",
    Reason.CLOSED: "该题已不再施行。",
    Reason.CERTAINTY: "蓝图不接受该题的确定程度。",
    Reason.OUTSIDE: "该题的编码均不在蓝图的任何一行内。",
    Reason.UNKNOWN_CODE: "该题引用了标准中没有的编码。",
    Reason.EXPOSED: "该题已达到曝光次数上限。",
    Reason.CASE: "同一案例中的另一题不能抽取。",
}


def eligible(item: Item, purpose: Purpose, day: date, *, demonstration: bool, confirmed: bool) -> Reason | None:
    """Why `item` may not stand on a form for `purpose` on `day`; None when it may.

    demonstration: whether the site is marked as a demonstration. confirmed: whether a named reviewer has confirmed this
    version of the item against the official text.
    """
    return _OF_PURPOSE[purpose](item, day, demonstration, confirmed)


def _why_not_practice(item: Item, day: date, _demonstration: bool, _confirmed: bool) -> Reason | None:
    if not item.public:
        return Reason.SECRET
    return Reason.NOT_YET if item.effective_from is not None and day < item.effective_from else None


def _why_not_entry(item: Item, day: date, _demonstration: bool, _confirmed: bool) -> Reason | None:
    return _why_not_sitting(item, day) if item.public else Reason.SECRET


def _why_not_certification(item: Item, day: date, demonstration: bool, confirmed: bool) -> Reason | None:
    if not demonstration and item.public:
        return Reason.PUBLIC
    if not demonstration and not confirmed:
        return Reason.UNCONFIRMED
    return _why_not_sitting(item, day)


def _why_not_sitting(item: Item, day: date) -> Reason | None:
    if item.certainty is Certainty.UNVERIFIED:
        return Reason.UNVERIFIED
    if item.effective_from is None:
        return Reason.START_UNKNOWN
    if item.in_force_on(day):
        return None
    return Reason.NOT_YET if day < item.effective_from else Reason.CLOSED


_OF_PURPOSE: dict[Purpose, Callable[[Item, date, bool, bool], Reason | None]] = {
    Purpose.PRACTICE: _why_not_practice,
    Purpose.ENTRY: _why_not_entry,
    Purpose.CERTIFICATION: _why_not_certification,
}

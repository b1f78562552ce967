"""Items 题 and cases 案例: what they are made of.

Kinds: single choice 单选, multiple choice 多选, true/false 判断, numeric 数值, ordering 排序, matching 匹配.
A case is a shared text or table with three to five items of these kinds. Everything here is immutable; a changed item
is a new version.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from question_bank.texts import Text


class Kind(StrEnum):
    """The six kinds of item."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"
    ORDERING = "ordering"
    MATCHING = "matching"


class Level(StrEnum):
    """Knowledge level: 识记, 应用, 分析."""

    RECALL = "recall"
    APPLY = "apply"
    ANALYSE = "analyse"


class Certainty(StrEnum):
    """How near a fact's source is to the official text: 官方, 二手, 未核实."""

    OFFICIAL = "official"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


class Rule(StrEnum):
    """Scoring rule: all or nothing; 少选得分、错选不得分; a step each matched pair; a step each pair of neighbours."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL = "partial"
    PER_PAIR = "per_pair"
    NEIGHBOURS = "neighbours"


class ErrorClass(StrEnum):
    """What a wrong answer gets wrong; each distractor belongs to one class."""

    OTHER_GRADE = "other_grade"
    OTHER_EDITION = "other_edition"
    OTHER_SUBJECT = "other_subject"
    EXCEPTION_IGNORED = "exception_ignored"
    WRONG_SPLIT = "wrong_split"
    WRONG_BASE = "wrong_base"
    UNIT_SLIP = "unit_slip"
    WRONG_PERIOD = "wrong_period"
    TOO_STRICT = "too_strict"
    TOO_LAX = "too_lax"
    HABIT = "habit"


@dataclass(frozen=True, slots=True)
class Scoring:
    """The rule that turns a response into whole points. step: points for each right part (0 with all or nothing)."""

    rule: Rule
    step: int = 0


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a single, multiple or true/false item. error: class of a distractor, None for a key."""

    id: str
    text: Text
    reason: Text
    key: bool
    error: ErrorClass | None = None


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """A wrong number that candidates are expected to type, and why it is wrong."""

    value: Decimal
    error: ErrorClass
    reason: Text


@dataclass(frozen=True, slots=True)
class NumericKey:
    """The number asked for. tolerance: absolute, same unit. decimals: how many the stem asks for."""

    value: Decimal
    tolerance: Decimal
    decimals: int
    unit: Text
    errors: tuple[ExpectedError, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """A part of an ordering item. sort: the distinct key by which the true order goes."""

    id: str
    text: Text
    sort: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Premise:
    """The left side of a matching item with the id of its one right response."""

    id: str
    text: Text
    response: str
    reason: Text


@dataclass(frozen=True, slots=True)
class MatchResponse:
    """The right side of a matching item."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Waiver:
    """A listed warning that a named person accepts, with the reason."""

    code: str
    reason: str
    name: str
    date: date


@dataclass(frozen=True, slots=True)
class Item:
    """One version of an item.

    codes: criteria or topics it counts for. borrowed: codes whose figures only distractors use. instruments: ids of the
    instruments it names. effective_from None: the first day is unknown, so it is never drawn for a sitting.
    difficulty: predicted share of points, in percent. points: whole points. enemies: ids that never stand on one form
    with it. working: lines of arithmetic such as `235 * 10 % = 23.5`. case: id of the case it belongs to.
    Exactly one of options, numeric, elements and premises is filled, by kind.
    """

    id: str
    kind: Kind
    codes: tuple[str, ...]
    instruments: tuple[str, ...]
    effective_from: date | None
    effective_to: date | None
    as_of: str | None
    certainty: Certainty
    level: Level
    difficulty: int
    points: int
    scoring: Scoring
    public: bool
    stem: Text
    rationale: Text
    source: Text
    options: tuple[Option, ...] = ()
    numeric: NumericKey | None = None
    elements: tuple[Element, ...] = ()
    premises: tuple[Premise, ...] = ()
    responses: tuple[MatchResponse, ...] = ()
    reuse: bool = False
    borrowed: tuple[str, ...] = ()
    enemies: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    comparison: bool = False
    working: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    case: str | None = None

    def in_force_on(self, day: date) -> bool:
        """Whether a paper for `day` may draw the item: from a known first day to the last day, both included."""
        started = self.effective_from is not None and self.effective_from <= day
        return started and (self.effective_to is None or day <= self.effective_to)

    @property
    def key_ids(self) -> frozenset[str]:
        """Ids of the right options; empty for kinds without options."""
        return frozenset(option.id for option in self.options if option.key)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a case's table, under the heading of its group."""

    group: Text
    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Case:
    """A shared stimulus; a form takes or leaves it with all its items, in this order."""

    id: str
    title: Text
    text: Text
    rows: tuple[CaseRow, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Bank:
    """Items that stand alone and cases with theirs, in the order of their files."""

    items: tuple[Item, ...]
    cases: tuple[Case, ...]

    def all_items(self) -> tuple[Item, ...]:
        """Every item, those of cases included."""
        return self.items + tuple(item for case in self.cases for item in case.items)

"""Figures of the criteria as rows for people and as numbers for checks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from question_bank.figure_numbers import plain_number
from question_bank.texts import Text


class Unit(StrEnum):
    """What a figure counts; it decides how the number is written."""

    NUMBER = "number"
    CNY = "cny"
    PERCENT = "percent"
    RATIO = "ratio"
    YEARS = "years"
    YEARS_BACK = "years_back"
    TEXT = "text"


class Comparison(StrEnum):
    """How a value stands to its limit: 不超过, 至少, 大于, 不足, ≤ beside what a ratio counts, or the value itself."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"
    FEWER_THAN = "fewer_than"
    WITHIN = "within"
    EXACTLY = "exactly"


COMPARISON_WORDS: Final[Mapping[Comparison, Text]] = {
    Comparison.AT_MOST: Text("不超过", "at most "),
    Comparison.AT_LEAST: Text("至少", "at least "),
    Comparison.ABOVE: Text("大于", "above "),
    Comparison.FEWER_THAN: Text("不足", "fewer than "),
    Comparison.WITHIN: Text("≤", "≤ "),
    Comparison.EXACTLY: Text("", ""),
}


class FigureChange(StrEnum):
    """How a figure stands to that of another edition: 未变, 收紧, 放宽, 换计法, 换基数, 改, and present in one only."""

    UNCHANGED = "unchanged"
    TIGHTENED = "tightened"
    RELAXED = "relaxed"
    OTHER_COUNT = "other_count"
    OTHER_BASE = "other_base"
    CHANGED = "changed"
    ADDED = "added"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class FigureLabel:
    """How figures under one key are said.

    row: what lines figures of several editions up. counter: 次, 票 after the number; English "one|many". better: the
    direction that asks more of a firm, "lower" or "higher"; better_in: other direction for single codes. counted, base:
    what a ratio counts and of what it is a share. parts: labels of a nested mapping.
    """

    key: str
    row: str
    label: Text
    unit: Unit
    comparison: Comparison
    counter: Text
    better: str | None
    better_in: Mapping[str, str]
    counted: Text | None
    base: Text | None
    parts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure, ready to be shown. key: equal where editions speak of the same thing.

    comparable: the bare number, None for texts. better: the direction that asks more of a firm. disputed: no answer key
    may rest on it until the official text is read. position: where the row stands among all rows of all criteria.
    """

    key: str
    label: Text
    value: Text
    comparable: Decimal | None
    better: str | None
    disputed: bool = False
    position: int = field(default=0, compare=False)


class Figured(Protocol):
    """What has rows of figures: a criterion."""

    @property
    def rows(self) -> tuple[FigureRow, ...]:
        """The rows, in the order of the labels."""


def figure_rows(criterion: Figured) -> tuple[FigureRow, ...]:
    """The figures of a criterion as rows in both languages, in one order for all criteria."""
    return criterion.rows


@dataclass(frozen=True, slots=True)
class AlignedFigures:
    """One line of a table of figures: the row of each column, None where that criterion has no such figure."""

    key: str
    label: Text
    cells: tuple[FigureRow | None, ...]

    def change(self, older: int, newer: int) -> FigureChange | None:
        """What became of the figure between two columns; None when neither has it."""
        return change_between(self.cells[older], self.cells[newer])


def figure_table(columns: Sequence[Figured | None]) -> tuple[AlignedFigures, ...]:
    """The figures of several criteria side by side; a column may be empty."""
    by_column = [{row.key: row for row in column.rows} if column is not None else {} for column in columns]
    every = sorted((row for rows in by_column for row in rows.values()), key=lambda row: row.position)
    labels = {row.key: row.label for row in every}
    lines = ((key, label, tuple(rows.get(key) for rows in by_column)) for key, label in labels.items())
    return tuple(AlignedFigures(key, label, cells) for key, label, cells in lines)


def change_between(older: FigureRow | None, newer: FigureRow | None) -> FigureChange | None:
    """What became of a figure; None when there is none on either side."""
    if older is None or newer is None:
        only = {(True, False): FigureChange.ADDED, (False, True): FigureChange.DROPPED}
        return only.get((older is None, newer is None))
    if older.value == newer.value:
        return FigureChange.UNCHANGED
    if older.comparable is None or newer.comparable is None:
        return FigureChange.OTHER_BASE if newer.key.endswith(".base") else FigureChange.CHANGED
    if older.comparable == newer.comparable:
        return FigureChange.OTHER_COUNT
    if newer.better is None:
        return FigureChange.CHANGED
    stricter = newer.comparable > older.comparable if newer.better == "higher" else newer.comparable < older.comparable
    return FigureChange.TIGHTENED if stricter else FigureChange.RELAXED


def rows_from(
    figures: Mapping[str, object], labels: Mapping[str, FigureLabel], code: str, disputed: Sequence[str]
) -> tuple[FigureRow, ...]:
    """Rows of the figures of criterion `code`, in the order of `labels`; KeyError when a figure has no label."""
    for key in figures:
        if key not in labels:
            raise KeyError(key)
    return tuple(
        replace(row, position=position)
        for position, (key, label) in enumerate(labels.items())
        if key in figures
        for row in _rows_of(label, figures[key], code, disputed=key in disputed)
    )


def _rows_of(label: FigureLabel, value: object, code: str, *, disputed: bool) -> Iterator[FigureRow]:
    """The rows of one figure: several for a nested mapping, and one more for the base of a ratio."""
    better = label.better_in.get(code, label.better)
    parts = value if isinstance(value, Mapping) else {"": value}
    for name, part in parts.items():
        said = label.label if name == "" else _joined(label.label, label.parts[name])
        key = label.row if name == "" else f"{label.row}.{name}"
        number = plain_number(part)
        yield FigureRow(key, said, _said(label, part), number, better if number is not None else None, disputed)
    if label.base is not None:
        yield FigureRow(f"{label.row}.base", Text("比例的基数", "Base of the ratio"), label.base, None, None, disputed)


def _joined(label: Text, part: Text) -> Text:
    return Text(f"{label.zh}：{part.zh}", f"{label.en}: {part.en}")


def _said(label: FigureLabel, value: object) -> Text:
    """The value with its comparison word and unit, in both languages."""
    if isinstance(value, Text):
        return value
    if isinstance(value, tuple):
        return Text("；".join(_said(label, v).zh for v in value), "; ".join(_said(label, v).en for v in value))
    if not isinstance(value, int | Decimal):
        return Text(str(value), str(value))
    word, number = COMPARISON_WORDS[label.comparison], _formatted(Decimal(value), label.unit)
    one, _, many = label.counter.en.partition("|")
    counter_en = one if Decimal(value) == 1 or not many else many
    counted = label.counted or Text("", "")
    zh = f"{counted.zh}{word.zh}{number.zh}{label.counter.zh}"
    en = " ".join(part for part in (counted.en, f"{word.en}{number.en}", counter_en) if part)
    return Text(zh, en)


def _formatted(value: Decimal, unit: Unit) -> Text:
    """A bare number in the manner of its unit."""
    plain = f"{value:,f}"
    if unit is Unit.CNY:
        zh = f"{_trimmed(value / 10000)}万元" if value >= 10000 else f"{plain}元"
        return Text(zh, f"CNY {plain}")
    if unit is Unit.PERCENT:
        return Text(f"{plain}%", f"{plain}%")
    if unit is Unit.RATIO:
        mille = _trimmed(value * 1000)
        if value >= Decimal("0.001"):
            return Text(f"{mille}‰", f"{mille}‰")
        tenth = _trimmed(value * 10000)
        return Text(f"万分之{'零一二三四五六七八九'[int(tenth)]}", f"{tenth}/10,000")
    if unit is Unit.YEARS_BACK:
        return Text(f"{plain}年内", f"within the past {plain} {'year' if value == 1 else 'years'}")
    return Text(plain, plain)


def _trimmed(value: Decimal) -> str:
    return f"{value.normalize():f}"

"""The coverage sheet of a form: what the blueprint wanted, what was drawn, and a hash over both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, Final

from question_bank.blueprint import Blueprint, Range
from question_bank.demands import Demand, Unit, is_within
from question_bank.items import Certainty, Kind, Level
from question_bank.serialising import content_hash, hash_of_json
from question_bank.texts import Text

EASY: Final = Range(80, 100)
MIDDLE: Final = Range(60, 79)
HARD: Final = Range(0, 59)
BANDS: Final = (
    (Text("易", "easy"), EASY),
    (Text("中", "middle"), MIDDLE),
    (Text("难", "hard"), HARD),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One demand of the blueprint and what the form holds. minimum, maximum: None where nothing is demanded."""

    title: Text
    minimum: int | None
    maximum: int | None
    drawn: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A row by a level. wanted: of the quota for just this cell; None when the blueprint names none."""

    row: str
    level: Level
    wanted: Range | None
    drawn: int


@dataclass(frozen=True, slots=True)
class KindLine:
    """Items and points of a kind."""

    kind: Kind
    items: int
    points: int


@dataclass(frozen=True, slots=True)
class CoverageSheet:
    """What a form covers. predicted: the points that trained candidates are predicted to earn, in hundredths.

    cells: every row by every level. lines: every counted demand. bands: easy, middle, hard. cases: ids.
    content_hash: over everything else on the sheet.
    """

    blueprint: str
    blueprint_hash: str
    seed: str
    day: date
    items: int
    points: int
    predicted: int
    cells: tuple[Cell, ...]
    lines: tuple[Line, ...]
    kinds: tuple[KindLine, ...]
    bands: tuple[Line, ...]
    certainty: tuple[tuple[Certainty, int], ...]
    instruments: tuple[tuple[str, int], ...]
    cases: tuple[str, ...]
    form_hash: str
    content_hash: str = ""

    @property
    def difficulty_mean(self) -> Fraction:
        """Predicted share of the points, in percent."""
        return Fraction(self.predicted, self.points)

    def as_json(self) -> dict[str, Any]:
        """The sheet, JSON-ready; its content_hash is the hash of all the rest."""
        return _without_hash(self) | {"content_hash": self.content_hash}


def coverage_of(
    identity: tuple[Blueprint, str, date, str],
    units: Sequence[Unit],
    rows_of: Mapping[str, frozenset[str]],
    demands: Sequence[Demand],
) -> CoverageSheet:
    """The sheet of a form of `units`. identity: blueprint, seed, day and hash of the form; rows_of: item id -> rows."""
    blueprint, seed, day, form_hash = identity
    items = [item for unit in units for item in unit]
    sheet = CoverageSheet(
        blueprint=blueprint.id,
        blueprint_hash=content_hash(blueprint),
        seed=seed,
        day=day,
        items=len(items),
        points=sum(item.points for item in items),
        predicted=sum(item.points * item.difficulty for item in items),
        cells=_cells(blueprint, items, rows_of),
        lines=tuple(_line(demand, units) for demand in demands if demand.counted),
        kinds=tuple(line for kind in Kind if (line := _kind_line(kind, items)).items),
        bands=tuple(
            Line(title, None, None, sum(is_within(i.difficulty, band) for i in items)) for title, band in BANDS
        ),
        certainty=tuple(sorted(Counter(item.certainty for item in items).items())),
        instruments=tuple(sorted(Counter(name for item in items for name in item.instruments).items())),
        cases=tuple(unit[0].case for unit in units if unit[0].case),
        form_hash=form_hash,
    )
    return replace(sheet, content_hash=hash_of_json(_without_hash(sheet)))


def is_untouched(sheet: dict[str, Any]) -> bool:
    """Whether a sheet of `as_json` still has the content that its hash was taken over."""
    claimed = str(sheet.get("content_hash"))
    return hash_of_json({key: value for key, value in sheet.items() if key != "content_hash"}) == claimed


def _cells(blueprint: Blueprint, items: Unit, rows_of: Mapping[str, frozenset[str]]) -> tuple[Cell, ...]:
    wanted = {
        (quota.row, quota.level): Range(quota.minimum, quota.maximum)
        for quota in blueprint.quotas
        if quota.difficulty is None
    }
    drawn = Counter((row, item.level) for item in items for row in rows_of[item.id])
    return tuple(
        Cell(row.id, level, wanted.get((row.id, level)), drawn[row.id, level])
        for row in blueprint.rows
        for level in Level
    )


def _line(demand: Demand, units: Sequence[Unit]) -> Line:
    return Line(demand.title, demand.lower, demand.upper, sum(demand.weigh(unit) for unit in units))


def _kind_line(kind: Kind, items: Unit) -> KindLine:
    points = [item.points for item in items if item.kind is kind]
    return KindLine(kind, len(points), sum(points))


def _without_hash(sheet: CoverageSheet) -> dict[str, Any]:
    return {
        "blueprint": {"id": sheet.blueprint, "hash": sheet.blueprint_hash},
        "seed": sheet.seed,
        "day": sheet.day.isoformat(),
        "items": sheet.items,
        "points": sheet.points,
        "predicted_hundredths": sheet.predicted,
        "cells": [_cell_to_json(cell) for cell in sheet.cells],
        "lines": [_line_to_json(line) for line in sheet.lines],
        "kinds": [{"kind": str(line.kind), "items": line.items, "points": line.points} for line in sheet.kinds],
        "bands": [_line_to_json(line) for line in sheet.bands],
        "certainty": {str(certainty): count for certainty, count in sheet.certainty},
        "instruments": dict(sheet.instruments),
        "cases": list(sheet.cases),
        "form_hash": sheet.form_hash,
    }


def _cell_to_json(cell: Cell) -> dict[str, Any]:
    wanted = {"minimum": cell.wanted.minimum, "maximum": cell.wanted.maximum} if cell.wanted else None
    return {"row": cell.row, "level": str(cell.level), "wanted": wanted, "drawn": cell.drawn}


def _line_to_json(line: Line) -> dict[str, Any]:
    return {
        "title": {"zh": line.title.zh, "en": line.title.en},
        "minimum": line.minimum,
        "maximum": line.maximum,
        "drawn": line.drawn,
    }

"""What a blueprint demands of a form, as a list of counted demands: one for each line that a form must keep."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from question_bank.blueprint import Blueprint, KindLimit, Quota, Range
from question_bank.items import Item, Kind, Level
from question_bank.texts import Text

LEVEL_TITLES: Final = {
    Level.RECALL: Text("识记", "recall"),
    Level.APPLY: Text("应用", "apply"),
    Level.ANALYSE: Text("分析", "analyse"),
}
KIND_TITLES: Final = {
    Kind.SINGLE: Text("单选", "single choice"),
    Kind.MULTIPLE: Text("多选", "multiple choice"),
    Kind.TRUE_FALSE: Text("判断", "true/false"),
    Kind.NUMERIC: Text("数值", "numeric"),
    Kind.ORDERING: Text("排序", "ordering"),
    Kind.MATCHING: Text("匹配", "matching"),
}


Unit = Sequence[Item]


@dataclass(frozen=True, slots=True)
class Demand:
    """A sum over the units of a form that must lie from lower to upper; None: no bound.

    weigh: what a unit (an item by itself, or all items of a case) adds to the sum. counted: the sum is a number that
    people know, such as items of a cell; a share of points is not, it only must not leave its bounds. family: counts of
    items that share out a form in the same way, such as "level" or "kind"; empty for sums that are no count of items.
    by_difficulty: weighs every item by its predicted difficulty, so that hardly two units weigh the same.
    """

    title: Text
    lower: int | None
    upper: int | None
    weigh: Callable[[Unit], int]
    counted: bool = True
    family: str = ""
    by_difficulty: bool = False


def demands_of(blueprint: Blueprint, rows_of: Mapping[str, frozenset[str]]) -> tuple[Demand, ...]:
    """Every demand of the blueprint. rows_of: id of an item -> ids of the rows in which it counts."""
    demands = [_items(blueprint)]
    demands += [_quota(quota, blueprint, rows_of) for quota in blueprint.quotas]
    for limit in blueprint.kinds:
        demands += _kind(limit)
    for title, wanted, weigh in (
        (Text("案例数", "cases"), blueprint.cases, _cases_in),
        (Text("总分", "points in all"), blueprint.points, _points_in),
    ):
        if wanted != Range():
            demands.append(Demand(title, wanted.minimum or None, wanted.maximum, weigh))
    return (*demands, *_predicted(blueprint.predicted))


def quota_title(quota: Quota, blueprint: Blueprint) -> Text:
    """What a quota counts, such as "internal control × apply"."""
    rows = {row.id: row.title for row in blueprint.rows}
    parts = [rows[quota.row]] if quota.row else []
    parts += [LEVEL_TITLES[quota.level]] if quota.level else []
    if quota.difficulty:
        highest = 100 if quota.difficulty.maximum is None else quota.difficulty.maximum
        band = f"{quota.difficulty.minimum}–{highest} %"
        parts.append(Text(f"预计得分率{band}", f"predicted share {band}"))
    parts = parts or [Text("全部", "all")]
    return Text(" × ".join(part.zh for part in parts), " × ".join(part.en for part in parts))


def lies_in(quota: Quota, item: Item, rows: frozenset[str]) -> bool:
    """Whether an item that counts in `rows` counts for the quota."""
    if quota.row is not None and quota.row not in rows:
        return False
    if quota.level is not None and quota.level is not item.level:
        return False
    return quota.difficulty is None or is_within(item.difficulty, quota.difficulty)


def is_within(number: int, wanted: Range) -> bool:
    """Whether `number` lies in the range."""
    return wanted.minimum <= number and (wanted.maximum is None or number <= wanted.maximum)


def _items(blueprint: Blueprint) -> Demand:
    return Demand(Text("总题数", "items in all"), blueprint.items, blueprint.items, len, family="all")


def _quota(quota: Quota, blueprint: Blueprint, rows_of: Mapping[str, frozenset[str]]) -> Demand:
    def weigh(unit: Unit) -> int:
        return sum(lies_in(quota, item, rows_of[item.id]) for item in unit)

    given = {"row": quota.row, "level": quota.level, "difficulty": quota.difficulty}
    family = "×".join(name for name, value in given.items() if value is not None)
    return Demand(quota_title(quota, blueprint), quota.minimum or None, quota.maximum, weigh, family=family)


def _kind(limit: KindLimit) -> list[Demand]:
    def count(unit: Unit) -> int:
        return sum(item.kind is limit.kind for item in unit)

    title = KIND_TITLES[limit.kind]
    demands = [Demand(title, limit.minimum or None, limit.maximum, count, family="kind")]
    percent = limit.points_percent
    if percent is not None:

        def above_share(unit: Unit) -> int:
            return sum(item.points * (100 * (item.kind is limit.kind) - percent) for item in unit)

        said = Text(f"{title.zh}占总分不超过{percent}%", f"{title.en} at most {percent} % of the points")
        demands.append(Demand(said, None, 0, above_share, counted=False))
    return demands


def _cases_in(unit: Unit) -> int:
    return int(unit[0].case is not None)


def _points_in(unit: Unit) -> int:
    return sum(item.points for item in unit)


def _predicted(wanted: Range) -> list[Demand]:
    demands: list[Demand] = []
    if wanted.minimum:

        def above(unit: Unit) -> int:
            return sum(item.points * (item.difficulty - wanted.minimum) for item in unit)

        said = Text(f"预计得分率不低于{wanted.minimum}%", f"predicted share at least {wanted.minimum} %")
        demands.append(Demand(said, 0, None, above, counted=False, by_difficulty=True))
    highest = wanted.maximum
    if highest is not None:

        def below(unit: Unit) -> int:
            return sum(item.points * (item.difficulty - highest) for item in unit)

        said = Text(f"预计得分率不高于{highest}%", f"predicted share at most {highest} %")
        demands.append(Demand(said, None, 0, below, counted=False, by_difficulty=True))
    return demands

"""The coverage table: items by section, level, kind, certainty and edition."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from question_bank.criteria import Criteria, NodeLevel
from question_bank.items import Bank, Certainty, Item, Kind, Level
from question_bank.texts import Text

_E = TypeVar("_E", bound=StrEnum)

_LEVELS: Final = {
    Level.RECALL: Text("识记", "recall"),
    Level.APPLY: Text("应用", "apply"),
    Level.ANALYSE: Text("分析", "analyse"),
}
_KINDS: Final = {
    Kind.SINGLE: Text("单选题", "single choice"),
    Kind.MULTIPLE: Text("多选题", "multiple choice"),
    Kind.TRUE_FALSE: Text("判断题", "true/false"),
    Kind.NUMERIC: Text("数值题", "numeric"),
    Kind.ORDERING: Text("排序题", "ordering"),
    Kind.MATCHING: Text("匹配题", "matching"),
}
_CERTAINTIES: Final = {
    Certainty.OFFICIAL: Text("官方", "official"),
    Certainty.SECONDARY: Text("二手", "secondary"),
    Certainty.UNVERIFIED: Text("未核实", "unverified"),
}
_TOPICS: Final = Text("培训主题", "Programme topics")


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Items that count for one section, business class or topic of the first level, by level."""

    code: str
    title: Text
    levels: Mapping[Level, int]
    items: int


@dataclass(frozen=True, slots=True)
class CoverageGroup:
    """The sections of one edition, or the topics; items: those that count in at least one of them."""

    title: Text
    rows: tuple[CoverageRow, ...]
    items: int


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """Counts over a bank. An item with several codes counts in the row of each."""

    groups: tuple[CoverageGroup, ...]
    levels: Mapping[Level, int]
    kinds: Mapping[Kind, int]
    certainties: Mapping[Certainty, int]
    items: int
    cases: int


def coverage_of(bank: Bank, criteria: Criteria) -> CoverageTable:
    """The table of a bank; codes that do not exist count nowhere."""
    items = bank.all_items()
    by_section: dict[str, list[Item]] = {}
    for item in items:
        for section in {criteria.section_of(code) for code in item.codes if code in criteria}:
            by_section.setdefault(section, []).append(item)
    return CoverageTable(
        groups=tuple(_groups(by_section, criteria)),
        levels=Counter(item.level for item in items),
        kinds=Counter(item.kind for item in items),
        certainties=Counter(item.certainty for item in items),
        items=len(items),
        cases=len(bank.cases),
    )


def sections_of(edition: str, criteria: Criteria) -> tuple[str, ...]:
    """Codes of the sections and business classes of an edition, in its order."""
    levels = (NodeLevel.SECTION, NodeLevel.BUSINESS_CLASS)
    return tuple(node.code for node in criteria.nodes.values() if node.edition == edition and node.level in levels)


def render_coverage(table: CoverageTable, language: str) -> str:
    """The table as lines of text. The last line begins with the count: `120 items`."""
    chinese = language.startswith("zh")
    head = ["编码" if chinese else "code", "节" if chinese else "section"]
    lines = [[*head, *(_LEVELS[level].in_language(language) for level in Level), "合计" if chinese else "sum"]]
    for group in table.groups:
        lines.append(["", group.title.in_language(language), "", "", "", str(group.items)])
        for row in group.rows:
            counts = [str(row.levels.get(level, 0)) for level in Level]
            lines.append([row.code, row.title.in_language(language), *counts, str(row.items)])
    told = list(_aligned(lines))
    told.append("")
    told += _margin("层级" if chinese else "level", table.levels, _LEVELS, language)
    told += _margin("题型" if chinese else "kind", table.kinds, _KINDS, language)
    told += _margin("可信程度" if chinese else "certainty", table.certainties, _CERTAINTIES, language)
    editions = "，".join if chinese else ", ".join
    told.append(
        ("版本：" if chinese else "edition: ")
        + editions(f"{group.title.in_language(language)} {group.items}" for group in table.groups)
    )
    cases = f"题，其中案例 {table.cases} 个" if chinese else f"in the bank, {table.cases} cases"
    told.append(f"{table.items} items {cases}")
    return "\n".join(told)


def _groups(by_section: Mapping[str, list[Item]], criteria: Criteria) -> Iterator[CoverageGroup]:
    listed: set[str] = set()
    for edition in criteria.editions.values():
        codes = sections_of(edition.id, criteria)
        extra = tuple(
            code
            for code in by_section
            if code in criteria.nodes and criteria.nodes[code].edition == edition.id and code not in codes
        )
        listed.update(codes, extra)
        yield _group(edition.short, (*codes, *extra), by_section, criteria)
    topics = tuple(topic.code for topic in criteria.topics.values() if len(criteria.ancestors(topic.code)) == 1)
    rest = tuple(code for code in by_section if code not in listed and code not in topics)
    yield _group(_TOPICS, (*topics, *rest), by_section, criteria)


def _group(
    title: Text, codes: Iterable[str], by_section: Mapping[str, list[Item]], criteria: Criteria
) -> CoverageGroup:
    rows = []
    counted: set[str] = set()
    for code in codes:
        items = by_section.get(code, [])
        counted |= {item.id for item in items}
        rows.append(CoverageRow(code, criteria.node(code).title, Counter(item.level for item in items), len(items)))
    return CoverageGroup(title, tuple(rows), len(counted))


def _margin(name: str, counts: Mapping[_E, int], names: Mapping[_E, Text], language: str) -> Iterator[str]:
    parts = [f"{said.in_language(language)} {counts.get(key, 0)}" for key, said in names.items()]
    yield f"{name}：{'，'.join(parts)}" if language.startswith("zh") else f"{name}: {', '.join(parts)}"


def _aligned(lines: list[list[str]]) -> Iterator[str]:
    widths = [max(_width(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = [
            cell + " " * (width - _width(cell)) if column < 2 else " " * (width - _width(cell)) + cell
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    """Columns that the text takes on a terminal: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)

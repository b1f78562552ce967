"""Criteria 认证标准 of all editions with the instruments 依据文件 behind them, and the dated topics of the programme.

Pure: reading files is in `criteria_loading`, rows of figures in `figures`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

from question_bank.criteria_nodes import (
    Change,
    Criterion,
    Edition,
    Fact,
    Grade,
    Instrument,
    InstrumentKind,
    Node,
    NodeLevel,
    Source,
    Standing,
    Topic,
)
from question_bank.criteria_search import SearchEntry, search_entries, search_entry
from question_bank.figure_numbers import numbers_in, numbers_of_figures
from question_bank.items import Certainty

__all__ = [
    "NO_BOUND",
    "Change",
    "Criteria",
    "Criterion",
    "Edition",
    "Fact",
    "Grade",
    "Instrument",
    "InstrumentKind",
    "Node",
    "NodeLevel",
    "Source",
    "Standing",
    "Topic",
]

NO_BOUND: Final = date.min


@dataclass(frozen=True)
class Criteria:
    """All editions with their nodes, all instruments, sources and topics, by id or code in the order of the files."""

    instruments: Mapping[str, Instrument]
    editions: Mapping[str, Edition]
    sources: Mapping[str, Source]
    nodes: Mapping[str, Criterion]
    topics: Mapping[str, Topic]

    def node(self, code: str) -> Node:
        """The criterion or topic with this code; KeyError when there is none."""
        found = self.nodes.get(code)
        return found if found is not None else self.topics[code]

    def __contains__(self, code: object) -> bool:
        return code in self.nodes or code in self.topics

    def children(self, code: str) -> tuple[Node, ...]:
        """The nodes right below, in the order of the edition."""
        return self._children.get(code, ())

    def ancestors(self, code: str) -> tuple[Node, ...]:
        """The nodes above, from the root down to the parent."""
        parent = self.node(code).parent
        return () if parent is None else (*self.ancestors(parent), self.node(parent))

    def below(self, code: str) -> tuple[Node, ...]:
        """The node itself and everything under it, in the order of the edition."""
        return (self.node(code), *(found for child in self.children(code) for found in self.below(child.code)))

    def section_of(self, code: str) -> str:
        """Code of the section, business class or first-level topic that holds the node.

        A node that has none above it (a category, a root, a heading before 2022) answers with its category or itself.
        """
        path = (*self.ancestors(code), self.node(code))
        if isinstance(path[0], Topic):
            return path[min(1, len(path) - 1)].code
        for levels in ((NodeLevel.SECTION, NodeLevel.BUSINESS_CLASS), (NodeLevel.CATEGORY,)):
            for node in path:
                if isinstance(node, Criterion) and node.level in levels:
                    return node.code
        return code

    def items_of(self, edition: str) -> tuple[Criterion, ...]:
        """The single criteria of an edition, in its order."""
        return tuple(n for n in self.nodes.values() if n.edition == edition and n.level is NodeLevel.ITEM)

    def edition_of(self, code: str) -> Edition | None:
        """The edition that holds the node; None for a topic."""
        node = self.node(code)
        return self.editions[node.edition] if isinstance(node, Criterion) else None

    def interval(self, codes: Iterable[str]) -> tuple[date | None, date | None]:
        """First and last day on which all these codes are in force.

        First None: a first day is unknown. Last None: open. First after last: never together. Topics bind no day: for
        topics alone the first day is NO_BOUND.
        """
        editions = [edition for edition in map(self.edition_of, codes) if edition is not None]
        known = [edition.effective_from for edition in editions if edition.effective_from is not None]
        ends = [edition.effective_to for edition in editions if edition.effective_to is not None]
        last = min(ends, default=None)
        first = max(known, default=NO_BOUND)
        never = last is not None and first > last
        unknown = len(known) < len(editions)
        return (None if unknown and not never else first), last

    def certainty(self, codes: Iterable[str]) -> Certainty:
        """The weakest certainty among the codes; unverified when there are none.

        A topic counts as its best fact, those of its subtopics included: an item states its own by the fact it uses.
        """
        order = list(Certainty)
        best = (min((node.certainty for node in self._speakers(code)), key=order.index) for code in codes)
        return max(best, key=order.index, default=Certainty.UNVERIFIED)

    def counterparts(self, code: str) -> Mapping[str, tuple[str, ...]]:
        """Codes of the same subject in the other editions, by edition id, in the order of the editions.

        Matching goes both ways, and over one edition between: 2022 meets the certified criteria in the advanced ones.
        """
        own = self.node(code)
        near = dict.fromkeys(self._linked.get(code, ()))
        editions = {self.nodes[other].edition for other in near} | {getattr(own, "edition", "")}
        far = dict.fromkeys(second for first in near for second in self._linked.get(first, ()))
        reached = [*near, *(other for other in far if self.nodes[other].edition not in editions)]
        found: dict[str, tuple[str, ...]] = {}
        for edition in self.editions:
            codes = tuple(other for other in reached if self.nodes[other].edition == edition)
            if codes:
                found[edition] = codes
        return found

    def is_own_matching(self, code: str, other: str) -> bool:
        """Whether this platform matched the two by itself, rather than the source of the criteria."""
        pairs = ((self.nodes[code], other), (self.nodes[other], code))
        return not any(end in node.counterparts and end not in node.own_matching for node, end in pairs)

    def figures_of(self, codes: Iterable[str]) -> frozenset[Decimal]:
        """Every number that the codes give, in figures or in words; percents and ratios in their other forms too."""
        numbers: set[Decimal] = set()
        for code in codes:
            node = self.node(code)
            texts = [node.title, node.text]
            if isinstance(node, Criterion):
                numbers |= numbers_of_figures(node.figures)
            else:
                texts += [fact.text for fact in node.facts]
            for text in texts:
                numbers |= numbers_in(text.zh) | numbers_in(text.en)
        return frozenset(numbers)

    def search(self, words: str, language: str) -> tuple[Node, ...]:
        """Nodes in which every word of `words` stands, best first: code and number, then title, then text.

        Both languages are searched; a hit in `language` ("zh" or "en") goes before one in the other.
        """
        return search_entries(self._index, words, language)

    def _speakers(self, code: str) -> tuple[Node, ...]:
        """The nodes whose certainty counts for `code`: itself, and for a topic its subtopics."""
        return (self.node(code),) if code in self.nodes else self.below(code)

    @cached_property
    def _children(self) -> Mapping[str, tuple[Node, ...]]:
        grouped: dict[str, list[Node]] = {}
        for node in self._all_nodes():
            if node.parent is not None:
                grouped.setdefault(node.parent, []).append(node)
        return {parent: tuple(nodes) for parent, nodes in grouped.items()}

    @cached_property
    def _linked(self) -> Mapping[str, tuple[str, ...]]:
        links: dict[str, dict[str, None]] = {}
        for node in self.nodes.values():
            for other in node.counterparts:
                links.setdefault(node.code, {})[other] = None
                links.setdefault(other, {})[node.code] = None
        return {code: tuple(others) for code, others in links.items()}

    @cached_property
    def _index(self) -> tuple[SearchEntry, ...]:
        return tuple(search_entry(node, len(self.ancestors(node.code))) for node in self._all_nodes())

    def _all_nodes(self) -> Iterator[Node]:
        yield from self.nodes.values()
        yield from self.topics.values()

"""Plain text search over criteria and topics."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from question_bank.criteria_nodes import Criterion, Fact, Node


def search_entries(entries: "Iterable[SearchEntry]", words: str, language: str) -> tuple[Node, ...]:
    """Nodes in which every word of `words` stands, best first; a hit in `language` goes before one in the other."""
    wanted = [word for word in re.split(r"[\s,，、;；]+", words.casefold()) if word]
    if not wanted:
        return ()
    chinese = language.startswith("zh")
    ranked = []
    for position, entry in enumerate(entries):
        ranks = [entry.rank(word, chinese=chinese) for word in wanted]
        if None not in ranks:
            ranked.append((max(rank for rank in ranks if rank is not None), entry.depth, position, entry.node))
    return tuple(hit[3] for hit in sorted(ranked, key=lambda hit: hit[:3]))


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """What search reads of a node, in lower case. depth: a deeper node answers a question better, so it sorts first."""

    node: Node
    depth: int
    names: frozenset[str]
    code: str
    titles: tuple[str, str]
    texts: tuple[str, str]

    def rank(self, word: str, *, chinese: bool) -> int | None:
        """0 best to 6; None when the word stands nowhere."""
        own = 0 if chinese else 1
        places = (self.titles[own], self.texts[own], self.titles[1 - own], self.texts[1 - own])
        if word in self.names:
            return 0
        if self.code.startswith(word):
            return 1
        return next((2 + rank for rank, place in enumerate(places) if word in place), None)


def search_entry(node: Node, level: int) -> SearchEntry:
    """What search reads of `node`, which stands `level` steps below its root."""
    code = node.code.casefold()
    names = {code}
    facts: tuple[Fact, ...] = ()
    if isinstance(node, Criterion):
        number = node.official_no or ""
        names |= {number, number.strip("()")} - {""}
    else:
        facts = node.facts
    return SearchEntry(
        node=node,
        depth=-level,
        names=frozenset(names),
        code=code,
        titles=(node.title.zh.casefold(), node.title.en.casefold()),
        texts=(
            "\n".join([node.text.zh, *(fact.text.zh for fact in facts)]).casefold(),
            "\n".join([node.text.en, *(fact.text.en for fact in facts)]).casefold(),
        ),
    )

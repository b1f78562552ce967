"""B01 and B02: items that are nearly the same, and keys that stand in other stems."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from question_bank.checks.plain import grams, jaccard, plain, without_edition
from question_bank.checks.subject import ERROR, WARNING, case_text
from question_bank.errors import ContentFault
from question_bank.glossary import MASK, Glossary
from question_bank.items import Bank, Case, Item, Kind

SAME: Final = 0.85
ENEMY: Final = 0.60
NEAR: Final = 0.40
_LEAK: Final = 6
_OWN_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class _Printed:
    """Grams of an item's stem and key: as they stand, and with digits masked."""

    item: Item
    exact: frozenset[str]
    masked: frozenset[str]


def check_near_duplicates(bank: Bank, files: Mapping[str, str]) -> Iterator[ContentFault]:
    """B01: near duplicates are refused unless twins; items alike but for figures are enemies."""
    printed = [_printed(item) for item in bank.all_items()]
    for one, other, alike in near_pairs([entry.masked for entry in printed], NEAR):
        first, second = printed[one], printed[other]
        yield from _pair(first, second, alike, files)


def near_pairs(sets: Sequence[frozenset[str]], least: float) -> Iterator[tuple[int, int, float]]:
    """Places of each two sets whose Jaccard index is at least `least`, with it.

    Two such sets share one of the rarest members of each, so only sets that meet there are compared: an inverted index
    over a prefix of each set, members sorted by how rare they are.
    """
    count = Counter(member for members in sets for member in members)
    index: dict[str, list[int]] = {}
    for place, members in enumerate(sets):
        ordered = sorted(members, key=lambda member: (count[member], member))
        prefix = ordered[: len(ordered) - ceil(least * len(ordered)) + 1]
        candidates: set[int] = set()
        for member in prefix:
            candidates.update(index.get(member, ()))
            index.setdefault(member, []).append(place)
        for other in sorted(candidates):
            smaller, larger = sorted((len(members), len(sets[other])))
            if smaller >= least * larger and (alike := jaccard(members, sets[other])) >= least:
                yield other, place, alike


def check_leaks(bank: Bank, files: Mapping[str, str], glossary: Glossary) -> Iterator[ContentFault]:
    """B02: a key that stands in another item's stem or case makes the two enemies. A mere term is no leak."""
    texts = list(_places(bank))
    index: dict[str, set[int]] = {}
    for place, (_, text) in enumerate(texts):
        for gram in grams(text, _LEAK):
            index.setdefault(gram, set()).add(place)
    for item in bank.all_items():
        for key in _keys(item, glossary):
            for place in sorted(index.get(key[:_LEAK], ())):
                owner, text = texts[place]
                if key in text and not _are_enemies(item, owner):
                    where = "case" if isinstance(owner, Case) else "stem of"
                    message = f"its key stands in the {where} {owner.id}; name them enemies"
                    yield ContentFault(files.get(item.id, ""), item.id, "options", "B02", message, WARNING)


def _printed(item: Item) -> _Printed:
    text = "\n".join([without_edition(item.stem.zh), *_answer(item)])
    folded = plain(text)
    return _Printed(item, grams(folded, 3), grams(re.sub(r"\d+", "0", folded), 3))


def _answer(item: Item) -> Iterator[str]:
    if item.kind is not Kind.TRUE_FALSE:
        yield from (option.text.zh for option in item.options if option.key)
    if item.numeric is not None:
        yield f"{item.numeric.value}{item.numeric.unit.zh}"
    yield from (element.text.zh for element in item.elements)
    yield from (premise.text.zh for premise in item.premises)


def _pair(first: _Printed, second: _Printed, alike: float, files: Mapping[str, str]) -> Iterator[ContentFault]:
    one, other = first.item, second.item
    twins, enemies = one.id in other.twins, one.id in other.enemies
    message = ""
    severity = ERROR
    if not twins and jaccard(first.exact, second.exact) >= SAME:
        message = f"is nearly the same as {one.id}; leave one out, or name them twins"
    elif one.case is not None and one.case == other.case:
        return
    elif alike >= ENEMY and not enemies:
        message = f"differs from {one.id} in figures only or little more; name them enemies"
    elif NEAR <= alike < ENEMY and not enemies:
        message = f"is much like {one.id} ({alike:.2f}); should they be enemies?"
        severity = WARNING
    if message:
        yield ContentFault(files.get(other.id, ""), other.id, "stem", "B01", message, severity)


def _places(bank: Bank) -> Iterator[tuple[Item | Case, str]]:
    for item in bank.all_items():
        yield item, plain(without_edition(item.stem.zh))
    for case in bank.cases:
        yield case, plain(case_text(case, "zh"))


def _keys(item: Item, glossary: Glossary) -> Iterator[str]:
    """Plain key texts of some length that say more than a term, a number or a date."""
    for option in item.options:
        if option.key and item.kind is not Kind.TRUE_FALSE:
            key = plain(option.text.zh)
            own_words = re.sub(rf"[\d年月日]|{MASK}", "", plain(glossary.masked(option.text.zh, "zh")))
            if len(key) >= _LEAK and len(own_words) >= _OWN_WORDS:
                yield key


def _are_enemies(item: Item, owner: Item | Case) -> bool:
    if isinstance(owner, Case):
        return item.case == owner.id or all(other.id in item.enemies for other in owner.items)
    return owner.id == item.id or owner.id in item.enemies or (item.case is not None and item.case == owner.case)

"""B06 and B07: the bank covers what it must, holds enough for its blueprints, and is well mixed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from question_bank.blueprint import Blueprint, Purpose, Quota
from question_bank.checks.coverage import sections_of
from question_bank.checks.subject import ERROR, WARNING, WHOLE_BANK
from question_bank.criteria import Criteria
from question_bank.errors import ContentFault
from question_bank.items import Bank, Item, Kind, Level

_EDITIONS: Final = ("2026-34-ACE", "2026-34-CE", "2026-34-SPEC")
_SHARED: Final = {"2026-34-CE": ("C26.", "A26.")}
_OF_A_KIND: Final = 12
_ITEMS, _CASES, _HISTORICAL = 120, 6, 30
_HISTORICAL_INSTRUMENT: Final = "B106-2022"
_RECALL, _ANALYSE, _ONE_ERROR, _WAIVED = 0.40, 0.15, 0.40, 0.10
_STOCK: Final = 3


def check_coverage(bank: Bank, criteria: Criteria) -> Iterator[ContentFault]:
    """B06 for the shipped bank: every section of 2026, every topic, every kind, and so many items, cases and old items.

    A section of the certified criteria counts as touched by the section of the advanced criteria with the same number.
    """
    items = bank.all_items()
    touched = _touched(items, criteria)
    for edition in _EDITIONS:
        for code in sections_of(edition, criteria):
            own, shared = _SHARED.get(edition, ("", ""))
            if code not in touched and not (own and code.replace(own, shared, 1) in touched):
                yield _fault(code, f"no item touches {code} {criteria.node(code).title.en}")
    for topic in criteria.topics.values():
        if topic.parent is not None and topic.code not in touched:
            yield _fault(topic.code, f"no item touches the topic {topic.code} {topic.title.en}")
    kinds = Counter(item.kind for item in items)
    for kind in Kind:
        if kinds[kind] < _OF_A_KIND:
            yield _fault("kind", f"{kinds[kind]} items of the kind {kind}; at least {_OF_A_KIND} are asked for")
    old = sum(_HISTORICAL_INSTRUMENT in item.instruments for item in items)
    for name, found, wanted in (
        ("items", len(items), _ITEMS),
        ("cases", len(bank.cases), _CASES),
        ("items on Bulletin 106 of 2022", old, _HISTORICAL),
    ):
        if found < wanted:
            yield _fault("items", f"{found} {name}; at least {wanted} are asked for")


def check_stock(
    bank: Bank, blueprints: Sequence[Blueprint], criteria: Criteria, files: Mapping[str, str]
) -> Iterator[ContentFault]:
    """B06: each cell and kind of a blueprint finds the items it demands; less than three times as many is a warning."""
    for blueprint in blueprints:
        stock = [item for item in bank.all_items() if _may_be_drawn(item, blueprint, criteria)]
        demands = [
            (
                f"quotas.{place}",
                _cell(quota),
                quota.minimum,
                sum(_counts(item, blueprint, quota, criteria) for item in stock),
            )
            for place, quota in enumerate(blueprint.quotas)
        ]
        demands += [
            (f"kinds.{place}", f"kind {limit.kind}", limit.minimum, sum(item.kind is limit.kind for item in stock))
            for place, limit in enumerate(blueprint.kinds)
        ]
        for field, cell, wanted, found in demands:
            if found < _STOCK * wanted:
                severity = ERROR if found < wanted else WARNING
                message = f"{cell}: {found} items for a demand of {wanted}; three times the demand is asked for"
                yield ContentFault(files.get(blueprint.id, ""), blueprint.id, field, "B06", message, severity)


def check_mix(bank: Bank) -> Iterator[ContentFault]:
    """B07: not too much recall, enough analysis, no class of error that rules, few waivers."""
    items = bank.all_items()
    points = Counter[Level]()
    for item in items:
        points[item.level] += item.points
    total = sum(points.values())
    if total and points[Level.RECALL] > _RECALL * total:
        yield _mix("level", f"recall has {points[Level.RECALL] / total:.0%} of the points; at most 40 % are asked for")
    if total and points[Level.ANALYSE] < _ANALYSE * total:
        yield _mix(
            "level", f"analyse has {points[Level.ANALYSE] / total:.0%} of the points; at least 15 % are asked for"
        )
    classes = Counter(option.error for item in items for option in item.options if option.error is not None)
    classes.update(expected.error for item in items if item.numeric is not None for expected in item.numeric.errors)
    for name, count in classes.items():
        if count > _ONE_ERROR * sum(classes.values()):
            yield _mix(
                "error", f"{count} of {sum(classes.values())} wrong choices are of the class {name}; at most 40 %"
            )
    waived = sum(bool(item.waivers) for item in items)
    if waived > _WAIVED * len(items):
        yield _mix("waivers", f"{waived} of {len(items)} items have waivers; at most 10 %")


def _touched(items: Sequence[Item], criteria: Criteria) -> frozenset[str]:
    found: set[str] = set()
    for item in items:
        for code in item.codes:
            if code in criteria:
                found |= {code, *(node.code for node in criteria.ancestors(code))}
    return frozenset(found)


def _may_be_drawn(item: Item, blueprint: Blueprint, criteria: Criteria) -> bool:
    """Whether a form may ever hold the item; one of today's law, but for practice, which may look back."""
    if item.certainty not in blueprint.certainty or any(code not in criteria for code in item.codes):
        return False
    if blueprint.purpose is not Purpose.PRACTICE and (item.effective_from is None or item.effective_to is not None):
        return False
    return bool(blueprint.row_ids_of(item, criteria))


def _counts(item: Item, blueprint: Blueprint, quota: Quota, criteria: Criteria) -> bool:
    band = quota.difficulty
    highest = 100 if band is None or band.maximum is None else band.maximum
    in_band = band is None or band.minimum <= item.difficulty <= highest
    in_row = quota.row is None or quota.row in blueprint.row_ids_of(item, criteria)
    return in_row and in_band and (quota.level is None or item.level is quota.level)


def _cell(quota: Quota) -> str:
    return " ".join(str(part) for part in (quota.row or "all rows", quota.level or "all levels"))


def _fault(field: str, message: str) -> ContentFault:
    return ContentFault(WHOLE_BANK, "", field, "B06", message, ERROR)


def _mix(field: str, message: str) -> ContentFault:
    return ContentFault(WHOLE_BANK, "", field, "B07", message, WARNING)

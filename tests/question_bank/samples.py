"""Small well-formed items and banks for tests of the library: data as content files hold them."""

from typing import Any

from question_bank.item_reading import RULES_OF
from question_bank.items import Bank, Item, Kind, Rule
from question_bank.serialising import item_from_json

Json = dict[str, Any]


def text(zh: str = "文字", en: str = "words") -> Json:
    return {"zh": zh, "en": en}


def options(count: int, keys: int) -> list[Json]:
    wrong = {"error": "other_grade"}
    return [
        {"id": letter, "key": n < keys, "text": text(f"第{n}项", f"option {n}"), "reason": text()}
        | ({} if n < keys else wrong)
        for n, letter in enumerate("ABCDEF"[:count])
    ]


def parts(kind: str, size: int = 4) -> Json:
    """What belongs to a kind: its parts, points and scoring rule. size: options, elements or premises."""
    if kind == "single":
        return {"options": options(size, 1), "points": 1, "scoring": {"rule": "all_or_nothing"}}
    if kind == "multiple":
        return {"options": options(size, 2), "points": 4, "scoring": {"rule": "partial", "step": 1}}
    if kind == "true_false":
        reasons = {"true": text() | {"error": "wrong_base"}, "false": text()}
        return {"truth": False, "reasons": reasons, "points": 1, "scoring": {"rule": "all_or_nothing"}}
    if kind == "numeric":
        answer = {"value": "23", "tolerance": "0", "decimals": 0, "unit": text("票", "declarations")}
        errors = [{"value": "24", "error": "unit_slip", "reason": text()}]
        return {"answer": answer, "errors": errors, "points": 1, "scoring": {"rule": "all_or_nothing"}}
    if kind == "ordering":
        order = "CADBFE"[:size]
        elements = [{"id": e, "text": text(e), "sort": str(n), "reason": text()} for n, e in enumerate(order)]
        return {"elements": elements, "points": size - 1, "scoring": {"rule": "neighbours", "step": 1}}
    premises = [
        {"id": str(n), "text": text(str(n)), "response": "abcdef"[n - 1], "reason": text()} for n in range(1, size + 1)
    ]
    responses = [{"id": r, "text": text(r)} for r in "abcdefg"[: size + 1]]
    scoring = {"rule": "per_pair", "step": 1}
    return {"premises": premises, "responses": responses, "reuse": False, "points": size, "scoring": scoring}


def item_data(kind: str = "single", size: int = 4, **changes: object) -> Json:
    """A well-formed item as JSON."""
    return {
        "id": "X-1",
        "kind": kind,
        "codes": ["A26.05.08"],
        "instruments": ["B34-2026"],
        "effective_from": "2026-04-01",
        "effective_to": None,
        "certainty": "secondary",
        "level": "recall",
        "difficulty": 82,
        "public": True,
        "stem": text("按公告2026年第34号，几年？", "Under Bulletin 34 of 2026, how many years?"),
        "rationale": text(),
        "source": text(),
        **parts(kind, size),
        **changes,
    }


def an_item(kind: str = "single", size: int = 4, **changes: object) -> Item:
    """A well-formed item."""
    return item_from_json(item_data(kind, size, **changes))


def a_bank(*items: Item) -> Bank:
    return Bank(items, ())


ALL_KINDS = tuple(str(kind) for kind in Kind)
KINDS_AND_RULES = tuple((kind, rule) for kind in Kind for rule in sorted(RULES_OF[kind]))
__all__ = ["ALL_KINDS", "KINDS_AND_RULES", "Rule", "a_bank", "an_item", "item_data", "options", "parts", "text"]

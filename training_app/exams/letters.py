"""Answers by the letters under which a candidate saw the parts of an item."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from question_bank.items import Kind

LETTERS: Final = "ABCDEFGHIJ"


def in_letters(kind: Kind, order: Sequence[str], payload: object) -> str:
    """A stored response by the letters of its parts as they were shown: "B", "A, C", "1 B, 2 A"; a number as typed.

    Empty when it was cleared.
    """
    letters = dict(zip(order, LETTERS, strict=False))
    if payload in (None, "", [], {}):
        return ""
    if kind is Kind.NUMERIC or isinstance(payload, str):
        return str(payload)
    if isinstance(payload, Mapping):
        given = cast("Mapping[str, str]", payload)
        return ", ".join(f"{premise} {letters.get(str(given[premise]), '?')}" for premise in sorted(given))
    chosen = [letters.get(str(part), "?") for part in cast("Sequence[object]", payload)]
    return ", ".join(chosen if kind is Kind.ORDERING else sorted(chosen))

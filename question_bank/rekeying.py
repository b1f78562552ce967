"""Corrected keys: how an item is scored when its key was wrong, and what a paper is then worth.

A change is one of three: the item counts for nobody, another response is the key, or further responses earn all points
beside the key. Pure; the item version itself never changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from question_bank.errors import MalformedResponse
from question_bank.items import Element, Item, Kind, NumericKey, Option
from question_bank.scoring import MAX_TYPED, Response, key_response, parse_response, read_number, score
from question_bank.texts import Text

MOST_ALTERNATIVES: Final = 6
EXACT: Final = Context(prec=2 * MAX_TYPED)


class ChangeKind(StrEnum):
    """作废, 更换答案, 另受答案."""

    VOID = "void"
    KEY = "key"
    ALSO = "also"


@dataclass(frozen=True, slots=True)
class KeyCorrection:
    """How an item is scored instead. responses: none for a void item, the new key, or what earns all points too."""

    kind: ChangeKind
    responses: tuple[Response, ...] = ()


VOID: Final = KeyCorrection(ChangeKind.VOID)
Corrections = Mapping[int, KeyCorrection]
"""Version of an item → how it is scored instead; what is absent keeps its own key."""


def correction(item: Item, kind: ChangeKind, raw: Iterable[object] = ()) -> KeyCorrection:
    """The change of `item` with its responses in their one usual form, without repetition.

    Raises MalformedResponse or UnknownOption when a response is not one that can earn all points of this item, when it
    changes nothing, or when there are too few or too many of them.
    """
    responses: list[Response] = []
    for one in raw:
        parsed = _whole(item, one)
        if not any(_means_the_same(item, parsed, other) for other in responses):
            responses.append(parsed)
    if kind is ChangeKind.VOID:
        if responses:
            raise MalformedResponse(Text("作废的试题没有答案。", "A void item has no key."))
        return VOID
    most = 1 if kind is ChangeKind.KEY else MOST_ALTERNATIVES
    if not 1 <= len(responses) <= most:
        raise MalformedResponse(Text(f"请给出1至{most}个答案。", f"Give 1 to {most} answers."))
    if any(score(item, one) == item.points for one in responses):
        raise MalformedResponse(
            Text(
                "这个答案现在已得满分，无须更正。", "This answer earns all points already; there is nothing to correct."
            )
        )
    return KeyCorrection(kind, tuple(responses))


def rekeyed(item: Item, found: KeyCorrection | None) -> Item:
    """`item` with the key that counts: another one after `key`, else its own."""
    if found is None or found.kind is not ChangeKind.KEY:
        return item
    (key,) = found.responses
    return _REKEYED[item.kind](item, key)


def score_under(item: Item, found: KeyCorrection | None, response: object) -> int:
    """Points that `response` earns on `item` under the correction: 0 to `points_under`.

    Raises MalformedResponse and UnknownOption as `score` does.
    """
    if found is None:
        return score(item, response)
    parsed = parse_response(item, response)
    if found.kind is ChangeKind.VOID:
        return 0
    if found.kind is ChangeKind.ALSO and any(_means_the_same(item, parsed, one) for one in found.responses):
        return item.points
    return score(rekeyed(item, found), parsed)


def points_under(item: Item, found: KeyCorrection | None) -> int:
    """The most that `item` earns: nothing when it is void."""
    return 0 if found is not None and found.kind is ChangeKind.VOID else item.points


def maximum_under(items: Mapping[int, Item], corrections: Corrections) -> int:
    """The most that a paper of `items` (by version) earns under the corrections."""
    return sum(points_under(item, corrections.get(version)) for version, item in items.items())


def merged(before: Corrections, changes: Mapping[int, KeyCorrection | None]) -> dict[int, KeyCorrection]:
    """The corrections after `changes`: a later one replaces an earlier one of its item, None takes it back."""
    after = {version: changes.get(version, found) for version, found in {**before, **changes}.items()}
    return {version: found for version, found in after.items() if found is not None}


def keys_of(item: Item, found: KeyCorrection | None) -> tuple[Response, ...]:
    """Every response that is named as earning all points: the key first; none when the item is void."""
    if found is not None and found.kind is ChangeKind.VOID:
        return ()
    beside = found.responses if found is not None and found.kind is ChangeKind.ALSO else ()
    return (key_response(rekeyed(item, found)), *beside)


def _whole(item: Item, raw: object) -> Response:
    """`raw` as a response that can be the key: nothing left open. Raises MalformedResponse and UnknownOption."""
    parsed = parse_response(item, raw)
    sizes = {Kind.ORDERING: len(item.elements), Kind.MATCHING: len(item.premises)}
    if len(parsed) < sizes.get(item.kind, 1):
        raise MalformedResponse(
            Text("请给出完整的答案，不能留空。", "Give a whole answer; no part of it may stay open.")
        )
    if isinstance(parsed, dict) and not item.reuse and len(set(parsed.values())) < len(parsed):
        raise MalformedResponse(Text("每个选项只能使用一次。", "Each choice is used once only."))
    return parsed


def _means_the_same(item: Item, one: Response, other: Response) -> bool:
    if item.numeric is None:
        return one == other
    left, right = (read_number(str(typed), item.numeric.unit) for typed in (one, other))
    if left is None or right is None:
        return False
    return abs(left - right) <= Fraction(item.numeric.tolerance)


def _with_other_options(item: Item, key: Response) -> Item:
    options = tuple(_option(option, is_key=option.id in key) for option in item.options)
    return replace(item, options=options)


def _option(option: Option, *, is_key: bool) -> Option:
    return replace(option, key=is_key, error=None if is_key else option.error)


def _with_other_number(item: Item, key: Response) -> Item:
    assert isinstance(item.numeric, NumericKey)
    value = read_number(str(key), item.numeric.unit)
    assert value is not None, "a key is never empty"
    # exact: the number was typed with at most MAX_TYPED digits, so its denominator is a power of ten
    number = EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return replace(item, numeric=replace(item.numeric, value=number))


def _with_other_order(item: Item, key: Response) -> Item:
    places = {element: f"{place:03d}" for place, element in enumerate(key)}
    elements: tuple[Element, ...] = tuple(replace(one, sort=places[one.id]) for one in item.elements)
    return replace(item, elements=elements)


def _with_other_pairs(item: Item, key: Response) -> Item:
    assert isinstance(key, dict)
    return replace(item, premises=tuple(replace(one, response=key[one.id]) for one in item.premises))


_REKEYED: Final = {
    Kind.SINGLE: _with_other_options,
    Kind.TRUE_FALSE: _with_other_options,
    Kind.MULTIPLE: _with_other_options,
    Kind.NUMERIC: _with_other_number,
    Kind.ORDERING: _with_other_order,
    Kind.MATCHING: _with_other_pairs,
}

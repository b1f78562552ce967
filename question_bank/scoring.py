"""Responses and the whole points they earn, by the item's own scoring rule.

A response is JSON-ready, as a page sends it: option ids for single choice, multiple choice and true/false; the typed
text for a number; element ids in their order for ordering; premise id -> response id for matching. An empty response is
an omitted item and earns 0.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb, factorial, perm
from typing import Final

from question_bank.errors import MalformedResponse, UnknownOption
from question_bank.items import Item, Kind, NumericKey, Rule
from question_bank.texts import Text

Response = list[str] | str | dict[str, str]

MAX_TYPED: Final = 40
MAX_ID: Final = 40
MAX_PARTS: Final = 200

_GROUPED = re.compile(r"[0-9]{1,3}(?:([, ])[0-9]{3}(?:\1[0-9]{3})*)")
_NUMBER = re.compile(r"([+-]?) ?([0-9, ]*)(?:\.([0-9]*))?")
# What a Chinese keyboard gives for the same mark. Not NFKC: that would read 10² as 102.
_MARKS = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    {"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{IDEOGRAPHIC COMMA}": ",", "\N{SMALL PERCENT SIGN}": "%"}
)


def score(item: Item, response: object) -> int:
    """Points that `response` earns on `item`: 0 to item.points, whole points.

    response: as in the head of this module; None is empty too.
    Raises MalformedResponse and UnknownOption as `parse_response` does.
    """
    parsed = parse_response(item, response)
    if is_empty(parsed):
        return 0
    return max(0, min(item.points, _EARNED[item.kind](item, parsed)))


def parse_response(item: Item, raw: object) -> Response:
    """`raw` as a response to `item` in its one usual form: option ids in the item's order, a number trimmed.

    Raises MalformedResponse when the shape is not that of the kind or a number cannot be read, and UnknownOption when
    it names a part that this version of the item does not have. Never raises anything else, whatever `raw` is.
    """
    return _PARSED[item.kind](item, raw)


def is_empty(response: Response) -> bool:
    """Whether the item was omitted."""
    return not (response.strip() if isinstance(response, str) else response)


def read_number(typed: str, unit: Text) -> Fraction | None:
    """The number typed, exactly; None when nothing was typed.

    Full-width digits, spaces, thousands commas and a sign are read; a percent sign only when `unit` is %.
    Raises MalformedResponse with a sentence that says what to type.
    """
    if len(typed) > MAX_TYPED:
        raise MalformedResponse(
            Text(f"数字太长：最多{MAX_TYPED}个字符。", f"Too long: at most {MAX_TYPED} characters.")
        )
    text = " ".join(typed.translate(_MARKS).split())
    if not text:
        return None
    if text.endswith("%"):
        if "%" not in {word.translate(_MARKS).strip() for word in (unit.zh, unit.en)}:
            raise MalformedResponse(Text("单位不是%，请只填写数字。", "The unit is not %; type the number only."))
        text = text[:-1].rstrip()
    found = _NUMBER.fullmatch(text)
    whole, part = (found[2].strip(), found[3] or "") if found else ("", "")
    if not found or not (whole or part) or not (whole.isdigit() or not whole or _GROUPED.fullmatch(whole)):
        raise MalformedResponse(
            Text("请只填写一个数字，例如 1250 或 0.7。", "Type one number only, for example 1250 or 0.7.")
        )
    digits = whole.replace(",", "").replace(" ", "")
    value = Fraction(int((digits + part) or "0"), 10 ** len(part))
    return -value if found[1] == "-" else value


def blind_points(item: Item) -> Fraction:
    """Points that the best blind strategy earns on average, knowing the number of keys but nothing of the subject."""
    return _BLIND[item.kind](item)


def key_response(item: Item) -> Response:
    """The response that earns full points."""
    if item.kind is Kind.NUMERIC:
        return format(_numeric(item).value, "f")
    if item.kind is Kind.ORDERING:
        return list(true_order(item))
    if item.kind is Kind.MATCHING:
        return {premise.id: premise.response for premise in item.premises}
    return [option.id for option in item.options if option.key]


def true_order(item: Item) -> tuple[str, ...]:
    """Ids of an ordering item's elements in their true order."""
    return tuple(element.id for element in sorted(item.elements, key=lambda element: element.sort))


def _numeric(item: Item) -> NumericKey:
    assert item.numeric is not None, f"{item.id} is numeric and has no number"
    return item.numeric


# Reading what a page sent


def _ids(raw: object, known: Sequence[str]) -> list[str]:
    if raw is None:
        return []
    if not isinstance(raw, list | tuple) or len(raw) > MAX_PARTS:
        raise MalformedResponse(Text("作答应为选项编号的列表。", "The response must be a list of option ids."))
    found: list[str] = []
    for entry in raw:
        identity = _id(entry, known)
        if identity in found:
            raise MalformedResponse(Text("作答中同一选项出现两次。", "The response names the same option twice."))
        found.append(identity)
    return found


def _id(entry: object, known: Sequence[str]) -> str:
    if not isinstance(entry, str) or len(entry) > MAX_ID:
        raise MalformedResponse(Text("选项编号应为文字。", "The id of an option must be a text."))
    if entry not in known:
        raise UnknownOption(Text("本题没有这个选项。", "This item has no such option."))
    return entry


def _parsed_one(item: Item, raw: object) -> Response:
    found = _parsed_choices(item, raw)
    if len(found) > 1:
        raise MalformedResponse(Text("本题只能选择一项。", "Choose one option only."))
    return found


def _parsed_choices(item: Item, raw: object) -> list[str]:
    known = [option.id for option in item.options]
    return sorted(_ids(raw, known), key=known.index)


def _parsed_number(item: Item, raw: object) -> Response:
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise MalformedResponse(Text("作答应为填写的数字。", "The response must be the number as typed."))
    read_number(raw, _numeric(item).unit)
    return raw.strip()


def _parsed_order(item: Item, raw: object) -> Response:
    return _ids(raw, [element.id for element in item.elements])


def _parsed_pairs(item: Item, raw: object) -> Response:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping) or len(raw) > MAX_PARTS:
        raise MalformedResponse(Text("作答应为左右两列的配对。", "The response must pair the two columns."))
    premises = [premise.id for premise in item.premises]
    responses = [response.id for response in item.responses]
    pairs = {_id(premise, premises): response for premise, response in raw.items()}
    return {premise: _id(pairs[premise], responses) for premise in premises if pairs.get(premise) not in _NO_RESPONSE}


_NO_RESPONSE: Final = (None, "")

_PARSED: Final[dict[Kind, Callable[[Item, object], Response]]] = {
    Kind.SINGLE: _parsed_one,
    Kind.TRUE_FALSE: _parsed_one,
    Kind.MULTIPLE: _parsed_choices,
    Kind.NUMERIC: _parsed_number,
    Kind.ORDERING: _parsed_order,
    Kind.MATCHING: _parsed_pairs,
}


# Points earned


def _earned_by_choice(item: Item, response: Response) -> int:
    chosen = frozenset(response)
    if not chosen <= item.key_ids:
        return 0
    if chosen == item.key_ids:
        return item.points
    # 少选得分: fewer than the key earn the step each; never as much as the whole key.
    return min(item.points - 1, len(chosen) * item.scoring.step) if item.scoring.rule is Rule.PARTIAL else 0


def _earned_by_number(item: Item, response: Response) -> int:
    numeric = _numeric(item)
    typed = read_number(str(response), numeric.unit)
    if typed is None:
        return 0
    return item.points if abs(typed - Fraction(numeric.value)) <= Fraction(numeric.tolerance) else 0


def _earned_by_order(item: Item, response: Response) -> int:
    order = true_order(item)
    if tuple(response) == order:
        return item.points
    neighbours = set(pairwise(order))
    right = sum(pair in neighbours for pair in pairwise(response))
    return right * item.scoring.step


def _earned_by_pairs(item: Item, response: Response) -> int:
    assert isinstance(response, dict)
    right = sum(response.get(premise.id) == premise.response for premise in item.premises)
    return item.points if right == len(item.premises) else right * item.scoring.step


_EARNED: Final[dict[Kind, Callable[[Item, Response], int]]] = {
    Kind.SINGLE: _earned_by_choice,
    Kind.TRUE_FALSE: _earned_by_choice,
    Kind.MULTIPLE: _earned_by_choice,
    Kind.NUMERIC: _earned_by_number,
    Kind.ORDERING: _earned_by_order,
    Kind.MATCHING: _earned_by_pairs,
}


# Blind guessing


def _blind_choice(item: Item) -> Fraction:
    options, keys = len(item.options), len(item.key_ids)
    chances = (
        (item.points if chosen == keys else chosen * item.scoring.step)
        * Fraction(comb(keys, chosen), comb(options, chosen))
        for chosen in range(1, keys + 1)
    )
    return max(chances, default=Fraction(0))


def _blind_number(_item: Item) -> Fraction:
    return Fraction(0)


def _blind_order(item: Item) -> Fraction:
    count = len(item.elements)
    if item.scoring.rule is Rule.ALL_OR_NOTHING:
        return Fraction(item.points, factorial(count))
    # Each of the count - 1 true neighbours stands in order with chance (count - 1)! / count!.
    return Fraction(item.scoring.step * (count - 1), count)


def _blind_pairs(item: Item) -> Fraction:
    premises, responses = len(item.premises), len(item.responses)
    if item.scoring.rule is Rule.PER_PAIR:
        return Fraction(item.scoring.step * premises, responses)
    return Fraction(item.points, responses**premises if item.reuse else perm(responses, premises) or 1)


_BLIND: Final[dict[Kind, Callable[[Item], Fraction]]] = {
    Kind.SINGLE: _blind_choice,
    Kind.TRUE_FALSE: _blind_choice,
    Kind.MULTIPLE: _blind_choice,
    Kind.NUMERIC: _blind_number,
    Kind.ORDERING: _blind_order,
    Kind.MATCHING: _blind_pairs,
}

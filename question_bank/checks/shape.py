"""C06, C07, C08, C20: the shape of each kind, reasons for every choice, no two choices alike."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from question_bank.checks.plain import en_length, grams, jaccard, plain, zh_length
from question_bank.checks.quantities import read, values_of
from question_bank.checks.subject import WARNING, Field, Subject
from question_bank.errors import ContentFault
from question_bank.items import Item, Kind, Rule
from question_bank.texts import Text

_OPTIONS: Final = {Kind.SINGLE: (3, 5), Kind.MULTIPLE: (4, 6), Kind.TRUE_FALSE: (2, 2)}
_POINTS_OF_MULTIPLE: Final = {2: 4, 3: 4, 4: 5, 5: 6}
_ALIKE: Final = 0.90
_NUMBER_AND_UNIT: Final = re.compile(r"\D{0,4}?[\d.,]+\s*[万亿千百]*\D{0,3}")
_DATED: Final = re.compile(r"\d|第[一二三四五六七八九十]+")


def check_parts(subject: Subject) -> Iterator[ContentFault]:
    """C06: the kind has its own parts and no others, as many as it may, with its scoring rule and points."""
    item = subject.item
    filled = {"options": bool(item.options), "answer": item.numeric is not None}
    filled |= {"elements": bool(item.elements), "premises": bool(item.premises)}
    wanted = {Kind.NUMERIC: "answer", Kind.ORDERING: "elements", Kind.MATCHING: "premises"}.get(item.kind, "options")
    for name, is_filled in filled.items():
        if is_filled != (name == wanted):
            yield subject.fault(
                "C06", name, f"{'does not belong to' if is_filled else 'is missing in'} the kind {item.kind}"
            )
    if item.kind in _OPTIONS and item.options:
        yield from _options(subject)
    yield from _scoring(subject)
    for name, ids in _ids_of(item):
        if len(set(ids)) < len(ids):
            yield subject.fault("C06", name, "has the same id twice")


def check_reasons(subject: Subject) -> Iterator[ContentFault]:
    """C07: every option, truth value and expected number has a reason of its own, and each error its class."""
    item = subject.item
    reasons = [field for field in subject.fields if _is_reason_of_choice(field)]
    for field in reasons:
        if 0 < zh_length(field.text.zh) < 8:
            yield subject.fault("C07", f"{field.path}.zh", "says too little: a reason has at least 8 characters")
        if field.text.en and en_length(field.text.en) < 4:
            yield subject.fault("C07", f"{field.path}.en", "says too little: a reason has at least 4 words")
    for one, other in combinations(reasons, 2):
        if plain(one.text.zh) == plain(other.text.zh) or plain(one.text.en) == plain(other.text.en):
            yield subject.fault("C07", other.path, f"is the same as {one.path}")
    for option in item.options:
        if not option.key and option.error is None:
            name = (
                f"reasons.{'true' if option.id == 'T' else 'false'}"
                if item.kind is Kind.TRUE_FALSE
                else f"options.{option.id}"
            )
            yield subject.fault("C07", f"{name}.error", "is missing: every wrong choice names its class of error")


def check_duplicates(subject: Subject) -> Iterator[ContentFault]:
    """C08: no two choices say the same, in words or in value; nearly the same is a warning."""
    item = subject.item
    if item.kind is Kind.TRUE_FALSE:
        return
    groups: tuple[tuple[str, Sequence[tuple[str, Text]]], ...] = (
        ("options", [(option.id, option.text) for option in item.options]),
        ("elements", [(element.id, element.text) for element in item.elements]),
        ("premises", [(premise.id, premise.text) for premise in item.premises]),
        ("responses", [(response.id, response.text) for response in item.responses]),
    )
    for name, choices in groups:
        for (one, first), (other, second) in combinations(choices, 2):
            if _same(first, second):
                yield subject.fault("C08", f"{name}.{other}.text", f"says the same as {one}")
            elif _nearly(first, second):
                yield subject.fault("C08", f"{name}.{other}.text", f"is hardly to be told from {one}", WARNING)


def check_ordering(subject: Subject) -> Iterator[ContentFault]:
    """C20: distinct sort keys, ids that do not give the order away, nothing in an element that dates it."""
    item = subject.item
    if item.kind is not Kind.ORDERING:
        return
    if not 4 <= len(item.elements) <= 6:
        yield subject.fault("C20", "elements", f"has {len(item.elements)} elements; an ordering has 4 to 6")
    keys = [element.sort for element in item.elements]
    if len(set(keys)) < len(keys):
        yield subject.fault("C20", "elements", "has the same sort key twice, so the true order is not one")
    true_order = sorted(item.elements, key=lambda element: element.sort)
    if [element.id for element in true_order] == sorted(element.id for element in item.elements):
        yield subject.fault("C20", "elements", "the ids stand in the true order and give it away")
    for element in item.elements:
        if _DATED.search(element.text.zh) or re.search(r"\d", element.text.en):
            yield subject.fault(
                "C20", f"elements.{element.id}.text", "has a number, which may give the order away", WARNING
            )


def check_matching(subject: Subject) -> Iterator[ContentFault]:
    """C20: 3 to 6 on each side, each premise with one response, and no last pair for free."""
    item = subject.item
    if item.kind is not Kind.MATCHING:
        return
    known = [response.id for response in item.responses]
    for name, count in (("premises", len(item.premises)), ("responses", len(known))):
        if not 3 <= count <= 6:
            yield subject.fault("C20", name, f"has {count} entries; a matching has 3 to 6 on each side")
    for premise in item.premises:
        if known.count(premise.response) != 1:
            yield subject.fault("C20", f"premises.{premise.id}.response", "does not name exactly one response")
    if not item.reuse:
        if len(item.premises) == len(known):
            yield subject.fault("C20", "responses", "are as many as the premises and not reused: the last pair is free")
        if len({premise.response for premise in item.premises}) < len(item.premises):
            yield subject.fault(
                "C20", "reuse", "two premises share a response, so reuse must be true and the stem must say so"
            )


def _options(subject: Subject) -> Iterator[ContentFault]:
    item = subject.item
    lowest, highest = _OPTIONS[item.kind]
    if not lowest <= len(item.options) <= highest:
        yield subject.fault("C06", "options", f"has {len(item.options)} options; {item.kind} has {lowest} to {highest}")
    keys = len(subject.keys)
    if item.kind is Kind.MULTIPLE and not 2 <= keys <= len(item.options) - 1:
        yield subject.fault("C06", "options", f"has {keys} keys; multiple has 2 up to one less than its options")
    elif item.kind is not Kind.MULTIPLE and keys != 1:
        yield subject.fault("C06", "options", f"has {keys} keys; {item.kind} has one")


def _scoring(subject: Subject) -> Iterator[ContentFault]:
    item, scoring = subject.item, subject.item.scoring
    if item.points < 1:
        yield subject.fault("C06", "points", "must be at least 1")
    if item.kind is Kind.MULTIPLE and scoring.rule is Rule.PARTIAL:
        keys = len(subject.keys)
        if scoring.step * (keys - 1) >= item.points:
            yield subject.fault(
                "C06", "scoring.step", f"{keys - 1} right choices must earn less than all {item.points} points"
            )
        if item.points != _POINTS_OF_MULTIPLE.get(keys, item.points) or scoring.step != 1:
            told = _POINTS_OF_MULTIPLE.get(keys)
            yield subject.fault("C06", "points", f"with {keys} keys there are {told} points, 1 for each right choice")
    if scoring.rule is Rule.NEIGHBOURS and item.points != scoring.step * (len(item.elements) - 1):
        yield subject.fault("C06", "points", "must be the step for each pair of neighbours")
    if scoring.rule is Rule.PER_PAIR and item.points != scoring.step * len(item.premises):
        yield subject.fault("C06", "points", "must be the step for each premise")


def _ids_of(item: Item) -> Iterator[tuple[str, list[str]]]:
    yield "options", [option.id for option in item.options]
    yield "elements", [element.id for element in item.elements]
    yield "premises", [premise.id for premise in item.premises]
    yield "responses", [response.id for response in item.responses]


def _is_reason_of_choice(field: Field) -> bool:
    kind = field.path.split(".")[0]
    return kind == "reasons" or (kind in ("options", "errors") and field.path.endswith("reason"))


def _same(first: Text, second: Text) -> bool:
    """Equal plain texts in either language, or the same value where both are only a number and its unit."""
    if _comparable(first.zh) == _comparable(second.zh) or _comparable(first.en) == _comparable(second.en):
        return True
    numeric = all(_NUMBER_AND_UNIT.fullmatch(text.zh.strip()) for text in (first, second))
    one, other = read(first.zh).figures, read(second.zh).figures
    return (
        numeric
        and len(one) == 1
        and len(other) == 1
        and one[0].value == other[0].value
        and one[0].sort == other[0].sort
    )


def _comparable(text: str) -> str:
    """The plain text, but with the points and signs that change a number."""
    return plain(re.sub(r"(?<=\d)\.(?=\d)", "点", re.sub(r"(?<!\w)[-−](?=\d)", "负", text)))


def _nearly(first: Text, second: Text) -> bool:
    """Nearly the same words, with the same figures and with 不, 未, 无, 非 in the same places."""
    if values_of(first) != values_of(second) or _denials(first.zh) != _denials(second.zh):
        return False
    return jaccard(grams(plain(first.zh), 2), grams(plain(second.zh), 2)) >= _ALIKE


def _denials(text: str) -> list[int]:
    return [place for place, sign in enumerate(plain(text)) if sign in "不未无非"]

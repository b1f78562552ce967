"""Items and cases from plain data, as content files and JSON hold them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from question_bank.fields import AS_OF, CODE, INSTRUMENT, ITEM_ID, PART_ID, Fields
from question_bank.items import (
    Case,
    CaseRow,
    Certainty,
    Element,
    ErrorClass,
    ExpectedError,
    Item,
    Kind,
    Level,
    MatchResponse,
    NumericKey,
    Option,
    Premise,
    Rule,
    Scoring,
    Waiver,
)
from question_bank.texts import Text

TRUE_ID: Final = "T"
FALSE_ID: Final = "F"
TRUE_TEXT: Final = Text("正确", "True")
FALSE_TEXT: Final = Text("错误", "False")

MAX_POINTS: Final = 100
_NO_DAY: Final = date.min

RULES_OF: Final = {
    Kind.SINGLE: {Rule.ALL_OR_NOTHING},
    Kind.TRUE_FALSE: {Rule.ALL_OR_NOTHING},
    Kind.NUMERIC: {Rule.ALL_OR_NOTHING},
    Kind.MULTIPLE: {Rule.ALL_OR_NOTHING, Rule.PARTIAL},
    Kind.ORDERING: {Rule.ALL_OR_NOTHING, Rule.NEIGHBOURS},
    Kind.MATCHING: {Rule.ALL_OR_NOTHING, Rule.PER_PAIR},
}


def read_item(fields: Fields, case: str | None = None) -> Item:
    """The item in `fields`; what is wrong with it stands in `fields.faults`, and then the item is not to be used.

    case: id of the case it stands in, None when it stands alone.
    """
    kind = fields.choice("kind", Kind)
    item = Item(
        id=fields.string("id", ITEM_ID, 40),
        kind=kind,
        codes=fields.strings("codes", CODE, required=True),
        instruments=fields.strings("instruments", INSTRUMENT, required=False),
        effective_from=fields.day("effective_from"),
        effective_to=fields.day("effective_to"),
        as_of=fields.optional("as_of", AS_OF),
        certainty=fields.choice("certainty", Certainty),
        level=fields.choice("level", Level),
        difficulty=fields.whole("difficulty", 1, 99),
        points=fields.whole("points", 1, MAX_POINTS),
        scoring=_scoring(fields, kind),
        public=fields.flag("public"),
        stem=fields.text("stem"),
        rationale=fields.text("rationale"),
        source=fields.text("source"),
        borrowed=fields.strings("borrowed", CODE),
        enemies=fields.strings("enemies", ITEM_ID),
        twins=fields.strings("twins", ITEM_ID),
        comparison=fields.flag("comparison", default=False),
        working=fields.lines("working"),
        waivers=fields.mappings("waivers", _waiver),
        case=case,
    )
    _refuse_odd_dates(item, fields)
    if fields.raw("kind") not in tuple(Kind):
        return item  # which further fields belong to it, nobody knows
    item = _WITH_PARTS[kind](item, fields)
    fields.refuse_unknown()
    return item


def read_case(fields: Fields) -> Case:
    """The case in `fields` with its items; faults as in `read_item`."""
    case_id = fields.string("id", ITEM_ID, 40)
    case = Case(
        id=case_id,
        title=fields.text("title"),
        text=fields.text("text"),
        rows=fields.mappings("rows", _row),
        items=tuple(read_item(entry, case_id) for entry in fields.entries("items", ITEM_ID, required=True)),
    )
    ids = {item.id for item in case.items}
    if len(ids) < len(case.items):
        fields.fault("items", "two items of the case have the same id")
    for item in case.items:
        if friends := ids.intersection(item.enemies + item.twins):
            fields.fault("items", f"{item.id} and {min(friends)} are drawn together, they cannot be enemies")
    fields.refuse_unknown()
    return case


def _scoring(fields: Fields, kind: Kind) -> Scoring:
    if not fields.has("scoring"):
        fields.raw("scoring")
        fields.fault("scoring", "is missing")
        return Scoring(Rule.ALL_OR_NOTHING)
    inner = fields.mapping("scoring")
    rule = inner.choice("rule", Rule)
    step = 0 if rule is Rule.ALL_OR_NOTHING and not inner.has("step") else inner.whole("step", 0, MAX_POINTS)
    inner.raw("step")
    inner.refuse_unknown()
    if rule not in RULES_OF[kind]:
        inner.fault("rule", f"{rule} is no rule for the kind {kind}")
    if (rule is Rule.ALL_OR_NOTHING) != (step == 0):
        inner.fault("step", "is 0 with all_or_nothing, and at least 1 with every other rule")
    return Scoring(rule, step)


def _waiver(fields: Fields) -> Waiver:
    day = fields.day("date")
    if day is None:
        if not fields.has("date"):
            fields.fault("date", "a waiver needs its date")
        day = _NO_DAY
    waiver = Waiver(fields.string("code", INSTRUMENT), fields.string("reason"), fields.string("name", None, 80), day)
    fields.refuse_unknown()
    return waiver


def _row(fields: Fields) -> CaseRow:
    row = CaseRow(fields.text("group"), fields.text("label"), fields.text("value"))
    fields.refuse_unknown()
    return row


def _refuse_odd_dates(item: Item, fields: Fields) -> None:
    if item.effective_from and item.effective_to and item.effective_to < item.effective_from:
        fields.fault("effective_to", "lies before effective_from")


def _refuse_twice(ids: list[str], fields: Fields, name: str) -> None:
    for twice in sorted({entry for entry in ids if entry and ids.count(entry) > 1}):
        fields.fault(f"{name}.{twice}", "the id stands twice")


def _with_options(item: Item, fields: Fields) -> Item:
    options = fields.mappings("options", _option, required=True)
    _refuse_twice([option.id for option in options], fields, "options")
    return replace(item, options=options)


def _option(fields: Fields) -> Option:
    option = Option(
        id=fields.string("id", PART_ID),
        text=fields.text("text"),
        reason=fields.text("reason"),
        key=fields.flag("key"),
        error=fields.optional_choice("error", ErrorClass),
    )
    if option.key and option.error:
        fields.fault("error", "a key is no error")
    fields.refuse_unknown()
    return option


def _with_truth(item: Item, fields: Fields) -> Item:
    truth = fields.flag("truth")
    if not fields.has("reasons"):
        fields.raw("reasons")
        fields.fault("reasons", "is missing")
        return item
    inner = fields.mapping("reasons")
    options = (
        _truth_option(inner, "true", truth),
        _truth_option(inner, "false", not truth),
    )
    inner.refuse_unknown()
    return replace(item, options=options)


def _truth_option(fields: Fields, name: str, key: bool) -> Option:
    reason = fields.text(name, extra=frozenset({"error"}))
    error = fields.mapping(name).optional_choice("error", ErrorClass) if fields.has(name) else None
    if key and error:
        fields.fault(f"{name}.error", "the right truth value is no error")
    identity, text = (TRUE_ID, TRUE_TEXT) if name == "true" else (FALSE_ID, FALSE_TEXT)
    return Option(identity, text, reason, key, error)


def _with_number(item: Item, fields: Fields) -> Item:
    if not fields.has("answer"):
        fields.raw("answer")
        fields.fault("answer", "is missing")
        return item
    inner = fields.mapping("answer")
    numeric = NumericKey(
        value=inner.decimal("value"),
        tolerance=inner.decimal("tolerance"),
        decimals=inner.whole("decimals", 0, 10),
        unit=inner.text("unit"),
        errors=fields.mappings("errors", _expected_error),
    )
    if numeric.tolerance < 0:
        inner.fault("tolerance", "cannot be below 0")
    inner.refuse_unknown()
    return replace(item, numeric=numeric)


def _expected_error(fields: Fields) -> ExpectedError:
    expected = ExpectedError(fields.decimal("value"), fields.choice("error", ErrorClass), fields.text("reason"))
    fields.refuse_unknown()
    return expected


def _with_elements(item: Item, fields: Fields) -> Item:
    elements = fields.mappings("elements", _element, required=True)
    _refuse_twice([element.id for element in elements], fields, "elements")
    if len({element.sort for element in elements}) < len(elements):
        fields.fault("elements", "two elements have the same sort key", "C20")
    return replace(item, elements=elements)


def _element(fields: Fields) -> Element:
    element = Element(
        fields.string("id", PART_ID), fields.text("text"), fields.string("sort", None, 80), fields.text("reason")
    )
    fields.refuse_unknown()
    return element


def _with_pairs(item: Item, fields: Fields) -> Item:
    premises = fields.mappings("premises", _premise, required=True)
    responses = fields.mappings("responses", _match_response, required=True)
    _refuse_twice([premise.id for premise in premises], fields, "premises")
    _refuse_twice([response.id for response in responses], fields, "responses")
    known = {response.id for response in responses}
    for premise in premises:
        if premise.response and premise.response not in known:
            fields.fault(f"premises.{premise.id}.response", "is no id of a response", "C20")
    return replace(item, premises=premises, responses=responses, reuse=fields.flag("reuse"))


def _premise(fields: Fields) -> Premise:
    premise = Premise(
        fields.string("id", PART_ID), fields.text("text"), fields.string("response", PART_ID), fields.text("reason")
    )
    fields.refuse_unknown()
    return premise


def _match_response(fields: Fields) -> MatchResponse:
    response = MatchResponse(fields.string("id", PART_ID), fields.text("text"))
    fields.refuse_unknown()
    return response


_WITH_PARTS: Final[dict[Kind, Callable[[Item, Fields], Item]]] = {
    Kind.SINGLE: _with_options,
    Kind.MULTIPLE: _with_options,
    Kind.TRUE_FALSE: _with_truth,
    Kind.NUMERIC: _with_number,
    Kind.ORDERING: _with_elements,
    Kind.MATCHING: _with_pairs,
}

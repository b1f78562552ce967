"""Items, cases and blueprints as JSON-ready data in the shape of the content files, and back; their content hashes."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from question_bank.blueprint import Blueprint, KindLimit, Quota, Range
from question_bank.blueprint_reading import read_blueprint
from question_bank.errors import ContentFault, ContentRefused
from question_bank.fields import ITEM_ID, Fields, entry_fields
from question_bank.item_reading import TRUE_ID, read_case, read_item
from question_bank.items import Case, Item, Kind, NumericKey, Option, Waiver
from question_bank.texts import Text

Json = dict[str, Any]
T = TypeVar("T")


def content_hash(content: Item | Case | Blueprint) -> str:
    """SHA-256 in hexadecimal over the canonical JSON of `content`: its id and every field but waivers.

    Fields with their usual empty value are left out of the JSON, so a field added later does not change old hashes.
    """
    return hash_of_json(_to_json(content))


def hash_of_json(value: object) -> str:
    """SHA-256 in hexadecimal of JSON-ready data: keys sorted, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _to_json(content: Item | Case | Blueprint) -> Json:
    if isinstance(content, Item):
        return item_to_json(replace(content, waivers=()))
    if isinstance(content, Case):
        return case_to_json(replace(content, items=tuple(replace(item, waivers=()) for item in content.items)))
    return blueprint_to_json(content)


def item_to_json(item: Item) -> Json:
    """The item in the shape of a content file, JSON-ready; `case` stands with it when it belongs to one."""
    required: Json = {
        "id": item.id,
        "kind": str(item.kind),
        "codes": list(item.codes),
        "effective_from": item.effective_from.isoformat() if item.effective_from else None,
        "effective_to": item.effective_to.isoformat() if item.effective_to else None,
        "certainty": str(item.certainty),
        "level": str(item.level),
        "difficulty": item.difficulty,
        "points": item.points,
        "scoring": _filled({"rule": str(item.scoring.rule), "step": item.scoring.step or None}),
        "public": item.public,
        "stem": _text(item.stem),
        "rationale": _text(item.rationale),
        "source": _text(item.source),
    }
    usual = {
        "instruments": list(item.instruments),
        "as_of": item.as_of,
        "borrowed": list(item.borrowed),
        "enemies": list(item.enemies),
        "twins": list(item.twins),
        "comparison": item.comparison,
        "working": list(item.working),
        "waivers": [_waiver(waiver) for waiver in item.waivers],
        "case": item.case,
    }
    return required | _filled(usual) | _PARTS[item.kind](item)


def item_from_json(value: object) -> Item:
    """The item of `item_to_json`. Raises ContentRefused with every fault when it is not one."""
    return _read(value, _read_item_with_case)


def case_to_json(case: Case) -> Json:
    """The case with its items in the shape of a content file, JSON-ready."""
    return {
        "id": case.id,
        "title": _text(case.title),
        "text": _text(case.text),
        "rows": [
            {"group": _text(row.group), "label": _text(row.label), "value": _text(row.value)} for row in case.rows
        ],
        "items": [item_to_json(replace(item, case=None)) for item in case.items],
    }


def case_from_json(value: object) -> Case:
    """The case of `case_to_json`. Raises ContentRefused with every fault when it is not one."""
    return _read(value, read_case)


def blueprint_to_json(blueprint: Blueprint) -> Json:
    """The blueprint in the shape of a content file, JSON-ready."""
    required: Json = {
        "id": blueprint.id,
        "title": _text(blueprint.title),
        "purpose": str(blueprint.purpose),
        "items": blueprint.items,
        "minutes": blueprint.minutes,
        "rows": [{"id": row.id, "title": _text(row.title), "sections": list(row.sections)} for row in blueprint.rows],
        "quotas": [_quota(quota) for quota in blueprint.quotas],
        "certainty": [str(certainty) for certainty in blueprint.certainty],
    }
    usual = {
        "kinds": [_limit(limit) for limit in blueprint.kinds],
        "cases": _range(blueprint.cases),
        "points": _range(blueprint.points),
        "predicted": _range(blueprint.predicted),
        "cut": {"percent": blueprint.cut.percent, "basis": _text(blueprint.cut.basis)} if blueprint.cut else None,
    }
    return required | _filled(usual)


def _quota(quota: Quota) -> Json:
    usual = {
        "row": quota.row,
        "level": str(quota.level) if quota.level else None,
        "difficulty": _range(quota.difficulty),
        "maximum": quota.maximum,
    }
    return {"minimum": quota.minimum} | _filled(usual)


def _limit(limit: KindLimit) -> Json:
    return _filled(
        {
            "kind": str(limit.kind),
            "minimum": limit.minimum or None,
            "maximum": limit.maximum,
            "points_percent": limit.points_percent,
        }
    )


def blueprint_from_json(value: object) -> Blueprint:
    """The blueprint of `blueprint_to_json`. Raises ContentRefused with every fault when it is not one."""
    return _read(value, read_blueprint)


def _read_item_with_case(fields: Fields) -> Item:
    return read_item(fields, fields.optional("case", ITEM_ID))


def _read(value: object, read: Callable[[Fields], T]) -> T:
    faults: list[ContentFault] = []
    found = read(entry_fields(value, "JSON", (ITEM_ID, ""), faults))
    if faults:
        raise ContentRefused(tuple(faults))
    return found


def _text(text: Text) -> Json:
    return {"zh": text.zh, "en": text.en}


def _filled(values: Json) -> Json:
    """`values` without what is null, false or an empty list. A 0 stays: it says something."""
    return {key: value for key, value in values.items() if value is not None and value is not False and value != []}


def _range(found: Range | None) -> Json | None:
    if found is None or found == Range():
        return None
    return {"minimum": found.minimum} | ({} if found.maximum is None else {"maximum": found.maximum})


def _number(value: Decimal) -> str:
    return format(value, "f")


def _waiver(waiver: Waiver) -> Json:
    return {"code": waiver.code, "reason": waiver.reason, "name": waiver.name, "date": waiver.date.isoformat()}


def _error(option: Option) -> Json:
    return {"error": str(option.error)} if option.error else {}


def _choice_parts(item: Item) -> Json:
    options = [
        {"id": option.id, "key": option.key, "text": _text(option.text), "reason": _text(option.reason)}
        | _error(option)
        for option in item.options
    ]
    return {"options": options}


def _truth_parts(item: Item) -> Json:
    reasons = {
        "true" if option.id == TRUE_ID else "false": _text(option.reason) | _error(option) for option in item.options
    }
    return {"truth": TRUE_ID in item.key_ids, "reasons": reasons}


def _numeric_parts(item: Item) -> Json:
    numeric: NumericKey | None = item.numeric
    assert numeric is not None, f"{item.id} is numeric and has no number"
    return {
        "answer": {
            "value": _number(numeric.value),
            "tolerance": _number(numeric.tolerance),
            "decimals": numeric.decimals,
            "unit": _text(numeric.unit),
        },
        "errors": [
            {"value": _number(expected.value), "error": str(expected.error), "reason": _text(expected.reason)}
            for expected in numeric.errors
        ],
    }


def _ordering_parts(item: Item) -> Json:
    elements = [
        {"id": element.id, "text": _text(element.text), "sort": element.sort, "reason": _text(element.reason)}
        for element in item.elements
    ]
    return {"elements": elements}


def _matching_parts(item: Item) -> Json:
    premises = [
        {
            "id": premise.id,
            "text": _text(premise.text),
            "response": premise.response,
            "reason": _text(premise.reason),
        }
        for premise in item.premises
    ]
    responses = [{"id": response.id, "text": _text(response.text)} for response in item.responses]
    return {"premises": premises, "responses": responses, "reuse": item.reuse}


_PARTS: dict[Kind, Callable[[Item], Json]] = {
    Kind.SINGLE: _choice_parts,
    Kind.MULTIPLE: _choice_parts,
    Kind.TRUE_FALSE: _truth_parts,
    Kind.NUMERIC: _numeric_parts,
    Kind.ORDERING: _ordering_parts,
    Kind.MATCHING: _matching_parts,
}

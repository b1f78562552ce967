"""Blueprints from plain data, as content files and JSON hold them."""

import re
from typing import Final

from question_bank.blueprint import Blueprint, Cut, KindLimit, Purpose, Quota, Range, Row
from question_bank.fields import CODE, ITEM_ID, Fields
from question_bank.items import Certainty, Kind, Level

MAX_ITEMS: Final = 500
MAX_MINUTES: Final = 600
ROW_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read_blueprint(fields: Fields) -> Blueprint:
    """The blueprint in `fields`; what is wrong with it stands in `fields.faults`, and then it is not to be used."""
    blueprint = Blueprint(
        id=fields.string("id", ITEM_ID, 40),
        title=fields.text("title"),
        purpose=fields.choice("purpose", Purpose),
        items=fields.whole("items", 1, MAX_ITEMS),
        minutes=fields.whole("minutes", 1, MAX_MINUTES),
        rows=fields.mappings("rows", _row, required=True),
        quotas=fields.mappings("quotas", _quota),
        kinds=fields.mappings("kinds", _kind_limit),
        cases=_range(fields, "cases", MAX_ITEMS),
        points=_range(fields, "points", 100_000),
        predicted=_range(fields, "predicted", 100),
        certainty=_certainty(fields),
        cut=_cut(fields),
    )
    _refuse_unknown_rows(blueprint, fields)
    fields.refuse_unknown()
    return blueprint


def _row(fields: Fields) -> Row:
    row = Row(fields.string("id", ROW_ID), fields.text("title"), fields.strings("sections", CODE, required=True))
    fields.refuse_unknown()
    return row


def _quota(fields: Fields) -> Quota:
    band = _range(fields, "difficulty", 100)
    quota = Quota(
        row=fields.optional("row", ROW_ID),
        level=fields.optional_choice("level", Level),
        difficulty=None if band == Range() else band,
        minimum=fields.optional_whole("minimum", 0, MAX_ITEMS) or 0,
        maximum=fields.optional_whole("maximum", 0, MAX_ITEMS),
    )
    _refuse_upside_down(quota.minimum, quota.maximum, fields)
    if not fields.has("minimum") and not fields.has("maximum"):
        fields.fault("minimum", "a quota needs a minimum, a maximum or both")
    fields.refuse_unknown()
    return quota


def _kind_limit(fields: Fields) -> KindLimit:
    limit = KindLimit(
        kind=fields.choice("kind", Kind),
        minimum=fields.optional_whole("minimum", 0, MAX_ITEMS) or 0,
        maximum=fields.optional_whole("maximum", 0, MAX_ITEMS),
        points_percent=fields.optional_whole("points_percent", 0, 100),
    )
    _refuse_upside_down(limit.minimum, limit.maximum, fields)
    fields.refuse_unknown()
    return limit


def _range(fields: Fields, name: str, highest: int) -> Range:
    if not fields.has(name):
        fields.raw(name)
        return Range()
    inner = fields.mapping(name)
    found = Range(inner.optional_whole("minimum", 0, highest) or 0, inner.optional_whole("maximum", 0, highest))
    _refuse_upside_down(found.minimum, found.maximum, inner)
    inner.refuse_unknown()
    return found


def _refuse_upside_down(minimum: int, maximum: int | None, fields: Fields) -> None:
    if maximum is not None and maximum < minimum:
        fields.fault("maximum", "is below the minimum")


def _certainty(fields: Fields) -> tuple[Certainty, ...]:
    pattern = re.compile("|".join(Certainty))
    if fields.has("certainty"):
        return tuple(Certainty(word) for word in fields.strings("certainty", pattern, required=True))
    fields.raw("certainty")
    return (Certainty.OFFICIAL, Certainty.SECONDARY)


def _cut(fields: Fields) -> Cut | None:
    if not fields.has("cut"):
        fields.raw("cut")
        return None
    inner = fields.mapping("cut")
    cut = Cut(inner.whole("percent", 0, 100), inner.text("basis"))
    inner.refuse_unknown()
    return cut


def _refuse_unknown_rows(blueprint: Blueprint, fields: Fields) -> None:
    ids = [row.id for row in blueprint.rows]
    for twice in sorted({entry for entry in ids if entry and ids.count(entry) > 1}):
        fields.fault(f"rows.{twice}", "the id stands twice")
    for position, quota in enumerate(blueprint.quotas, 1):
        if quota.row and quota.row not in ids:
            fields.fault(f"quotas.{position}.row", f"{quota.row} is no id of a row")
    kinds = [limit.kind for limit in blueprint.kinds]
    if len(set(kinds)) < len(kinds):
        fields.fault("kinds", "a kind stands twice")

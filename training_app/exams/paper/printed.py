"""Forms as a paper prints them: an item is rendered once a version and place in it, a form once, in both languages.

A version never changes, so what was rendered stays right; only what escaped every character of the bank is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from flask import current_app
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.items import Case, Certainty, Item, Level
from question_bank.texts import Text
from training_app.bank.models import ItemVersion
from training_app.db import home_of
from training_app.exams.attempts import PaperItem, paper_of_form
from training_app.exams.models import Form, FormItem
from training_app.exams.papers import blueprint_version
from training_app.memory import Memory

NOTHING: Final = Text("", "")
MOST_FORMS: Final = 200
MOST_ITEMS: Final = 5000
PARTS: Final = "exams/_attempt.html"


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case with the positions of its items."""

    case: Case
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A form. title: of its blueprint. zones: cases, items and palette. items: what the page's script knows of each."""

    title: Text
    zones: Markup
    items: tuple[dict[str, object], ...]


FormKey = tuple[str, int, str]
ItemKey = tuple[int, str, int, int, tuple[str, ...], str | None]

_FORMS: Memory[FormKey, Printed] = Memory(MOST_FORMS)
_ITEMS: Memory[ItemKey, Markup] = Memory(MOST_ITEMS)


def printed_before(home: str, form_id: int, content_hash: str) -> Printed | None:
    """The form, when this process has printed it."""
    return _FORMS.recall((home, form_id, content_hash))


def print_form(session: Session, form_id: int, content_hash: str) -> Printed:
    """The form, printed now and remembered."""
    places = tuple(_shown(place) for place in paper_of_form(session, form_id))
    hashes = _hashes(session, form_id)
    parts = current_app.jinja_env.get_template(PARTS).module
    blocks = [_block(place, hashes[place.version_id]) for place in places]
    form = session.get_one(Form, form_id)
    printed = Printed(
        title=blueprint_version(session, form.blueprint_version_id).title,
        zones=parts.zones(cases_of(places), blocks),  # type: ignore[attr-defined]  # a macro of the template
        items=tuple(_item_data(place) for place in places),
    )
    _FORMS.keep((home_of(session), form_id, content_hash), printed)
    return printed


def _hashes(session: Session, form_id: int) -> dict[int, str]:
    rows = session.execute(
        select(ItemVersion.id, ItemVersion.content_hash)
        .join(FormItem, FormItem.item_version_id == ItemVersion.id)
        .where(FormItem.form_id == form_id)
    )
    return {row.id: row.content_hash for row in rows}


def _block(place: PaperItem, content_hash: str) -> Markup:
    case = place.case.id if place.case else None
    key = (place.version_id, content_hash, place.position, place.points, place.option_order, case)
    block = _ITEMS.recall(key)
    if block is None:
        parts = current_app.jinja_env.get_template(PARTS).module
        block = Markup(parts.item_block(place))  # type: ignore[attr-defined]  # noqa: S704 - a macro, which escapes
        _ITEMS.keep(key, block)
    return block


def without_key(item: Item) -> Item:
    """The item with nothing but what a candidate may read: words, parts to choose from, unit, how to answer."""
    numeric = item.numeric
    return replace(
        item,
        id="",
        codes=(),
        instruments=(),
        effective_from=None,
        effective_to=None,
        as_of=None,
        certainty=Certainty.UNVERIFIED,
        level=Level.RECALL,
        difficulty=0,
        public=False,
        rationale=NOTHING,
        source=NOTHING,
        options=tuple(replace(one, key=False, reason=NOTHING, error=None) for one in item.options),
        numeric=replace(numeric, value=Decimal(0), tolerance=Decimal(0), errors=()) if numeric else None,
        elements=tuple(replace(one, sort="", reason=NOTHING) for one in item.elements),
        premises=tuple(replace(one, response="", reason=NOTHING) for one in item.premises),
        borrowed=(),
        enemies=(),
        twins=(),
        comparison=False,
        working=(),
        waivers=(),
    )


def _shown(place: PaperItem) -> PaperItem:
    case = replace(place.case, items=()) if place.case else None
    return replace(place, item=without_key(place.item), case=case)


def cases_of(places: Sequence[PaperItem]) -> tuple[CaseShown, ...]:
    """The cases of these items, in their order."""
    found: dict[str, CaseShown] = {}
    for place in places:
        if place.case is not None:
            before = found.get(place.case.id, CaseShown(place.case, ()))
            found[place.case.id] = replace(before, positions=(*before.positions, place.position))
    return tuple(found.values())


def _item_data(place: PaperItem) -> dict[str, object]:
    return {
        "item": place.version_id,
        "position": place.position,
        "kind": place.item.kind.value,
        "points": place.points,
        "case": place.case.id if place.case else None,
    }

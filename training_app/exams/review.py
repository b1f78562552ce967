"""An item as templates show it: parts in the shown order, and after the answer what was right and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar, cast

from flask import Flask
from flask_babel import gettext as _

from question_bank.criteria import Node
from question_bank.items import Case, Item, NumericKey
from question_bank.scoring import key_response, read_number, score, true_order
from question_bank.texts import Text
from training_app.bank.services import criteria
from training_app.exams.attempts import PaperItem
from training_app.exams.results import SectionScore
from training_app.web.words import in_language


class Part(Protocol):
    """An option, element, premise or response."""

    @property
    def id(self) -> str:
        """Its id within the item."""

    @property
    def text(self) -> Text:
        """Its words."""


P = TypeVar("P", bound=Part)


def ordered(parts: Iterable[P], order: Sequence[str]) -> list[P]:
    """The parts in the order in which they are shown."""
    by_id = {part.id: part for part in parts}
    return [by_id[part_id] for part_id in order if part_id in by_id]


def pairs(parts: Iterable[Part]) -> list[tuple[str, str]]:
    """(id, words) of each part in the language of this answer."""
    return [(part.id, in_language(part.text)) for part in parts]


def places_of(given: object) -> dict[str, int]:
    """Element id -> place from 1, of an ordering response or of places as they were typed."""
    if isinstance(given, dict):
        return {element: int(place) for element, place in given.items() if len(place) < 3 and place.isdecimal()}
    return {element: place for place, element in enumerate(given, start=1)} if isinstance(given, list) else {}


def reviewed_options(item: Item, order: Sequence[str], given: object) -> list[dict[str, object]]:
    """Each option as shown with whether it was chosen, is a key, and why."""
    chosen = given if isinstance(given, list) else []
    return [
        {
            "text": in_language(option.text),
            "chosen": option.id in chosen,
            "key": option.key,
            "reason": in_language(option.reason),
        }
        for option in ordered(item.options, order)
    ]


def reviewed_rows(item: Item, given: object) -> list[dict[str, object]]:
    """Each part of a numeric, ordering or matching item: what was given, what is right, and why."""
    if item.numeric is not None:
        return [_number_row(item, item.numeric, given)]
    if item.elements:
        return _element_rows(item, given)
    return _premise_rows(item, given)


def _number_row(item: Item, key: NumericKey, given: object) -> dict[str, object]:
    unit = in_language(key.unit)
    typed = str(given or "")
    correct = bool(typed) and score(item, typed) == item.points
    number = read_number(typed, key.unit)
    usual = next((error for error in key.errors if number == error.value), None)
    right = f"{key.value:f} {unit}"
    if key.tolerance:
        right += f" (± {key.tolerance:f})"
    return {
        "label": "",
        "given": f"{typed} {unit}" if typed else "",
        "right": right,
        "correct": correct,
        "reason": in_language(usual.reason) if usual and not correct else "",
    }


def _element_rows(item: Item, given: object) -> list[dict[str, object]]:
    chosen = places_of(given)
    by_id = {element.id: element for element in item.elements}
    return [
        {
            "label": f"{place}. {in_language(by_id[element_id].text)}",
            "given": _("place %(place)s", place=chosen[element_id]) if element_id in chosen else "",
            "right": _("place %(place)s", place=place),
            "correct": chosen.get(element_id) == place,
            "reason": in_language(by_id[element_id].reason),
        }
        for place, element_id in enumerate(true_order(item), start=1)
    ]


def _premise_rows(item: Item, given: object) -> list[dict[str, object]]:
    chosen = cast("dict[str, str]", given) if isinstance(given, dict) else {}
    words = {response.id: in_language(response.text) for response in item.responses}
    return [
        {
            "label": in_language(premise.text),
            "given": words.get(chosen.get(premise.id, ""), ""),
            "right": words[premise.response],
            "correct": chosen.get(premise.id) == premise.response,
            "reason": in_language(premise.reason),
        }
        for premise in item.premises
    ]


def case_rows(case: Case) -> list[dict[str, str]]:
    """The table of a case in the language of this answer."""
    return [
        {"group": in_language(row.group), "label": in_language(row.label), "value": in_language(row.value)}
        for row in case.rows
    ]


def cells(
    places: Sequence[PaperItem], answered: Collection[int], seen: Collection[int], current: int
) -> list[dict[str, object]]:
    """Palette of a running paper."""
    return [
        {
            "number": place.position,
            "state": "answered" if place.position in answered else "seen" if place.position in seen else "unseen",
            "current": place.position == current,
        }
        for place in places
    ]


def review_cells(places: Sequence[PaperItem], points: Mapping[int, int]) -> list[dict[str, object]]:
    """Palette of a scored paper, each cell a link to the item below."""
    return [
        {
            "number": place.position,
            "state": _outcome(points.get(place.version_id, 0), place.points),
            "href": f"#item-{place.position}",
        }
        for place in places
    ]


def _outcome(points: int, maximum: int) -> str:
    return "right" if points == maximum else "partly" if points else "wrong"


def section_bars(sections: Sequence[SectionScore]) -> list[dict[str, object]]:
    """Bars of one scale: points earned in each section of those that stood on the paper."""
    longest = max((section.maximum for section in sections), default=1)
    return [
        {
            "label": in_language(section.title),
            "value": section.points,
            "maximum": longest,
            "whole": section.maximum,
            "text": f"{section.points}/{section.maximum}",
        }
        for section in sections
    ]


def root_link(entry: tuple[Node, bool], path: str) -> tuple[str, str, bool]:
    """A segment (label, href, current) that chooses a tree."""
    node, current = entry
    edition = criteria().edition_of(node.code)
    return in_language(edition.short if edition else node.title), f"{path}?tree={node.code}", current


def authored_order(item: Item) -> list[str]:
    """Ids of the parts as the author wrote them."""
    return [part.id for parts in (item.options, item.elements, item.responses) for part in parts]


def init_review(app: Flask) -> None:
    """Templates of `app` can show items."""
    app.jinja_env.filters.update(
        authored_order=authored_order,
        case_rows=case_rows,
        cells=cells,
        key_of=key_response,
        ordered=ordered,
        pairs=pairs,
        review_cells=review_cells,
        reviewed_options=reviewed_options,
        reviewed_rows=reviewed_rows,
        root_link=root_link,
        section_bars=section_bars,
    )
    app.jinja_env.globals.update(places_of=places_of)

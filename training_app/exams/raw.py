"""A posted page form as a raw response, before the bank looks at it."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from question_bank.errors import RefusedResponse
from question_bank.items import Item, Kind
from question_bank.scoring import Response, parse_response
from training_app.errors import Refused
from training_app.web.words import in_language

PLACES = _l("Give every line a place of its own, from first to last, and save again.")


def raw_response(item: Item, form: MultiDict[str, str]) -> object:
    """What `form` says for `item`: fields `choice`, `number`, `place.ID` or `pair.ID`, by kind. Empty when omitted."""
    typed = as_typed(item, form)
    return _order(typed) if item.kind is Kind.ORDERING and isinstance(typed, dict) else typed


def as_typed(item: Item, form: MultiDict[str, str]) -> object:
    """What stands in the fields of `form`, right or wrong, so that a page can show it again.

    Ordering: element id -> place as typed; the other kinds as a raw response.
    """
    if item.kind is Kind.NUMERIC:
        return form.get("number", "")
    if item.kind is Kind.ORDERING:
        return _filled({element.id: form.get(f"place.{element.id}", "") for element in item.elements})
    if item.kind is Kind.MATCHING:
        return _filled({premise.id: form.get(f"pair.{premise.id}", "") for premise in item.premises})
    return form.getlist("choice")


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _order(places: Mapping[str, str]) -> list[str]:
    # from the first place on without a gap: what was placed so far counts, the rest may follow
    if sorted(places.values()) != sorted(str(place) for place in range(1, len(places) + 1)):
        raise Refused(PLACES)
    return sorted(places, key=lambda element: int(places[element]))


def parsed(item: Item, raw: object) -> Response:
    """The response in its stored shape. Refused, with a sentence, when it has not the shape its kind asks for."""
    try:
        return parse_response(item, raw)
    except RefusedResponse as fault:
        raise Refused(in_language(fault.said)) from fault

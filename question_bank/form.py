"""The assembled paper: items in their places, under a content hash."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from question_bank.blueprint import Blueprint
from question_bank.coverage import CoverageSheet
from question_bank.items import Case, Item
from question_bank.serialising import content_hash, hash_of_json


@dataclass(frozen=True, slots=True)
class FormEntry:
    """An item in its place. position: from 1 on. option_order: ids of its parts as shown. case: where it belongs."""

    position: int
    item: Item
    points: int
    option_order: tuple[str, ...]
    case: Case | None


@dataclass(frozen=True, slots=True)
class AssembledForm:
    """A form that meets its blueprint; `coverage` proves it. content_hash: over all that candidates are given."""

    blueprint: Blueprint
    seed: str
    day: date
    entries: tuple[FormEntry, ...]
    coverage: CoverageSheet
    content_hash: str

    @property
    def points(self) -> int:
        """Full points of the form."""
        return sum(entry.points for entry in self.entries)


def form_to_json(form: AssembledForm) -> dict[str, Any]:
    """The form with its coverage sheet, JSON-ready; items by id and content hash."""
    outline = outline_of(form.blueprint, form.seed, form.day, form.entries)
    return outline | {"content_hash": form.content_hash, "coverage": form.coverage.as_json()}


def outline_of(blueprint: Blueprint, seed: str, day: date, entries: tuple[FormEntry, ...]) -> dict[str, Any]:
    """What the hash of a form is taken over, JSON-ready."""
    return {
        "blueprint": {"id": blueprint.id, "hash": content_hash(blueprint)},
        "seed": seed,
        "day": day.isoformat(),
        "entries": [
            {
                "position": entry.position,
                "item": entry.item.id,
                "hash": content_hash(entry.item),
                "points": entry.points,
                "option_order": list(entry.option_order),
                "case": {"id": entry.case.id, "hash": content_hash(entry.case)} if entry.case else None,
            }
            for entry in entries
        ],
    }


def hash_of_form(blueprint: Blueprint, seed: str, day: date, entries: tuple[FormEntry, ...]) -> str:
    """SHA-256 in hexadecimal over the outline of a form."""
    return hash_of_json(outline_of(blueprint, seed, day, entries))

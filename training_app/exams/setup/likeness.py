"""How far the forms of a sitting differ, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.parallel import ParallelForms
from question_bank.texts import Text
from training_app.exams.models import Form, FormItem
from training_app.exams.sitting_models import Sitting


@dataclass(frozen=True, slots=True)
class FormLine:
    """One form. expected: percent of its points that it is predicted to earn; deviation: of its items, in percent."""

    letter: str
    hash: str
    items: int
    points: int
    expected: float
    deviation: float | None


@dataclass(frozen=True, slots=True)
class CellLine:
    """One line of the coverage sheets: how many items each form has in it, in the order of the letters."""

    title: Text
    drawn: tuple[int, ...]

    @property
    def is_same(self) -> bool:
        """Whether every form has as many."""
        return len(set(self.drawn)) == 1


@dataclass(frozen=True, slots=True)
class Likeness:
    """The forms of a sitting side by side. shared: for two letters how many items, anchors among them, both have."""

    forms: tuple[FormLine, ...]
    cells: tuple[CellLine, ...]
    shared: tuple[tuple[str, str, int], ...]
    anchors: int

    @property
    def means_apart(self) -> float:
        """How many percent of the points lie between the easiest form and the hardest."""
        found = [line.expected for line in self.forms]
        return max(found) - min(found)

    @property
    def most_shared(self) -> int:
        """The most items beside anchors that two forms have in common."""
        return max((count for *_, count in self.shared), default=0) - self.anchors

    @property
    def other_cells(self) -> tuple[CellLine, ...]:
        """The lines in which forms differ."""
        return tuple(line for line in self.cells if not line.is_same)


def difference_to_json(forms: ParallelForms) -> dict[str, object]:
    """What is kept with the sitting of how far its forms differ, JSON-ready."""
    found = forms.difference
    return {
        "means": list(found.means),
        "spreads": list(found.spreads),
        "shared": found.shared,
        "same_cells": found.same_cells,
        "anchors": sorted(forms.anchors),
    }


def likeness_of(session: Session, sitting: Sitting) -> Likeness | None:
    """The forms of the sitting side by side; None when it has none or one."""
    if len(sitting.forms) < 2 or sitting.difference is None:
        return None
    rows = {
        row.id: row
        for row in session.execute(
            select(Form.id, Form.content_hash, Form.points, Form.coverage).where(
                Form.id.in_([one.form_id for one in sitting.forms])
            )
        )
    }
    lines = tuple(
        FormLine(
            one.letter,
            rows[one.form_id].content_hash[:12],
            int(rows[one.form_id].coverage["items"]),
            rows[one.form_id].points,
            one.predicted / rows[one.form_id].points,
            None if one.spread is None else sqrt(one.spread),
        )
        for one in sitting.forms
    )
    anchors: Any = sitting.difference["anchors"]
    return Likeness(
        lines, _cells([rows[one.form_id].coverage for one in sitting.forms]), _shared(session, sitting), len(anchors)
    )


def _cells(sheets: Sequence[dict[str, Any]]) -> tuple[CellLine, ...]:
    return tuple(
        CellLine(Text(**same[0]["title"]), tuple(line["drawn"] for line in same))
        for same in zip(*(sheet["lines"] for sheet in sheets), strict=True)
    )


def _shared(session: Session, sitting: Sitting) -> tuple[tuple[str, str, int], ...]:
    items: dict[int, set[int]] = {one.form_id: set() for one in sitting.forms}
    for row in session.execute(
        select(FormItem.form_id, FormItem.item_version_id).where(FormItem.form_id.in_(list(items)))
    ):
        items[row.form_id].add(row.item_version_id)
    return tuple(
        (one.letter, other.letter, len(items[one.form_id] & items[other.form_id]))
        for one, other in combinations(sitting.forms, 2)
    )

"""The forms of a sitting as they are drawn: by what, in which process, and what lacks."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from question_bank.assembly import assemble
from question_bank.blueprint import Blueprint
from question_bank.criteria import Criteria
from question_bank.errors import CannotAssemble
from question_bank.items import Bank
from question_bank.parallel import ParallelForms, assemble_parallel, difference_of, shortage_for
from question_bank.wishes import Wishes
from training_app.bank.services import StoredBank, current_bank
from training_app.errors import Refused
from training_app.exams.papers import Drawing, blueprint_version
from training_app.exams.setup.exposure import wishes_of
from training_app.exams.sitting_models import Sitting
from training_app.installation import installation_of
from training_app.jobs.children import Limits, run_in_child
from training_app.web.words import in_language

CELLS_TOLD: Final = 8
"""Cells of a blueprint that a sentence names, at most."""
SECONDS: Final = 300.0
MEMORY_MB: Final = 2048

Told = Callable[[int, int], None]
"""Hears how many of how many steps are done."""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that drawing the forms of a sitting needs, so that it can be done in another process."""

    drawing: Drawing
    blueprint: Blueprint
    bank: Bank
    confirmed: frozenset[str]
    wishes: Wishes
    criteria: Criteria

    @property
    def is_plain(self) -> bool:
        """Whether there is one form, bound by nothing beside its blueprint."""
        return self.wishes.forms == 1 and self.wishes.cap is None and not self.wishes.elsewhere


def drawing_for(session: Session, sitting: Sitting, seed: str) -> Drawing:
    """By what the forms of the sitting are drawn: its day's law, and outside of a demonstration secret items only."""
    installation = installation_of(session)
    demonstration = installation is not None and installation.demonstration
    return Drawing(sitting.blueprint_version_id, seed, sitting.in_force_on, demonstration)


def draft_of(session: Session, sitting: Sitting, seed: str, criteria: Criteria) -> tuple[Draft, StoredBank]:
    """What the forms of the sitting are drawn from and by, and the bank as it is stored."""
    stored = current_bank(session)
    drawing = drawing_for(session, sitting, seed)
    blueprint = blueprint_version(session, sitting.blueprint_version_id)
    wishes = wishes_of(session, sitting)
    return Draft(drawing, blueprint, stored.bank, stored.confirmed, wishes, criteria), stored


def drawn(draft: Draft, told: Told | None = None) -> ParallelForms:
    """The forms. Raises CannotAssemble, which names the cells that lack items."""
    drawing = draft.drawing
    if draft.is_plain:
        form = assemble(
            draft.blueprint,
            draft.bank,
            seed=drawing.seed,
            day=drawing.day,
            criteria=draft.criteria,
            demonstration=drawing.demonstration,
            confirmed=draft.confirmed,
        )
        return ParallelForms((form,), frozenset(), difference_of([form], frozenset()))
    return assemble_parallel(
        draft.blueprint,
        draft.bank,
        drawing.seed,
        drawing.day,
        wishes=draft.wishes,
        criteria=draft.criteria,
        demonstration=drawing.demonstration,
        confirmed=draft.confirmed,
        progress=told,
    )


def drawn_and_told(draft: Draft, file: str) -> ParallelForms:
    """The forms; how far it is stands in the file. For a child process."""

    def told(done: int, total: int) -> None:
        Path(file).write_text(f"{done} {total}", "ascii")

    return drawn(draft, told)


def drawn_in_child(draft: Draft, told: Told, is_over: Callable[[], bool]) -> ParallelForms:
    """The forms, drawn in a child process, which ends when `is_over` says so. Raises what `drawn` raises."""
    with tempfile.TemporaryDirectory(prefix="forms-") as folder:
        file = Path(folder) / "progress"

        def look() -> bool:
            with suppress(OSError, ValueError):
                done, total = map(int, file.read_text("ascii").split())
                told(done, total)
            return is_over()

        return run_in_child(drawn_and_told, draft, str(file), limits=Limits(SECONDS, MEMORY_MB, look))


def refusal_of(lacking: CannotAssemble) -> Refused:
    """The refusal that names the cells that lack items."""
    cells = LazyString(lambda: " ".join(in_language(one.said) for one in lacking.shortages[:CELLS_TOLD]))
    return Refused(_l("The bank lacks items for this sitting. %(cells)s", cells=cells))


def what_lacks(session: Session, sitting: Sitting, criteria: Criteria) -> CannotAssemble | None:
    """Why the bank as it stands gives no forms for the sitting; None when it gives them, or nothing can be named.

    One plain form is drawn for a trial. For several only what all together need is compared with what there is: quick
    enough for a page, and what it names is sure to lack.
    """
    draft, _ = draft_of(session, sitting, "trial", criteria)
    try:
        drawn(replace(draft, wishes=Wishes(1)))
    except CannotAssemble as shortage:
        return shortage
    if draft.is_plain:
        return None
    return shortage_for(
        draft.blueprint,
        draft.bank,
        draft.drawing.day,
        wishes=draft.wishes,
        criteria=criteria,
        demonstration=draft.drawing.demonstration,
        confirmed=draft.confirmed,
    )

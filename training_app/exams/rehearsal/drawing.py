"""The forms of a rehearsal: as its sitting wishes them, but of public items alone. What lacks is left out and named."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from question_bank.blueprint import Purpose, Range
from question_bank.criteria import Criteria
from question_bank.drawing import Sieve
from question_bank.errors import CannotAssemble
from question_bank.form import AssembledForm
from question_bank.items import Bank, Certainty
from question_bank.texts import Text
from question_bank.wishes import Wishes
from training_app.bank.services import StoredBank, current_bank
from training_app.exams.papers import Drawing, blueprint_version
from training_app.exams.setup.drawing import Draft, drawn
from training_app.exams.sitting_models import Sitting


@dataclass(frozen=True, slots=True)
class PublicForms:
    """Forms of public items; none when there is no such item. wished: how many the sitting has.

    lacks: the cells of the blueprint that public items do not fill; then there is one form, without its cells.
    """

    forms: tuple[AssembledForm, ...]
    wished: int
    lacks: tuple[Text, ...] = ()


def public_draft(
    session: Session, drawing: Drawing, sitting_id: int | None, criteria: Criteria
) -> tuple[Draft, StoredBank]:
    """What the forms for simulated candidates are drawn from and by, and the bank as it is stored.

    sitting_id: of the sitting whose forms are rehearsed. What wears items is not asked: public ones cannot be worn.
    """
    stored = current_bank(session)
    pool = Bank(
        tuple(item for item in stored.bank.items if item.public),
        tuple(case for case in stored.bank.cases if all(item.public for item in case.items)),
    )
    sitting = session.get(Sitting, sitting_id) if sitting_id is not None else None
    several = sitting is not None and sitting.form_count > 1
    wishes = Wishes(sitting.form_count, sitting.anchors, sitting.overlap) if sitting and several else Wishes(1)
    # as in a demonstration: unconfirmed items may stand on it
    drawing = replace(drawing, demonstration=True)
    blueprint = blueprint_version(session, drawing.blueprint_version_id)
    return Draft(drawing, blueprint, pool, frozenset(), wishes, criteria), stored


def public_forms(draft: Draft) -> PublicForms:
    """As many forms as are wished; fewer when public items do not suffice; at least one of the blueprint's size."""
    wished = draft.wishes.forms
    for count in range(wished, 0, -1):
        wishes = replace(draft.wishes, forms=count) if count > 1 else Wishes(1)
        try:
            return PublicForms(drawn(replace(draft, wishes=wishes)).forms, wished)
        except CannotAssemble as shortage:
            lacks = tuple(one.said for one in shortage.shortages)
    return PublicForms(_as_large_as_possible(draft), wished, lacks)


def _as_large_as_possible(draft: Draft) -> tuple[AssembledForm, ...]:
    """One form with as many items as the blueprint has, of any cell, or as many as there are."""
    bare = replace(
        draft.blueprint,
        purpose=Purpose.PRACTICE,
        quotas=(),
        kinds=(),
        cases=Range(),
        points=Range(),
        predicted=Range(),
        certainty=tuple(Certainty),
    )
    sieve = Sieve(bare, draft.drawing.day, draft.criteria, demonstration=True, confirmed=draft.confirmed)
    items = min(bare.items, sum(len(unit) for unit in sieve.units_of(draft.bank)))
    while items > 0:
        try:
            return drawn(replace(draft, blueprint=replace(bare, items=items), wishes=Wishes(1))).forms
        except CannotAssemble:
            items -= max(1, items // 10)  # enemies and whole cases leave no form of exactly that many
    return ()

"""The form of a rehearsal: as its blueprint says, but of public items alone. What lacks is left out and named."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from question_bank.assembly import AssembledForm, assemble
from question_bank.blueprint import Blueprint, Purpose, Range
from question_bank.criteria import Criteria
from question_bank.drawing import Sieve
from question_bank.errors import CannotAssemble
from question_bank.items import Bank, Certainty
from question_bank.texts import Text
from training_app.bank.services import current_bank
from training_app.errors import Refused
from training_app.exams.papers import Drawing, Drawn, blueprint_version
from training_app.exams.rehearsal.words import NOTHING_PUBLIC


@dataclass(frozen=True, slots=True)
class PublicForm:
    """A form of public items. lacks: the cells of the blueprint that they do not fill."""

    drawn: Drawn
    lacks: tuple[Text, ...]


def public_form(session: Session, drawing: Drawing, criteria: Criteria) -> PublicForm:
    """A form for simulated candidates. Refused when the bank has no public item at all."""
    stored = current_bank(session)
    blueprint = blueprint_version(session, drawing.blueprint_version_id)
    pool = Bank(
        tuple(item for item in stored.bank.items if item.public),
        tuple(case for case in stored.bank.cases if all(item.public for item in case.items)),
    )
    try:
        return PublicForm(Drawn(drawing, _assembled(blueprint, pool, drawing, criteria), stored), ())
    except CannotAssemble as shortage:
        form = _as_large_as_possible(blueprint, pool, drawing, criteria)
        return PublicForm(Drawn(drawing, form, stored), tuple(one.said for one in shortage.shortages))


def _assembled(blueprint: Blueprint, pool: Bank, drawing: Drawing, criteria: Criteria) -> AssembledForm:
    # as in a demonstration: public and unconfirmed items may stand on it
    return assemble(blueprint, pool, drawing.seed, drawing.day, criteria=criteria, demonstration=True)


def _as_large_as_possible(blueprint: Blueprint, pool: Bank, drawing: Drawing, criteria: Criteria) -> AssembledForm:
    """As many items as the blueprint has, of any cell, or as many as there are."""
    bare = replace(
        blueprint,
        purpose=Purpose.PRACTICE,
        quotas=(),
        kinds=(),
        cases=Range(),
        points=Range(),
        predicted=Range(),
        certainty=tuple(Certainty),
    )
    sieve = Sieve(bare, drawing.day, criteria, demonstration=True, confirmed=frozenset())
    available = sum(len(unit) for unit in sieve.units_of(pool))
    items = min(blueprint.items, available)
    while items > 0:
        try:
            return _assembled(replace(bare, items=items), pool, drawing, criteria)
        except CannotAssemble:
            items -= max(1, items // 10)  # enemies and whole cases leave no form of exactly that many
    raise Refused(NOTHING_PUBLIC)

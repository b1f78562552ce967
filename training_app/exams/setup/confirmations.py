"""Which items of the bank a sitting could draw if a reviewer had confirmed them, by the rows of its blueprint."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from question_bank.blueprint import Blueprint, Reason, eligible
from question_bank.criteria import Criteria
from training_app.bank.models import ItemReview
from training_app.bank.rules import ReviewAct
from training_app.bank.services import StoredBank, current_bank
from training_app.exams.models import FormItem
from training_app.exams.papers import Drawing, blueprint_version
from training_app.exams.sitting_models import Sitting
from training_app.web.words import in_language

NAMED = 8
"""Items of a row that are named; the others are counted."""


def lines_on_confirmations(session: Session, drawing: Drawing, criteria: Criteria) -> tuple[str, ...]:
    """For each row of the blueprint the items that wait for a reviewer, and those that were returned or retired.

    None in a demonstration, which draws without confirmations.
    """
    if drawing.demonstration:
        return ()
    stored = current_bank(session)
    blueprint = blueprint_version(session, drawing.blueprint_version_id)
    waiting = _waiting_by_row(stored, blueprint, drawing, criteria)
    lines = [
        ngettext(
            "%(row)s: %(num)s item lacks a reviewer's confirmation: %(items)s",
            "%(row)s: %(num)s items lack a reviewer's confirmation: %(items)s",
            len(waiting[row.id]),
            row=in_language(row.title),
            items=_named(waiting[row.id]),
        )
        for row in blueprint.rows
        if waiting[row.id]
    ]
    if stored.set_aside:
        lines.append(_("Returned or retired, and so not drawn: %(items)s", items=_named(sorted(stored.set_aside))))
    return tuple(lines)


def set_aside_since(session: Session, sitting: Sitting) -> int:
    """How many items of its stored forms a reviewer returned or retired; a form that is drawn keeps them."""
    acts = (ReviewAct.RETURNED, ReviewAct.RETIRED)
    forms = [one.form_id for one in sitting.forms]
    statement = (
        select(func.count(FormItem.item_version_id.distinct()))
        .join(ItemReview, ItemReview.item_version_id == FormItem.item_version_id)
        .where(FormItem.form_id.in_(forms), ItemReview.act.in_(acts))
    )
    return session.scalar(statement) or 0


def _waiting_by_row(
    stored: StoredBank, blueprint: Blueprint, drawing: Drawing, criteria: Criteria
) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {row.id: [] for row in blueprint.rows}
    for item in stored.bank.all_items():
        facts = (item, blueprint.purpose, drawing.day)
        confirmed = item.id in stored.confirmed
        if eligible(*facts, demonstration=False, confirmed=confirmed) is not Reason.UNCONFIRMED:
            continue
        if eligible(*facts, demonstration=False, confirmed=True) is None:
            for row in blueprint.row_ids_of(item, criteria):
                rows[row].append(item.id)
    return rows


def _named(items: Sequence[str]) -> str:
    named = ", ".join(items[:NAMED])
    more = len(items) - NAMED
    return _("%(items)s and %(count)s more", items=named, count=more) if more > 0 else named

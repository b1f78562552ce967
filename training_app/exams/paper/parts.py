"""The items of a form as a save is checked against them; kept in memory, since a form never changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from question_bank.items import Item
from training_app.bank.services import item_versions
from training_app.db import Asks, home_of
from training_app.exams.models import FormItem
from training_app.memory import Memory

MOST_FORMS: Final = 200


@dataclass(frozen=True, slots=True)
class FormParts:
    """Items of a form by version."""

    form_id: int
    content_hash: str
    items: Mapping[int, Item]


_KEPT: Final[Memory[tuple[str, int, str], FormParts]] = Memory(MOST_FORMS)


def parts_of_form(session: Asks, form_id: int, content_hash: str) -> FormParts:
    """The items of the form; read once in this process."""
    key = (home_of(session), form_id, content_hash)
    found = _KEPT.recall(key)
    if found is None:
        versions = session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == form_id)).all()
        found = FormParts(form_id, content_hash, item_versions(session, versions))
        _KEPT.keep(key, found)
    return found

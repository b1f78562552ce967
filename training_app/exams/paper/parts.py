"""The items of a form as a save is checked against them; kept in memory, since a form never changes."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.items import Item
from training_app.bank.services import item_versions
from training_app.exams.models import FormItem

MOST_FORMS = 200


@dataclass(frozen=True, slots=True)
class FormParts:
    """Items of a form by version."""

    form_id: int
    content_hash: str
    items: Mapping[int, Item]


_lock = threading.Lock()
_kept: dict[tuple[str, int, str], FormParts] = {}


def parts_of_form(session: Session, form_id: int, content_hash: str) -> FormParts:
    """The items of the form; read once in this process."""
    key = (str(session.get_bind().engine.url), form_id, content_hash)
    found = _kept.get(key)
    if found is None:
        versions = session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == form_id)).all()
        found = FormParts(form_id, content_hash, item_versions(session, versions))
        with _lock:
            while len(_kept) >= MOST_FORMS:
                del _kept[next(iter(_kept))]
            _kept[key] = found
    return found

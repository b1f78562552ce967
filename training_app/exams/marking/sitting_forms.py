"""The forms of a sitting as marking goes through them: each has keys and a cut score of its own."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.errors import NotFound
from training_app.exams.marking.scoring import counted_attempts
from training_app.exams.models import Attempt, FormItem
from training_app.exams.sitting_models import Sitting, SittingForm


def used_forms(session: Session, sitting: Sitting) -> Sequence[SittingForm]:
    """The forms on which somebody can have a result; all of them as long as nobody can."""
    used = set(session.scalars(counted_attempts(sitting.id).with_only_columns(Attempt.form_id).order_by(None)))
    return [one for one in sitting.forms if one.form_id in used] or sitting.forms


def form_of_letter(sitting: Sitting, letter: str | None) -> SittingForm:
    """The form with this letter, without one the first. NotFound when there is none."""
    found = next((one for one in sitting.forms if letter in {None, "", one.letter}), None)
    if found is None:
        raise NotFound(_l("This sitting has no such form, so it has no keys."))
    return found


def forms_with(session: Session, sitting: Sitting, item_version_id: int) -> Sequence[SittingForm]:
    """The forms of the sitting on which this version of an item stands."""
    stands_on = set(session.scalars(select(FormItem.form_id).where(FormItem.item_version_id == item_version_id)))
    return [one for one in sitting.forms if one.form_id in stands_on]

"""Whose paper it is: the accessors of attempts for the person who takes them."""

from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from training_app.errors import NotFound
from training_app.exams.models import Attempt
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder

PERMISSION: Final = {"entry": "entry.take", "practice": "practice.take", "sitting": "exam.sit"}
"""What taking each kind of attempt asks for."""

NO_ATTEMPT = _l("You have no such test. Your own tests are listed under Exams.")


def check_own(holder: Holder, person_id: int, kind: str) -> None:
    """Nothing for the own attempt of a kind that the person may take, else NotFound; the try is written down."""
    if person_id != holder.id or not holder.may(PERMISSION[kind]):
        raise NotFound(NO_ATTEMPT, act=PERMISSION[kind])


def own_attempt(session: Session, holder: Holder, attempt_id: int, *, to_change: bool = False) -> Attempt:
    """The person's own attempt. Another person's is not there for him or her: NotFound, and written down.

    to_change: the row stays locked to the end of the transaction.
    """
    attempt = (
        session.get(Attempt, attempt_id, with_for_update=to_change or None) if 0 < attempt_id <= LARGEST_ID else None
    )
    if attempt is None:
        raise NotFound(NO_ATTEMPT)
    check_own(holder, attempt.person_id, attempt.kind)
    return attempt

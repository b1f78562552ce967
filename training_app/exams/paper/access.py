"""Whose paper it is: the accessors of attempts for the person who takes them."""

from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, exists, literal_column, or_, select
from sqlalchemy.orm import Session

from training_app.errors import NotFound
from training_app.exams.models import Attempt
from training_app.exams.sitting_models import RosterPlace
from training_app.people.claims import LIMIT, PERSON, has_role_for, proves
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


def own_by_claim() -> ColumnElement[bool]:
    """The condition on Attempt that it is the own one of who claims to be signed in: the same decision as above."""
    may = or_(
        *(
            and_(Attempt.kind == literal_column(f"'{kind}'"), has_role_for(permission))
            for kind, permission in PERMISSION.items()
        )
    )
    at_the_place = exists(
        select(RosterPlace.id)
        .where(RosterPlace.id == LIMIT, RosterPlace.attempt_id == Attempt.id)
        .correlate_except(RosterPlace)
    )
    return and_(Attempt.person_id == PERSON, proves(may), or_(LIMIT.is_(None), at_the_place))

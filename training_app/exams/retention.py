"""What of a sitting is deleted when its declared time is over."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from training_app.exams.day_models import EntryCode
from training_app.exams.models import PracticeAnswer
from training_app.exams.objections.asking import appeals_end
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.files.services import Owner, drop

PLACE: Final = "roster_place"
"""The owner of a candidate's photo, as uses of assets name it."""

AT_ONCE: Final = 200
PHOTO_AT_MOST: Final = timedelta(days=365)
"""A photo goes at the latest so long after its sitting, even when results are never released."""

REASONS_KEPT_FOR: Final = timedelta(days=365)
PRACTICE_KEPT_FOR: Final = timedelta(days=730)


def photo_of(place_id: int) -> Owner:
    """For whom the photo of a candidate is kept."""
    return Owner("photo", PLACE, place_id)


def delete_photos(session: Session, now: datetime, *, appeal_days: int) -> int:
    """How many photos were given up: the time for objections is over and none is open, or the place came to nothing."""
    sittings = session.scalars(
        select(Sitting).join(RosterPlace, RosterPlace.sitting_id == Sitting.id).where(RosterPlace.photo.is_not(None))
    ).unique()
    over = [sitting.id for sitting in sittings if _needs_no_photos(session, sitting, now, appeal_days)]
    query: Any = (
        select(RosterPlace.id)
        .where(
            RosterPlace.photo.is_not(None),
            or_(RosterPlace.sitting_id.in_(over), RosterPlace.state == "withdrawn"),
        )
        .order_by(RosterPlace.id)
        .limit(AT_ONCE)
    )
    places = session.scalars(query).all()
    for place_id in places:
        drop(session, photo_of(place_id))
    session.execute(
        update(RosterPlace).where(RosterPlace.id.in_(places)).values(photo=None, version=RosterPlace.version + 1),
        execution_options={"synchronize_session": False},
    )
    return len(places)


def _needs_no_photos(session: Session, sitting: Sitting, now: datetime, appeal_days: int) -> bool:
    ends = appeals_end(session, sitting, appeal_days)
    over = ends is not None and ends <= now
    return over or sitting.state == "cancelled" or sitting.ends_at <= now - PHOTO_AT_MOST


def end_entry_codes(session: Session, now: datetime) -> int:
    """How many entry codes that ran out were ended."""
    over = update(EntryCode).where(EntryCode.ended_at.is_(None), EntryCode.expires_at <= now)
    return len(session.execute(over.values(ended_at=EntryCode.expires_at).returning(EntryCode.id)).all())


def forget_reasons(session: Session, now: datetime) -> int:
    """How many reasons for personal time were deleted, a year after the sitting."""
    old = select(Sitting.id).where(Sitting.ends_at <= now - REASONS_KEPT_FOR)
    over = update(RosterPlace).where(RosterPlace.sitting_id.in_(old), RosterPlace.personal_time_reason != "")
    return len(
        session.execute(
            over.values(personal_time_reason="").returning(RosterPlace.id),
            execution_options={"synchronize_session": False},
        ).all()
    )


def forget_practice(session: Session, now: datetime) -> int:
    """How many answers given in practice were deleted, two years after they were given."""
    old = (
        delete(PracticeAnswer).where(PracticeAnswer.answered_at <= now - PRACTICE_KEPT_FOR).returning(PracticeAnswer.id)
    )
    return len(session.execute(old).all())

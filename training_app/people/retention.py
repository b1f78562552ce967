"""What of the door is deleted when its declared time is over."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func
from sqlalchemy.orm import Session

from training_app.people.models import OneTimeCode, SignInFailure

FAILURES_KEPT_FOR: Final = timedelta(days=1)
CODES_KEPT_FOR: Final = timedelta(days=30)


def forget_failures(session: Session, now: datetime) -> int:
    """How many failed sign-ins were deleted, a day after they happened."""
    old = delete(SignInFailure).where(SignInFailure.at <= now - FAILURES_KEPT_FOR).returning(SignInFailure.id)
    return len(session.execute(old).all())


def forget_codes(session: Session, now: datetime) -> int:
    """How many one-time codes were deleted, 30 days after they were used, replaced or ran out."""
    ended_at = func.coalesce(OneTimeCode.ended_at, OneTimeCode.expires_at)
    old = delete(OneTimeCode).where(ended_at <= now - CODES_KEPT_FOR, OneTimeCode.expires_at <= now)
    return len(session.execute(old.returning(OneTimeCode.id)).all())

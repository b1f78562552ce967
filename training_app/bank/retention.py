"""What of the bank's traffic is deleted when its declared time is over."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from training_app.bank.models import ContentUpload
from training_app.bank.uploads import KEPT


def forget_uploads(session: Session, now: datetime) -> int:
    """How many folders that were sent were deleted, 30 days afterwards."""
    old = delete(ContentUpload).where(ContentUpload.at <= now - KEPT).returning(ContentUpload.id)
    return len(session.execute(old).all())

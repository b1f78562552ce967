"""What follows from an upheld objection to an item: corrected keys, which then name it and score everybody anew."""

from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.exams.marking_models import KeyRevision, Objection
from training_app.exams.models import Attempt


def waiting_for_keys(session: Session, form_id: int) -> Sequence[Objection]:
    """Upheld objections to items of the form that no corrected keys have followed yet, oldest first."""
    return session.scalars(
        select(Objection)
        .join(Attempt, Attempt.id == Objection.attempt_id)
        .where(
            Attempt.form_id == form_id,
            Objection.kind == "item",
            Objection.decision == "upheld",
            Objection.revision_id.is_(None),
        )
        .order_by(Objection.id)
    ).all()


def follow_with_keys(session: Session, revision: KeyRevision, item_versions: Collection[int]) -> None:
    """Every upheld objection to one of these items names the revision that corrected it."""
    followed = [one.id for one in waiting_for_keys(session, revision.form_id) if one.item_version_id in item_versions]
    session.execute(update(Objection).where(Objection.id.in_(followed)).values(revision_id=revision.id))

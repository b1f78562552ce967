"""The table of rehearsals that stay with a sitting: what was asked for, and the report."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, UtcDateTime, personal
from training_app.exams.sitting_models import RECORD


class Rehearsal(Base):
    """A rehearsal of a sitting. job_id: the work that does it, None once that is forgotten.

    marked_id: the marked sitting that the simulated candidates sit; None before it is prepared and after it was
    dropped. answering_s: how long answers are given; think_ms: between two of them. report: what was measured, None
    until it has ended well.
    """

    __tablename__ = "rehearsal"
    __table_args__ = (
        CheckConstraint("candidates > 0", name="candidates"),
        CheckConstraint("answering_s > 0 AND think_ms > 0", name="times"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    marked_id: Mapped[int | None] = mapped_column(ForeignKey("sitting.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    candidates: Mapped[int]
    answering_s: Mapped[int]
    think_ms: Mapped[int]
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who answers for it", RECORD))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True), info=NOT_PERSONAL)

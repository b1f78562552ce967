"""Tables of the worker: jobs with their state and outcome, and when each turn was last taken."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, FreeText, UtcDateTime, personal

STANDS = text("state IN ('waiting', 'running')")
KEPT = "1 year after the job ended"


class Job(Base):
    """A piece of long work. claim: the worker that runs it; who does not hold the claim writes nothing of the job.

    subject: what it works on; of one kind no two jobs wait or run for the same subject. progress of total: how far it
    is. attempts: how many times a worker began it. cancel_asked_at: it ends as cancelled at its next step.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("(state = 'running') = (claim IS NOT NULL)", name="claim"),
        CheckConstraint("(state IN ('waiting', 'running')) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("progress >= 0 AND (total IS NULL OR progress <= total)", name="progress"),
        Index(None, "state", "id"),
        Index("uq_job_subject", "kind", "subject", unique=True, postgresql_where=STANDS, sqlite_where=STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    subject: Mapped[str | None] = mapped_column(String(80), info=NOT_PERSONAL)
    base_id: Mapped[str | None] = mapped_column(ForeignKey("base.id"), index=True, info=NOT_PERSONAL)
    started_by: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("who asked for the work", KEPT)
    )
    arguments: Mapped[dict[str, object]] = mapped_column(JSON, info=personal("what is to be done", KEPT))
    state: Mapped[str] = mapped_column(String(10), default="waiting", info=NOT_PERSONAL)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    message_zh: Mapped[str] = mapped_column(FreeText, default="", info=personal("how far it is, or why it ended", KEPT))
    message_en: Mapped[str] = mapped_column(FreeText, default="", info=personal("how far it is, or why it ended", KEPT))
    result: Mapped[dict[str, object] | None] = mapped_column(
        JSON(none_as_null=True), info=personal("what came of it", KEPT)
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(32), info=NOT_PERSONAL)
    version: Mapped[int] = mapped_column(default=1)


class JobTurn(Base):
    """When a turn of periodic work was last begun and ended, and when it last failed and with what kind of error."""

    __tablename__ = "job_turn"

    name: Mapped[str] = mapped_column(String(40), primary_key=True, info=NOT_PERSONAL)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str] = mapped_column(String(80), default="", info=NOT_PERSONAL)

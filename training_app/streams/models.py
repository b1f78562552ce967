"""The table of what the media process told: every event once, and whether those it concerns have dealt with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, UtcDateTime, personal

WAITS = text("handled_at IS NULL")
KEPT = "90 days; what lasts of it stands with the occasion"


class StreamEvent(Base):
    """Something that happened to a stream. spool and number name it for ever, so that it is kept once.

    occasion: of `path`, "" for what concerns the media process itself. sub: who published or watched. handled_at: when
    all that listen had dealt with it; fault: the kind of error at which one of them failed last.
    """

    __tablename__ = "stream_event"
    __table_args__ = (
        UniqueConstraint("spool", "number"),
        CheckConstraint("number > 0", name="number"),
        Index(None, "kept_at"),
        Index(None, "occasion", "id"),
        Index("ix_stream_event_waits", "id", postgresql_where=WAITS, sqlite_where=WAITS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    spool: Mapped[str] = mapped_column(String(32), info=NOT_PERSONAL)
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(30), info=NOT_PERSONAL)
    occasion: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    path: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    sub: Mapped[str] = mapped_column(String(20), info=personal("who published or watched", KEPT))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, info=personal("how long and by what way", KEPT))
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str] = mapped_column(String(80), default="", info=NOT_PERSONAL)

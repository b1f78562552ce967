"""The audit log: one chain a base, and one for what belongs to no base."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, UtcDateTime, personal

KEPT = "6 years after the act"


class AuditEntry(Base):
    """One act, failure or refusal. Only `details`, `address` and `salt` may change: to null, by a logged erasure."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index(None, "at"),
        Index(None, "object_kind", "object_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(20), info=NOT_PERSONAL)
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    act: Mapped[str] = mapped_column(String(60), info=NOT_PERSONAL)
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("who answers for the act", KEPT)
    )
    object_kind: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    object_id: Mapped[str] = mapped_column(String(80), info=personal("whom or what the act touched", KEPT))
    address: Mapped[str | None] = mapped_column(String(60), info=personal("tracing of misuse", KEPT))
    details: Mapped[dict[str, object] | None] = mapped_column(JSON, info=personal("what exactly was done", KEPT))
    salt: Mapped[str | None] = mapped_column(String(32), info=NOT_PERSONAL)
    digest: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    previous_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)


class AuditHead(Base):
    """The last line of a chain: whoever appends locks it first, so that a chain never forks."""

    __tablename__ = "audit_head"

    chain: Mapped[str] = mapped_column(String(20), primary_key=True, info=NOT_PERSONAL)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)

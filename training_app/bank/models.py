"""Tables of the bank: immutable versions of items, cases and blueprints."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, UtcDateTime, personal

CURRENT = text("superseded_at IS NULL")


class CaseVersion(Base):
    """One version of a case's text and table; its items are versions of their own."""

    __tablename__ = "case_version"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index("uq_case_version_current", "case_id", unique=True, postgresql_where=CURRENT, sqlite_where=CURRENT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    body: Mapped[dict[str, object]] = mapped_column(JSON, info=NOT_PERSONAL)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ItemVersion(Base):
    """One version of an item. The body never changes; a newer version or a withdrawal sets `superseded_at`."""

    __tablename__ = "item_version"
    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        Index("uq_item_version_current", "item_id", unique=True, postgresql_where=CURRENT, sqlite_where=CURRENT),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("origin IN ('shipped', 'base')", name="origin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    origin: Mapped[str] = mapped_column(String(8), info=NOT_PERSONAL)
    kind: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    level: Mapped[str] = mapped_column(String(8), info=NOT_PERSONAL)
    points: Mapped[int]
    public: Mapped[bool]
    certainty: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    effective_from: Mapped[date | None]
    effective_to: Mapped[date | None]
    case_id: Mapped[str | None] = mapped_column(String(40), index=True, info=NOT_PERSONAL)
    position_in_case: Mapped[int | None]
    body: Mapped[dict[str, object]] = mapped_column(JSON, info=NOT_PERSONAL)
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"),
        info=personal("who wrote the item and so does not review it", "as long as the item is kept"),
    )
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ItemCode(Base):
    """A criterion or topic that an item version counts for."""

    __tablename__ = "item_code"

    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True, index=True, info=NOT_PERSONAL)


class ItemConfirmation(Base):
    """A named reviewer's word that the item version agrees with the official text."""

    __tablename__ = "item_confirmation"

    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), info=personal("who answers for the item", "as long as the item is kept")
    )
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BlueprintVersion(Base):
    """One version of a blueprint 双向细目表."""

    __tablename__ = "blueprint_version"
    __table_args__ = (
        UniqueConstraint("blueprint_id", "number"),
        CheckConstraint("origin IN ('shipped', 'base')", name="origin"),
        Index(
            "uq_blueprint_version_current", "blueprint_id", unique=True, postgresql_where=CURRENT, sqlite_where=CURRENT
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    blueprint_id: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    origin: Mapped[str] = mapped_column(String(8), info=NOT_PERSONAL)
    purpose: Mapped[str] = mapped_column(String(16), info=NOT_PERSONAL)
    body: Mapped[dict[str, object]] = mapped_column(JSON, info=NOT_PERSONAL)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

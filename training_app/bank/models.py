"""Tables of the bank: immutable versions of items, cases and blueprints."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, FreeText, UtcDateTime, personal

CURRENT = text("superseded_at IS NULL")
KEPT = "as long as the item is kept"
UPLOAD = "30 days after it was sent"


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
        info=personal("who wrote the item and so does not review it", KEPT),
    )
    loaded_by: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"),
        info=personal("who loaded the item and so does not review it", KEPT),
    )
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ItemCode(Base):
    """A criterion or topic that an item version counts for."""

    __tablename__ = "item_code"

    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True, index=True, info=NOT_PERSONAL)


class ItemReview(Base):
    """A reviewer's act on a version of an item: confirmed, returned to its author, or retired. Append-only.

    edition: id of the instrument that was looked at. place: where in it. looked_on: the day. None together for acts
    that were made before they were asked for. reason: of a return or a retirement.
    """

    __tablename__ = "item_review"
    __table_args__ = (
        UniqueConstraint("item_version_id", "act"),
        CheckConstraint("act IN ('confirmed', 'returned', 'retired')", name="act"),
        CheckConstraint("(edition IS NULL) = (looked_on IS NULL)", name="edition"),
        CheckConstraint("(edition IS NULL) = (place IS NULL)", name="place"),
        CheckConstraint("edition IS NULL OR act = 'confirmed'", name="confirmed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    act: Mapped[str] = mapped_column(String(9), info=NOT_PERSONAL)
    reviewer_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("who answers for the item", KEPT)
    )
    edition: Mapped[str | None] = mapped_column(String(20), info=NOT_PERSONAL)
    place: Mapped[str | None] = mapped_column(String(120), info=NOT_PERSONAL)
    looked_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(FreeText, info=personal("why an item is not drawn any more", KEPT))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ContentUpload(Base):
    """A folder of content that somebody sent, with the verdict that was shown: loaded from here or not at all.

    content: what was read, in the shape of the content files; null once it was loaded or given up, or was refused.
    """

    __tablename__ = "content_upload"
    __table_args__ = (CheckConstraint("state IN ('refused', 'shown', 'loaded', 'dropped')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("who sent the folder", UPLOAD)
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who wrote what it holds", UPLOAD))
    file_name: Mapped[str] = mapped_column(String(120), info=personal("named by who sent it", UPLOAD))
    digest: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    state: Mapped[str] = mapped_column(String(8), info=NOT_PERSONAL)
    verdict: Mapped[dict[str, Any]] = mapped_column(JSON, info=NOT_PERSONAL)
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), info=NOT_PERSONAL)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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

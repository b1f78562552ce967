"""Tables of assets: what is kept in the folder of files, and for whom, why and how long."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_app.db import NOT_PERSONAL, Base, UtcDateTime, personal

UNTIL = "until keep_until, or until the owner takes it back"


class Asset(Base):
    """A file in the folder of files. digest: SHA-256 of its content, 64 hex digits, which is its name there as well."""

    __tablename__ = "asset"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True, info=NOT_PERSONAL)
    media_type: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AssetUse(Base):
    """What an asset is kept for: one for each purpose of an owner. Without any use the file is deleted.

    owner_kind and owner_id: the table and the row of another package, which decides who may see the asset.
    keep_until: the moment from which it is no more; None as long as its owner keeps it.
    """

    __tablename__ = "asset_use"
    __table_args__ = (UniqueConstraint("purpose", "owner_kind", "owner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(
        ForeignKey("asset.digest"), index=True, info=personal("which picture it is", UNTIL)
    )
    purpose: Mapped[str] = mapped_column(String(20), info=NOT_PERSONAL)
    owner_kind: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    owner_id: Mapped[int]
    keep_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who handed it in", UNTIL))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    asset: Mapped[Asset] = relationship(lazy="joined", viewonly=True)

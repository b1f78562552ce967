"""Tables of bookings. A booking has a claim for each thing that must be free; the database refuses what overlaps."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_app.db import NOT_PERSONAL, Base, FreeText, UtcDateTime, personal

LIVE = text("state IN ('held', 'confirmed')")
RECORD = "6 years after the occasion"


class Room(Base):
    """A room of a base where people sit, are interviewed or are taught."""

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("base_id", "name_zh"),
        CheckConstraint("kind IN ('exam', 'interview', 'training')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[str] = mapped_column(ForeignKey("base.id"), index=True, info=NOT_PERSONAL)
    kind: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    name_zh: Mapped[str] = mapped_column(String(60), info=NOT_PERSONAL)
    name_en: Mapped[str] = mapped_column(String(80), info=NOT_PERSONAL)
    note: Mapped[str] = mapped_column(FreeText, default="", info=NOT_PERSONAL)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    seats: Mapped[list["Seat"]] = relationship(order_by="Seat.row, Seat.place", viewonly=True)
    openings: Mapped[list["Opening"]] = relationship(order_by="Opening.weekday, Opening.from_minute", viewonly=True)


class Seat(Base):
    """A seat of a room at its row and place, as the plan on the door shows it."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("room_id", "label"), UniqueConstraint("room_id", "row", "place"))

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    label: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    row: Mapped[int]
    place: Mapped[int]
    usable: Mapped[bool] = mapped_column(default=True)


class Opening(Base):
    """Hours of a weekday (0 Monday to 6 Sunday) in which a room can be booked, in minutes of the day at the base."""

    __tablename__ = "opening"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("from_minute >= 0 AND to_minute <= 1440 AND from_minute < to_minute", name="minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    weekday: Mapped[int]
    from_minute: Mapped[int]
    to_minute: Mapped[int]


class Kit(Base):
    """A piece of equipment of a base that one occasion uses at a time."""

    __tablename__ = "kit"
    __table_args__ = (UniqueConstraint("base_id", "name_zh"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[str] = mapped_column(ForeignKey("base.id"), index=True, info=NOT_PERSONAL)
    name_zh: Mapped[str] = mapped_column(String(60), info=NOT_PERSONAL)
    name_en: Mapped[str] = mapped_column(String(80), info=NOT_PERSONAL)
    note: Mapped[str] = mapped_column(FreeText, default="", info=NOT_PERSONAL)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Booking(Base):
    """What holds time: a place in an occasion, a duty, a closure. At most one is live a person and occasion.

    Times are half-open, `starts_at` included and `ends_at` not. occasion: kind and id of what it is for.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("state IN ('held', 'confirmed', 'cancelled', 'lapsed', 'ended')", name="state"),
        UniqueConstraint("idempotency_key"),
        Index(
            "uq_booking_live_place",
            "person_id",
            "occasion_kind",
            "occasion_id",
            unique=True,
            postgresql_where=LIVE,
            sqlite_where=LIVE,
        ),
        Index(None, "occasion_kind", "occasion_id"),
        Index(None, "base_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), info=NOT_PERSONAL)
    occasion_kind: Mapped[str] = mapped_column(String(16), info=NOT_PERSONAL)
    occasion_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("whose time or place it is", RECORD)
    )
    base_id: Mapped[str] = mapped_column(ForeignKey("base.id"), info=NOT_PERSONAL)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str | None] = mapped_column(String(80), info=NOT_PERSONAL)
    reason: Mapped[str] = mapped_column(FreeText, default="", info=personal("why it was made or ended", RECORD))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who answers for it", RECORD))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    claims: Mapped[list["Claim"]] = relationship(order_by="Claim.resource", viewonly=True)


class Claim(Base):
    """One thing that a booking needs for itself: `person:ID`, `seat:ID`, `room:ID` or `kit:ID`.

    Two live claims on one resource never overlap: an exclusion constraint on PostgreSQL, a trigger on SQLite.
    """

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index(None, "resource", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    resource: Mapped[str] = mapped_column(String(40), info=personal("what is taken, and whose time", RECORD))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)

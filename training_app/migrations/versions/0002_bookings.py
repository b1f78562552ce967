"""Rooms, seats, hours, kit; bookings and claims that never overlap."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

LIVE = sa.text("state IN ('held', 'confirmed')")
OVERLAP = """
CREATE TRIGGER claim_no_overlap_{event} BEFORE {on} ON claim WHEN NEW.state IN ('held', 'confirmed')
BEGIN
    SELECT RAISE(ABORT, 'claim_overlap') WHERE EXISTS (
        SELECT 1 FROM claim c WHERE c.resource = NEW.resource AND c.state IN ('held', 'confirmed')
        AND c.starts_at < NEW.ends_at AND c.ends_at > NEW.starts_at AND c.id IS NOT NEW.id
    );
END
"""


def upgrade() -> None:
    op.create_table(
        "kit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_kit_base_id_base")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit")),
        sa.UniqueConstraint("base_id", "name_zh", name=op.f("uq_kit_base_id_name_zh")),
    )
    op.create_index(op.f("ix_kit_base_id"), "kit", ["base_id"], unique=False)
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('exam', 'interview', 'training')", name=op.f("ck_room_kind")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_room_base_id_base")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("base_id", "name_zh", name=op.f("uq_room_base_id_name_zh")),
    )
    op.create_index(op.f("ix_room_base_id"), "room", ["base_id"], unique=False)
    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("to_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "from_minute >= 0 AND to_minute <= 1440 AND from_minute < to_minute", name=op.f("ck_opening_minutes")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_weekday")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_opening_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    op.create_index(op.f("ix_opening_room_id"), "opening", ["room_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=10), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_seat_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("room_id", "label", name=op.f("uq_seat_room_id_label")),
        sa.UniqueConstraint("room_id", "row", "place", name=op.f("uq_seat_room_id_row_place")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("occasion_kind", sa.String(length=16), nullable=False),
        sa.Column("occasion_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("base_id", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'confirmed', 'cancelled', 'lapsed', 'ended')", name=op.f("ck_booking_state")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_order")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_booking_base_id_base")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_booking_made_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_booking_idempotency_key")),
    )
    op.create_index(op.f("ix_booking_base_id_starts_at"), "booking", ["base_id", "starts_at"], unique=False)
    op.create_index(
        op.f("ix_booking_occasion_kind_occasion_id"), "booking", ["occasion_kind", "occasion_id"], unique=False
    )
    op.create_index(op.f("ix_booking_person_id"), "booking", ["person_id"], unique=False)
    op.create_index(
        "uq_booking_live_place",
        "booking",
        ["person_id", "occasion_kind", "occasion_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('held', 'confirmed')"),
        sqlite_where=sa.text("state IN ('held', 'confirmed')"),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_claim_order")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_claim_booking_id_booking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_booking_id"), "claim", ["booking_id"], unique=False)
    op.create_index(op.f("ix_claim_resource_starts_at"), "claim", ["resource", "starts_at"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            "ALTER TABLE claim ADD CONSTRAINT ex_claim_overlap EXCLUDE USING gist "
            "(resource WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (state IN ('held', 'confirmed'))"
        )
    else:
        op.execute(OVERLAP.format(event="insert", on="INSERT"))
        op.execute(OVERLAP.format(event="update", on="UPDATE OF resource, starts_at, ends_at, state"))

"""Sittings: rooms, invigilators, roster places and what was done to them; attempts of a sitting, forms without a cut."""

import sqlalchemy as sa
from alembic import op

from training_app.db import append_only_ddl

revision = "0004"
down_revision = "0003"

LIVE = sa.text("state IN ('created', 'waiting', 'running', 'paused', 'closing')")
KIND = "kind IN ('entry', 'sitting')"
OF_SITTING = "(kind = 'sitting') = (sitting_id IS NOT NULL)"


def upgrade() -> None:
    op.create_table(
        "sitting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("blueprint_version_id", sa.Integer(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("length_s", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'prepared', 'open', 'running', 'closed', 'released', 'cancelled', 'void')",
            name=op.f("ck_sitting_state"),
        ),
        sa.CheckConstraint("length_s BETWEEN 60 AND 86400", name=op.f("ck_sitting_length")),
        sa.CheckConstraint("starts_at <= latest_start_at AND latest_start_at < ends_at", name=op.f("ck_sitting_times")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_sitting_base_id_base")),
        sa.ForeignKeyConstraint(
            ["blueprint_version_id"],
            ["blueprint_version.id"],
            name=op.f("fk_sitting_blueprint_version_id_blueprint_version"),
        ),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_sitting_form_id_form")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_sitting_made_by_person")),
        sa.ForeignKeyConstraint(["replaces_id"], ["sitting.id"], name=op.f("fk_sitting_replaces_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
    )
    op.create_index(op.f("ix_sitting_base_id_starts_at"), "sitting", ["base_id", "starts_at"], unique=False)
    _open_forms_and_attempts()
    op.create_table(
        "invigilator_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_invigilator_duty_booking_id_booking")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invigilator_duty_person_id_person")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_invigilator_duty_room_id_room")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_invigilator_duty_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invigilator_duty")),
    )
    op.create_index(
        "uq_invigilator_duty_open",
        "invigilator_duty",
        ["sitting_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "roster_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.String(length=20), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("resit_of", sa.Integer(), nullable=True),
        sa.Column("personal_time_s", sa.Integer(), nullable=False),
        sa.Column("personal_time_reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("document_outcome", sa.String(length=10), nullable=True),
        sa.Column("document_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_seen_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "document_outcome IN ('seen', 'missing', 'doubtful')", name=op.f("ck_roster_place_document")
        ),
        sa.CheckConstraint(
            "state IN ('expected', 'sat', 'absent', 'deferred', 'expelled', 'void', 'withdrawn')",
            name=op.f("ck_roster_place_state"),
        ),
        sa.CheckConstraint("personal_time_s >= 0", name=op.f("ck_roster_place_personal_time")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_roster_place_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_roster_place_booking_id_booking")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_roster_place_cycle_id_cycle")),
        sa.ForeignKeyConstraint(
            ["document_seen_by"], ["person.id"], name=op.f("fk_roster_place_document_seen_by_person")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_place_person_id_person")),
        sa.ForeignKeyConstraint(["resit_of"], ["roster_place.id"], name=op.f("fk_roster_place_resit_of_roster_place")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_roster_place_seat_id_seat")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_roster_place_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_place")),
        sa.UniqueConstraint("ticket_number", name=op.f("uq_roster_place_ticket_number")),
    )
    op.create_index(op.f("ix_roster_place_person_id"), "roster_place", ["person_id"], unique=False)
    op.create_index(
        "uq_roster_place_person",
        "roster_place",
        ["sitting_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'void')"),
        sqlite_where=sa.text("state NOT IN ('withdrawn', 'void')"),
    )
    op.create_index(
        "uq_roster_place_seat",
        "roster_place",
        ["sitting_id", "seat_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'void')"),
        sqlite_where=sa.text("state NOT IN ('withdrawn', 'void')"),
    )
    op.create_table(
        "sitting_room",
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_sitting_room_booking_id_booking")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_sitting_room_room_id_room")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_sitting_room_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("sitting_id", "room_id", name=op.f("pk_sitting_room")),
    )
    op.create_table(
        "sitting_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_sitting_event_by_person")),
        sa.ForeignKeyConstraint(["place_id"], ["roster_place.id"], name=op.f("fk_sitting_event_place_id_roster_place")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_sitting_event_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_event")),
    )
    op.create_index(op.f("ix_sitting_event_place_id"), "sitting_event", ["place_id"], unique=False)
    op.create_index(op.f("ix_sitting_event_sitting_id"), "sitting_event", ["sitting_id"], unique=False)

    for statement in append_only_ddl(op.get_bind(), "sitting_event", erasable=("reason",)):
        op.execute(sa.text(statement.replace(":", "\\:")))


def _open_forms_and_attempts() -> None:
    """A form may stand without a cut score, and an attempt may belong to a sitting."""
    op.drop_index("uq_attempt_live", table_name="attempt")
    # SQLite changes no column and no constraint: there both tables are made anew, and with them their triggers
    with op.batch_alter_table("form") as form:
        form.alter_column("cut", existing_type=sa.Integer(), nullable=True)
    if op.get_bind().dialect.name == "sqlite":
        for statement in append_only_ddl(op.get_bind(), "form"):
            op.execute(sa.text(statement))
    with op.batch_alter_table("attempt") as attempt:
        attempt.drop_constraint(op.f("ck_attempt_kind"), type_="check")
        attempt.add_column(sa.Column("sitting_id", sa.Integer(), nullable=True))
        attempt.create_foreign_key(op.f("fk_attempt_sitting_id_sitting"), "sitting", ["sitting_id"], ["id"])
        attempt.create_check_constraint(op.f("ck_attempt_kind"), KIND)
        attempt.create_check_constraint(op.f("ck_attempt_of_sitting"), OF_SITTING)
    op.create_index(op.f("ix_attempt_sitting_id"), "attempt", ["sitting_id"], unique=False)
    op.create_index(
        "uq_attempt_live",
        "attempt",
        ["person_id", "kind", sa.text("coalesce(sitting_id, 0)")],
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )

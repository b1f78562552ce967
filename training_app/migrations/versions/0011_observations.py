"""Observations: venues with links and consents, places, who accepted the notice, who watched, recordings."""

import sqlalchemy as sa
from alembic import op

from training_app.db import append_only_ddl

revision = "0011"
down_revision = "0010"

APPEND_ONLY = {"confidentiality_acceptance": (), "observation_event": ("details", "reason")}
"""Tables that only grow, with what an act of erasure may null."""


def upgrade() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("programme_id", sa.String(length=30), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("host_booking_id", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("stage_version", sa.Integer(), nullable=False),
        sa.Column("stage_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('validation', 'briefing')", name=op.f("ck_observation_kind")),
        sa.CheckConstraint(
            "state IN ('planned', 'open', 'on_air', 'held', 'ended', 'cancelled')", name=op.f("ck_observation_state")
        ),
        sa.CheckConstraint("(stage_version = 0) = (stage_changed_at IS NULL)", name=op.f("ck_observation_stage")),
        sa.CheckConstraint("keep_days BETWEEN 1 AND 3650", name=op.f("ck_observation_keep_days")),
        sa.CheckConstraint("places > 0", name=op.f("ck_observation_places")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_observation_times")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_observation_base_id_base")),
        sa.ForeignKeyConstraint(
            ["host_booking_id"], ["booking.id"], name=op.f("fk_observation_host_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(["host_id"], ["person.id"], name=op.f("fk_observation_host_id_person")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_observation_made_by_person")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_observation_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
    )
    op.create_index(op.f("ix_observation_base_id_starts_at"), "observation", ["base_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_observation_host_id"), "observation", ["host_id"], unique=False)
    op.create_index(op.f("ix_observation_state_starts_at"), "observation", ["state", "starts_at"], unique=False)
    op.create_table(
        "audience_base",
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_audience_base_base_id_base")),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_audience_base_observation_id_observation")
        ),
        sa.PrimaryKeyConstraint("observation_id", "base_id", name=op.f("pk_audience_base")),
    )
    op.create_table(
        "confidentiality_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["observation_id"],
            ["observation.id"],
            name=op.f("fk_confidentiality_acceptance_observation_id_observation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_confidentiality_acceptance_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confidentiality_acceptance")),
        sa.UniqueConstraint(
            "observation_id", "person_id", name=op.f("uq_confidentiality_acceptance_observation_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_confidentiality_acceptance_person_id"), "confidentiality_acceptance", ["person_id"], unique=False
    )
    op.create_table(
        "observation_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_observation_event_by_person")),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_observation_event_observation_id_observation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_event")),
    )
    op.create_index(op.f("ix_observation_event_observation_id"), "observation_event", ["observation_id"], unique=False)
    op.create_table(
        "observation_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('expected', 'withdrawn', 'void')", name=op.f("ck_observation_place_state")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_observation_place_booking_id_booking")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_observation_place_cycle_id_cycle")),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_observation_place_observation_id_observation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_observation_place_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_place")),
    )
    op.create_index(op.f("ix_observation_place_person_id"), "observation_place", ["person_id"], unique=False)
    op.create_index(
        "uq_observation_place_person",
        "observation_place",
        ["observation_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'expected'"),
        sqlite_where=sa.text("state = 'expected'"),
    )
    op.create_table(
        "observation_presence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(length=12), nullable=False),
        sa.Column("transport", sa.String(length=4), nullable=False),
        sa.Column("jti", sa.String(length=64), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("transport IN ('udp', 'hls')", name=op.f("ck_observation_presence_transport")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_observation_presence_seconds")),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_observation_presence_observation_id_observation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_observation_presence_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_presence")),
    )
    op.create_index(
        op.f("ix_observation_presence_observation_id_jti"), "observation_presence", ["observation_id", "jti"], unique=False
    )
    op.create_index(op.f("ix_observation_presence_person_id"), "observation_presence", ["person_id"], unique=False)
    op.create_table(
        "observation_recording",
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(length=12), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.CheckConstraint("seconds >= 0 AND bytes >= 0", name=op.f("ck_observation_recording_sizes")),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_observation_recording_observation_id_observation")
        ),
        sa.PrimaryKeyConstraint("observation_id", "stream", name=op.f("pk_observation_recording")),
    )
    op.create_table(
        "observation_venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("is_program", sa.Boolean(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("booking_id IS NULL OR room_id IS NOT NULL", name=op.f("ck_observation_venue_booked_room")),
        sa.CheckConstraint("position BETWEEN 1 AND 3", name=op.f("ck_observation_venue_position")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_observation_venue_booking_id_booking")),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_observation_venue_observation_id_observation")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_observation_venue_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_venue")),
    )
    op.create_index(op.f("ix_observation_venue_observation_id"), "observation_venue", ["observation_id"], unique=False)
    op.create_index(
        "uq_observation_venue_position",
        "observation_venue",
        ["observation_id", "position"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
        sqlite_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(
        "uq_observation_venue_program",
        "observation_venue",
        ["observation_id"],
        unique=True,
        postgresql_where=sa.text("is_program AND removed_at IS NULL"),
        sqlite_where=sa.text("is_program AND removed_at IS NULL"),
    )
    op.create_table(
        "stream_incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_stream_incident_observation_id_observation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_incident")),
    )
    op.create_index(op.f("ix_stream_incident_observation_id"), "stream_incident", ["observation_id"], unique=False)
    op.create_table(
        "venue_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("recording", sa.Boolean(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("recording = (keep_until IS NOT NULL)", name=op.f("ck_venue_consent_keep_until")),
        sa.ForeignKeyConstraint(["noted_by"], ["person.id"], name=op.f("fk_venue_consent_noted_by_person")),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["observation_venue.id"], name=op.f("fk_venue_consent_venue_id_observation_venue")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_consent")),
    )
    op.create_index(op.f("ix_venue_consent_venue_id"), "venue_consent", ["venue_id"], unique=False)
    op.create_index(
        "uq_venue_consent_open",
        "venue_consent",
        ["venue_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
        sqlite_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "venue_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_venue_link_made_by_person")),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["observation_venue.id"], name=op.f("fk_venue_link_venue_id_observation_venue")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_link")),
    )
    op.create_index(op.f("ix_venue_link_venue_id"), "venue_link", ["venue_id"], unique=False)
    op.create_index(
        "uq_venue_link_open",
        "venue_link",
        ["venue_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL"),
    )
    for table, erasable in APPEND_ONLY.items():
        for statement in append_only_ddl(op.get_bind(), table, erasable=erasable):
            op.execute(sa.text(statement.replace(":", "\\:")))

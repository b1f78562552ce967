"""Jobs with their turns, and assets with what they are kept for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

STANDS = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    op.create_table(
        "asset",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_asset_size")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_asset")),
    )
    op.create_table(
        "asset_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_asset_use_by_person")),
        sa.ForeignKeyConstraint(["digest"], ["asset.digest"], name=op.f("fk_asset_use_digest_asset")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_use")),
        sa.UniqueConstraint(
            "purpose", "owner_kind", "owner_id", name=op.f("uq_asset_use_purpose_owner_kind_owner_id")
        ),
    )
    op.create_index(op.f("ix_asset_use_digest"), "asset_use", ["digest"], unique=False)
    op.create_index(op.f("ix_asset_use_keep_until"), "asset_use", ["keep_until"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=True),
        sa.Column("base_id", sa.String(length=20), nullable=True),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint("(state = 'running') = (claim IS NOT NULL)", name=op.f("ck_job_claim")),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (ended_at IS NULL)", name=op.f("ck_job_ended")
        ),
        sa.CheckConstraint(
            "progress >= 0 AND (total IS NULL OR progress <= total)", name=op.f("ck_job_progress")
        ),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_job_base_id_base")),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"], name=op.f("fk_job_started_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_base_id"), "job", ["base_id"], unique=False)
    op.create_index(op.f("ix_job_started_by"), "job", ["started_by"], unique=False)
    op.create_index(op.f("ix_job_state_id"), "job", ["state", "id"], unique=False)
    op.create_index(
        "uq_job_subject", "job", ["kind", "subject"], unique=True, postgresql_where=STANDS, sqlite_where=STANDS
    )
    op.create_table(
        "job_turn",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_turn")),
    )

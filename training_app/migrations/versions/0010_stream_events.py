"""What the media process told of the streams is kept, each event once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

WAITS = sa.text("handled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "stream_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spool", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("occasion", sa.String(length=12), nullable=False),
        sa.Column("path", sa.String(length=40), nullable=False),
        sa.Column("sub", sa.String(length=20), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=80), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_stream_event_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_event")),
        sa.UniqueConstraint("spool", "number", name=op.f("uq_stream_event_spool_number")),
    )
    op.create_index(op.f("ix_stream_event_kept_at"), "stream_event", ["kept_at"], unique=False)
    op.create_index(op.f("ix_stream_event_occasion_id"), "stream_event", ["occasion", "id"], unique=False)
    op.create_index(
        "ix_stream_event_waits", "stream_event", ["id"], unique=False, postgresql_where=WAITS, sqlite_where=WAITS
    )

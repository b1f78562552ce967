"""Reviews of items in place of bare confirmations, who loaded what, and folders of content that were sent."""

import sqlalchemy as sa
from alembic import op

from training_app.db import append_only_ddl

revision = "0007"
down_revision = "0006"

CURRENT = sa.text("superseded_at IS NULL")


def upgrade() -> None:
    _note_loaders()
    _make_reviews()
    _make_uploads()


def _note_loaders() -> None:
    # SQLite makes the table anew, and would lose the condition of this index
    op.drop_index("uq_item_version_current", table_name="item_version")
    with op.batch_alter_table("item_version") as version:
        version.add_column(sa.Column("loaded_by", sa.Integer(), nullable=True))
        version.create_foreign_key(op.f("fk_item_version_loaded_by_person"), "person", ["loaded_by"], ["id"])
    op.create_index(
        "uq_item_version_current",
        "item_version",
        ["item_id"],
        unique=True,
        postgresql_where=CURRENT,
        sqlite_where=CURRENT,
    )


def _make_reviews() -> None:
    """Every confirmation there was is a review without edition, place and day: nobody was asked for them."""
    op.create_table(
        "item_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=9), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("looked_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("act IN ('confirmed', 'returned', 'retired')", name=op.f("ck_item_review_act")),
        sa.CheckConstraint("(edition IS NULL) = (looked_on IS NULL)", name=op.f("ck_item_review_edition")),
        sa.CheckConstraint("(edition IS NULL) = (place IS NULL)", name=op.f("ck_item_review_place")),
        sa.CheckConstraint("edition IS NULL OR act = 'confirmed'", name=op.f("ck_item_review_confirmed")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_item_review_item_version_id_item_version")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_item_review_reviewer_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_review")),
        sa.UniqueConstraint("item_version_id", "act", name=op.f("uq_item_review_item_version_id_act")),
    )
    op.create_index(op.f("ix_item_review_reviewer_id"), "item_review", ["reviewer_id"], unique=False)
    op.execute(
        sa.text(
            "INSERT INTO item_review (item_version_id, act, reviewer_id, at) "
            "SELECT item_version_id, 'confirmed', reviewer_id, confirmed_at FROM item_confirmation "
            "ORDER BY confirmed_at, item_version_id"
        )
    )
    op.drop_table("item_confirmation")
    for statement in append_only_ddl(op.get_bind(), "item_review", erasable=("reason",)):
        op.execute(sa.text(statement.replace(":", "\\:")))


def _make_uploads() -> None:
    op.create_table(
        "content_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('refused', 'shown', 'loaded', 'dropped')", name=op.f("ck_content_upload_state")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_content_upload_author_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_content_upload_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_upload")),
    )
    op.create_index(op.f("ix_content_upload_person_id"), "content_upload", ["person_id"], unique=False)

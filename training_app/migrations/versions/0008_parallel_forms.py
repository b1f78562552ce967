"""Several forms of a sitting, each with its letter, and what they may have in common."""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

STANDS = sa.text("NOT given_up")
LIVE = sa.text("state IN ('created', 'waiting', 'running', 'paused', 'closing')")
COUNTS = {"form_count": "1", "anchors": "0", "overlap": "0", "exposure_days": "365"}


def upgrade() -> None:
    _make_forms()
    _take_over_forms()
    _change_sittings()
    _bind_attempts()


def _make_forms() -> None:
    op.create_table(
        "sitting_form",
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("predicted", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Integer(), nullable=True),
        sa.Column("given_up", sa.Boolean(), nullable=False),
        sa.CheckConstraint("letter BETWEEN 'A' AND 'H'", name=op.f("ck_sitting_form_letter")),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_sitting_form_form_id_form")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_sitting_form_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("form_id", name=op.f("pk_sitting_form")),
        sa.UniqueConstraint("sitting_id", "form_id", name=op.f("uq_sitting_form_sitting_id_form_id")),
    )
    op.create_index(
        "uq_sitting_form_letter",
        "sitting_form",
        ["sitting_id", "letter"],
        unique=True,
        postgresql_where=STANDS,
        sqlite_where=STANDS,
    )


def _take_over_forms() -> None:
    """Every form there was is form A of its sitting; one that only void attempts still have was given up."""
    rows = list(_forms())
    if rows:
        table = sa.table(
            "sitting_form", *(sa.column(name) for name in ("form_id", "sitting_id", "letter", "predicted", "given_up"))
        )
        op.bulk_insert(table, rows)


def _forms() -> Iterator[dict[str, object]]:
    found = op.get_bind().execute(
        sa.text(
            "SELECT used.form_id, used.sitting_id, form.coverage, "
            "CASE WHEN sitting.form_id = used.form_id THEN 0 ELSE 1 END AS given_up "
            "FROM (SELECT form_id, sitting_id FROM attempt WHERE sitting_id IS NOT NULL "
            "UNION SELECT form_id, id FROM sitting WHERE form_id IS NOT NULL) AS used "
            "JOIN form ON form.id = used.form_id JOIN sitting ON sitting.id = used.sitting_id ORDER BY used.form_id"
        )
    )
    for row in found.all():
        coverage = json.loads(row.coverage) if isinstance(row.coverage, str) else row.coverage
        yield {
            "form_id": row.form_id,
            "sitting_id": row.sitting_id,
            "letter": "A",
            "predicted": int(coverage.get("predicted_hundredths", 0)),
            "given_up": bool(row.given_up),
        }


def _change_sittings() -> None:
    with op.batch_alter_table("sitting") as sitting:
        for name, usual in COUNTS.items():
            sitting.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=usual))
        for name in ("exposure_cap", "base_overlap"):
            sitting.add_column(sa.Column(name, sa.Integer(), nullable=True))
        sitting.add_column(sa.Column("difference", sa.JSON(none_as_null=True), nullable=True))
        sitting.drop_constraint(op.f("fk_sitting_form_id_form"), type_="foreignkey")
        sitting.drop_column("form_id")
    with op.batch_alter_table("sitting") as sitting:
        for name, usual in COUNTS.items():
            sitting.alter_column(name, existing_type=sa.Integer(), existing_server_default=usual, server_default=None)
        sitting.create_check_constraint(op.f("ck_sitting_form_count"), "form_count BETWEEN 1 AND 8")
        sitting.create_check_constraint(op.f("ck_sitting_shared_items"), "anchors >= 0 AND overlap >= 0")
        sitting.create_check_constraint(op.f("ck_sitting_exposure"), "exposure_cap > 0 AND base_overlap >= 0")
        sitting.create_check_constraint(op.f("ck_sitting_exposure_days"), "exposure_days BETWEEN 1 AND 3650")


def _bind_attempts() -> None:
    """An attempt of a sitting has a form of that sitting."""
    # SQLite makes the table anew, and would lose what this index is over
    op.drop_index("uq_attempt_live", table_name="attempt")
    with op.batch_alter_table("attempt") as attempt:
        attempt.create_foreign_key(
            op.f("fk_attempt_sitting_id_form_id_sitting_form"),
            "sitting_form",
            ["sitting_id", "form_id"],
            ["sitting_id", "form_id"],
        )
    op.create_index(
        "uq_attempt_live",
        "attempt",
        ["person_id", "kind", sa.text("coalesce(sitting_id, 0)")],
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )

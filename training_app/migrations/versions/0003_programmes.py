"""Programmes, rule sets, cycles and stage results."""

import sqlalchemy as sa
from alembic import op

from training_app.db import append_only_ddl

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.String(length=30), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_rule_set_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("programme_id", "label", name=op.f("uq_rule_set_programme_id_label")),
    )
    op.create_table(
        "cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.String(length=30), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule_set_id", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_cycle_number")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_cycle_person_id_person")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_cycle_programme_id_programme")),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_cycle_rule_set_id_rule_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle")),
        sa.UniqueConstraint("person_id", "programme_id", "number", name=op.f("uq_cycle_person_id_programme_id_number")),
    )
    op.create_table(
        "stage_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("evidence_kind", sa.String(length=20), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.CheckConstraint("outcome IN ('pass', 'fail', 'void')", name=op.f("ck_stage_result_outcome")),
        sa.CheckConstraint(
            "stage IN ('field_training', 'observation', 'exam', 'interview')", name=op.f("ck_stage_result_stage")
        ),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_stage_result_base_id_base")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_stage_result_by_person")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_stage_result_cycle_id_cycle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_result")),
        sa.UniqueConstraint(
            "evidence_kind", "evidence_id", "stage", name=op.f("uq_stage_result_evidence_kind_evidence_id_stage")
        ),
    )
    op.create_index(op.f("ix_stage_result_cycle_id_stage"), "stage_result", ["cycle_id", "stage"], unique=False)

    for statement in append_only_ddl(op.get_bind(), "stage_result"):
        op.execute(sa.text(statement.replace(":", "\\:")))

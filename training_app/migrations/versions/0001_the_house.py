"""The house: installation, audit, people, bank, practice and entry test."""

import sqlalchemy as sa
from alembic import op

from training_app.db import append_only_ddl

revision = "0001"
down_revision = None

APPEND_ONLY = {
    "installation": (),
    "audit_entry": ("address", "details", "salt"),
    "form": (),
    "form_item": (),
    "attempt_event": (),
    "response_event": ("payload", "salt"),
    "score_run": (),
    "score_line": (),
    "result": (),
}


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "base",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base")),
        sa.UniqueConstraint("code", name=op.f("uq_base_code")),
    )
    op.create_table(
        "blueprint_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blueprint_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("origin IN ('shipped', 'base')", name=op.f("ck_blueprint_version_origin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blueprint_version")),
        sa.UniqueConstraint("blueprint_id", "number", name=op.f("uq_blueprint_version_blueprint_id_number")),
    )
    op.create_index(
        "uq_blueprint_version_current",
        "blueprint_version",
        ["blueprint_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "case_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_version")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_version_case_id_number")),
    )
    op.create_index(
        "uq_case_version_current",
        "case_version",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_digest", sa.String(length=64), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(
        op.f("ix_sign_in_failure_account_digest_at"), "sign_in_failure", ["account_digest", "at"], unique=False
    )
    op.create_index(op.f("ix_sign_in_failure_at"), "sign_in_failure", ["at"], unique=False)
    op.create_table(
        "form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blueprint_version_id", sa.Integer(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("coverage", sa.JSON(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["blueprint_version_id"],
            ["blueprint_version.id"],
            name=op.f("fk_form_blueprint_version_id_blueprint_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
    )
    op.create_index(op.f("ix_form_blueprint_version_id"), "form", ["blueprint_version_id"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("customs_code", sa.String(length=10), nullable=True),
        sa.Column("base_id", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'enterprise' OR uscc IS NOT NULL", name=op.f("ck_organisation_enterprise_has_uscc")
        ),
        sa.CheckConstraint("kind IN ('enterprise', 'customs')", name=op.f("ck_organisation_kind")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_organisation_base_id_base")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("customs_code", name=op.f("uq_organisation_customs_code")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    op.create_index(op.f("ix_organisation_base_id"), "organisation", ["base_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("staff_number", sa.String(length=30), nullable=True),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password_hash", sa.String(length=120), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('officer', 'enterprise', 'staff')", name=op.f("ck_person_kind")),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_person_language")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_person_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("staff_number", name=op.f("uq_person_staff_number")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_index(op.f("ix_person_organisation_id"), "person", ["organisation_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('entry')", name=op.f("ck_attempt_kind")),
        sa.CheckConstraint(
            "state IN ('created', 'waiting', 'running', 'paused', 'closing', 'submitted', 'marking', 'marked', 'released', 'voided')",
            name=op.f("ck_attempt_state"),
        ),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_attempt_base_id_base")),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_attempt_form_id_form")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attempt_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("person_id", "kind", "number", name=op.f("uq_attempt_person_id_kind_number")),
    )
    op.create_index(op.f("ix_attempt_base_id"), "attempt", ["base_id"], unique=False)
    op.create_index(op.f("ix_attempt_form_id"), "attempt", ["form_id"], unique=False)
    op.create_index(
        "uq_attempt_live",
        "attempt",
        ["person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('created', 'waiting', 'running', 'paused', 'closing')"),
        sqlite_where=sa.text("state IN ('created', 'waiting', 'running', 'paused', 'closing')"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=True),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_audit_entry_actor_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_audit_entry_chain_seq")),
    )
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_object_kind_object_id"), "audit_entry", ["object_kind", "object_id"], unique=False
    )
    op.create_table(
        "item_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("certainty", sa.String(length=12), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("case_id", sa.String(length=40), nullable=True),
        sa.Column("position_in_case", sa.Integer(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("origin IN ('shipped', 'base')", name=op.f("ck_item_version_origin")),
        sa.CheckConstraint("points > 0", name=op.f("ck_item_version_points")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_item_version_author_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_item_version_item_id_number")),
    )
    op.create_index(op.f("ix_item_version_case_id"), "item_version", ["case_id"], unique=False)
    op.create_index(
        "uq_item_version_current",
        "item_version",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('first', 'reset')", name=op.f("ck_one_time_code_kind")),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("fk_one_time_code_issued_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_code_digest")),
    )
    op.create_index(op.f("ix_one_time_code_person_id"), "one_time_code", ["person_id"], unique=False)
    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name=op.f("ck_posting_order")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_posting_base_id_base")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_posting_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index(op.f("ix_posting_base_id"), "posting", ["base_id"], unique=False)
    op.create_index(
        "uq_posting_open",
        "posting",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
        sqlite_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("base_id", sa.String(length=20), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_role_grant_base_id_base")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_role_grant_ended_by_person")),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_role_grant_granted_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_base_id"), "role_grant", ["base_id"], unique=False)
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)
    op.create_table(
        "attempt_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=10), nullable=False),
        sa.Column("to_state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_attempt_event_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_attempt_event_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_event")),
    )
    op.create_index(op.f("ix_attempt_event_attempt_id"), "attempt_event", ["attempt_id"], unique=False)
    op.create_table(
        "form_item",
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("case_version_id", sa.Integer(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("option_order", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_version_id"], ["case_version.id"], name=op.f("fk_form_item_case_version_id_case_version")
        ),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_form_item_form_id_form")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_form_item_item_version_id_item_version")
        ),
        sa.PrimaryKeyConstraint("form_id", "position", name=op.f("pk_form_item")),
        sa.UniqueConstraint("form_id", "item_version_id", name=op.f("uq_form_item_form_id_item_version_id")),
    )
    op.create_index(op.f("ix_form_item_item_version_id"), "form_item", ["item_version_id"], unique=False)
    op.create_table(
        "item_code",
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_item_code_item_version_id_item_version")
        ),
        sa.PrimaryKeyConstraint("item_version_id", "code", name=op.f("pk_item_code")),
    )
    op.create_index(op.f("ix_item_code_code"), "item_code", ["code"], unique=False)
    op.create_table(
        "item_confirmation",
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_item_confirmation_item_version_id_item_version")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_item_confirmation_reviewer_id_person")),
        sa.PrimaryKeyConstraint("item_version_id", name=op.f("pk_item_confirmation")),
    )
    op.create_table(
        "practice_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("response", sa.JSON(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_practice_answer_item_version_id_item_version")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_practice_answer_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_answer")),
        sa.UniqueConstraint("person_id", "nonce", name=op.f("uq_practice_answer_person_id_nonce")),
    )
    op.create_index(op.f("ix_practice_answer_item_version_id"), "practice_answer", ["item_version_id"], unique=False)
    op.create_index(
        op.f("ix_practice_answer_person_id_item_version_id"),
        "practice_answer",
        ["person_id", "item_version_id"],
        unique=False,
    )
    op.create_table(
        "response_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("client_seq", sa.Integer(), nullable=False),
        sa.Column("server_seq", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_response_event_attempt_id_attempt")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_response_event_item_version_id_item_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_event")),
        sa.UniqueConstraint(
            "attempt_id",
            "item_version_id",
            "client_seq",
            name=op.f("uq_response_event_attempt_id_item_version_id_client_seq"),
        ),
        sa.UniqueConstraint("attempt_id", "server_seq", name=op.f("uq_response_event_attempt_id_server_seq")),
    )
    op.create_table(
        "score_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_score_run_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_run")),
    )
    op.create_index(op.f("ix_score_run_attempt_id"), "score_run", ["attempt_id"], unique=False)
    op.create_table(
        "result",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_result_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["run_id"], ["score_run.id"], name=op.f("fk_result_run_id_score_run")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_result")),
    )
    op.create_index(op.f("ix_result_attempt_id"), "result", ["attempt_id"], unique=False)
    op.create_table(
        "score_line",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_score_line_item_version_id_item_version")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["score_run.id"], name=op.f("fk_score_line_run_id_score_run")),
        sa.PrimaryKeyConstraint("run_id", "item_version_id", name=op.f("pk_score_line")),
    )
    op.create_index(
        "uq_role_grant_open",
        "role_grant",
        ["person_id", "role", sa.text("coalesce(base_id, '')")],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    for table, erasable in APPEND_ONLY.items():
        for statement in append_only_ddl(op.get_bind(), table, erasable=erasable):
            op.execute(sa.text(statement.replace(":", "\\:")))

"""The day of an exam and what follows it: signs of life, late answers, time added, receipts, cut scores, objections."""

import sqlalchemy as sa
from alembic import op

from training_app.db import append_only_ddl

revision = "0005"
down_revision = "0004"

APPEND_ONLY = {
    "gap": (),
    "paper_fact": (),
    "deadline_event": ("reason",),
    "incident": ("text",),
    "room_notice": ("text",),
    "receipt": (),
    "key_revision": (),
    "key_change": (),
    "release": (),
}
MADE_ANEW_ON_SQLITE = {"response_event": ("payload", "salt"), "score_run": ()}


def upgrade() -> None:
    op.create_table(
        "key_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_key_revision_number")),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_key_revision_form_id_form")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_key_revision_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_revision")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_key_revision_form_id_number")),
    )
    op.create_table(
        "key_change",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("response", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("(kind = 'void') = (response IS NULL)", name=op.f("ck_key_change_response")),
        sa.CheckConstraint("kind IN ('void', 'key', 'also')", name=op.f("ck_key_change_kind")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_key_change_item_version_id_item_version")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["key_revision.id"], name=op.f("fk_key_change_revision_id_key_revision")
        ),
        sa.PrimaryKeyConstraint("revision_id", "item_version_id", name=op.f("pk_key_change")),
    )
    op.create_table(
        "standard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_standard_confirmed")),
        sa.CheckConstraint("confirmed_by <> entered_by", name=op.f("ck_standard_second_person")),
        sa.CheckConstraint("cut > 0 AND cut <= points", name=op.f("ck_standard_cut")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_standard_confirmed_by_person")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_standard_entered_by_person")),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_standard_form_id_form")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["key_revision.id"], name=op.f("fk_standard_revision_id_key_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard")),
    )
    op.create_index(op.f("ix_standard_form_id"), "standard", ["form_id"], unique=False)
    op.create_index(
        "uq_standard_open",
        "standard",
        ["form_id"],
        unique=True,
        postgresql_where=sa.text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
        sqlite_where=sa.text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "time_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("decision IN ('approved', 'refused')", name=op.f("ck_time_proposal_decision")),
        sa.CheckConstraint("scope IN ('person', 'room', 'lost')", name=op.f("ck_time_proposal_scope")),
        sa.CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name=op.f("ck_time_proposal_decided")),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_time_proposal_second_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_time_proposal_decided_by_person")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_time_proposal_proposed_by_person")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_time_proposal_room_id_room")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_time_proposal_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_proposal")),
    )
    op.create_index(op.f("ix_time_proposal_sitting_id"), "time_proposal", ["sitting_id"], unique=False)
    op.create_table(
        "deadline_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('personal', 'compensation', 'pause')", name=op.f("ck_deadline_event_kind")),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_deadline_event_seconds")),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_deadline_event_approved_by_person")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_deadline_event_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_deadline_event_by_person")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["time_proposal.id"], name=op.f("fk_deadline_event_proposal_id_time_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_event")),
        sa.UniqueConstraint("attempt_id", "proposal_id", name=op.f("uq_deadline_event_attempt_id_proposal_id")),
    )
    op.create_index(op.f("ix_deadline_event_attempt_id"), "deadline_event", ["attempt_id"], unique=False)
    op.create_table(
        "gap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_gap_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
    )
    op.create_index(op.f("ix_gap_attempt_id"), "gap", ["attempt_id"], unique=False)
    op.create_table(
        "late_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("client_seq", sa.Integer(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=True),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("decision IN ('accepted', 'refused')", name=op.f("ck_late_event_decision")),
        sa.CheckConstraint(
            "why IN ('late', 'conflict', 'paused', 'left_behind', 'handed_in')", name=op.f("ck_late_event_why")
        ),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_late_event_decided")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_late_event_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_late_event_decided_by_person")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_late_event_item_version_id_item_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_event")),
        sa.UniqueConstraint(
            "attempt_id",
            "item_version_id",
            "device",
            "client_seq",
            "why",
            name=op.f("uq_late_event_attempt_id_item_version_id_device_client_seq_why"),
        ),
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'item') = (item_version_id IS NOT NULL)", name=op.f("ck_objection_of_item")),
        sa.CheckConstraint("decision IN ('upheld', 'rejected')", name=op.f("ck_objection_decision")),
        sa.CheckConstraint("kind IN ('score', 'item', 'procedure')", name=op.f("ck_objection_kind")),
        sa.CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name=op.f("ck_objection_decided")),
        sa.CheckConstraint("decided_by <> person_id", name=op.f("ck_objection_other_person")),
        sa.CheckConstraint("decision IS NULL OR withdrawn_at IS NULL", name=op.f("ck_objection_ended_once")),
        sa.CheckConstraint(
            "revision_id IS NULL OR (kind = 'item' AND decision IS NOT NULL AND decision = 'upheld')",
            name=op.f("ck_objection_followed"),
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_objection_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_objection_decided_by_person")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_objection_item_version_id_item_version")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_objection_person_id_person")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["key_revision.id"], name=op.f("fk_objection_revision_id_key_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(op.f("ix_objection_person_id"), "objection", ["person_id"], unique=False)
    op.create_table(
        "paper_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opened', 'took_over', 'elsewhere', 'left_window', 'left_full_screen', 'left_behind', 'wrong_seat')",
            name=op.f("ck_paper_fact_kind"),
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_paper_fact_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_fact")),
    )
    op.create_index(op.f("ix_paper_fact_attempt_id"), "paper_fact", ["attempt_id"], unique=False)
    op.create_table(
        "presence",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("unsent", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("full_screen", sa.Boolean(), nullable=True),
        sa.Column("secure", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_presence_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "receipt",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("form_hash", sa.String(length=64), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_receipt_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("code", name=op.f("uq_receipt_code")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_release_by_person")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_release_sitting_id_sitting")),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name=op.f("fk_release_standard_id_standard")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("sitting_id", "standard_id", name=op.f("uq_release_sitting_id_standard_id")),
    )
    op.create_table(
        "entry_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_entry_code_made_by_person")),
        sa.ForeignKeyConstraint(["place_id"], ["roster_place.id"], name=op.f("fk_entry_code_place_id_roster_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_entry_code_digest")),
    )
    op.create_index(
        "uq_entry_code_open",
        "entry_code",
        ["place_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_incident_by_person")),
        sa.ForeignKeyConstraint(["place_id"], ["roster_place.id"], name=op.f("fk_incident_place_id_roster_place")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_incident_room_id_room")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_incident_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_place_id"), "incident", ["place_id"], unique=False)
    op.create_index(op.f("ix_incident_sitting_id"), "incident", ["sitting_id"], unique=False)
    op.create_table(
        "room_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_room_notice_by_person")),
        sa.ForeignKeyConstraint(["place_id"], ["roster_place.id"], name=op.f("fk_room_notice_place_id_roster_place")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_notice_room_id_room")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_room_notice_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_notice")),
    )
    op.create_index(op.f("ix_room_notice_sitting_id"), "room_notice", ["sitting_id"], unique=False)
    op.create_index(
        "uq_objection_open",
        "objection",
        ["attempt_id", "kind", sa.text("coalesce(item_version_id, 0)")],
        unique=True,
        postgresql_where=sa.text("decision IS NULL AND withdrawn_at IS NULL"),
        sqlite_where=sa.text("decision IS NULL AND withdrawn_at IS NULL"),
    )
    _widen_attempts()
    _widen_sittings()
    for table, erasable in APPEND_ONLY.items():
        _append_only(table, erasable)
    if op.get_bind().dialect.name == "sqlite":
        for table, erasable in MADE_ANEW_ON_SQLITE.items():
            _append_only(table, erasable)


def _append_only(table: str, erasable: tuple[str, ...]) -> None:
    for statement in append_only_ddl(op.get_bind(), table, erasable=erasable):
        op.execute(sa.text(statement.replace(":", "\\:")))


def _widen_attempts() -> None:
    op.drop_index("uq_attempt_live", table_name="attempt")
    with op.batch_alter_table("attempt") as attempt:
        attempt.drop_constraint(op.f("ck_attempt_kind"), type_="check")
        attempt.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        attempt.add_column(sa.Column("length_s", sa.Integer(), nullable=True))
        attempt.add_column(sa.Column("device", sa.String(length=80), nullable=True))
        attempt.create_check_constraint(op.f("ck_attempt_kind"), "kind IN ('entry', 'practice', 'sitting')")
        attempt.create_check_constraint(op.f("ck_attempt_paused"), "(state = 'paused') = (paused_at IS NOT NULL)")
    with op.batch_alter_table("response_event") as event:
        event.add_column(sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True))
        event.add_column(sa.Column("device", sa.String(length=80), nullable=True))
        event.add_column(sa.Column("late_event_id", sa.Integer(), nullable=True))
        event.create_foreign_key(
            op.f("fk_response_event_late_event_id_late_event"), "late_event", ["late_event_id"], ["id"]
        )
    with op.batch_alter_table("score_run") as run:
        run.add_column(sa.Column("standard_id", sa.Integer(), nullable=True))
        run.add_column(sa.Column("head_seq", sa.Integer(), nullable=True))
        run.create_unique_constraint(
            op.f("uq_score_run_attempt_id_standard_id_head_seq"), ["attempt_id", "standard_id", "head_seq"]
        )
        run.create_foreign_key(op.f("fk_score_run_standard_id_standard"), "standard", ["standard_id"], ["id"])
    op.create_index(op.f("ix_score_run_standard_id"), "score_run", ["standard_id"], unique=False)
    # last: a table made anew on SQLite reads those it refers to, and cannot read an index of an expression
    live = sa.text("state IN ('created', 'waiting', 'running', 'paused', 'closing')")
    op.create_index(
        "uq_attempt_live",
        "attempt",
        ["person_id", "kind", sa.text("coalesce(sitting_id, 0)")],
        unique=True,
        postgresql_where=live,
        sqlite_where=live,
    )


def _widen_sittings() -> None:
    op.add_column("sitting", sa.Column("start_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("roster_place", sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("roster_place", sa.Column("photo", sa.String(length=64), nullable=True))

"""Rehearsals: sittings, persons and forms are marked once for all, and only what is marked may be removed again."""

import sqlalchemy as sa
from alembic import op

from training_app.db import append_only_ddl

revision = "0009"
down_revision = "0008"

PLACE_STANDS = sa.text("state NOT IN ('withdrawn', 'void')")
ATTEMPT_LIVES = sa.text("state IN ('created', 'waiting', 'running', 'paused', 'closing')")
SEAT_TAKEN = sa.text("state NOT IN ('withdrawn', 'void') AND booking_id IS NOT NULL")

OF_ATTEMPT = (
    "EXISTS (SELECT 1 FROM attempt JOIN sitting ON sitting.id = attempt.sitting_id "
    "WHERE attempt.id = OLD.attempt_id AND sitting.rehearsal)"
)
REMOVABLE = {
    "form": ("OLD.rehearsal", ()),
    "form_item": ("EXISTS (SELECT 1 FROM form WHERE form.id = OLD.form_id AND form.rehearsal)", ()),
    "sitting_event": ("EXISTS (SELECT 1 FROM sitting WHERE sitting.id = OLD.sitting_id AND rehearsal)", ("reason",)),
    "attempt_event": (OF_ATTEMPT, ()),
    "response_event": (OF_ATTEMPT, ("payload", "salt")),
    "gap": (OF_ATTEMPT, ()),
    "paper_fact": (OF_ATTEMPT, ()),
    "deadline_event": (OF_ATTEMPT, ("reason",)),
    "receipt": (OF_ATTEMPT, ()),
}
"""Append-only tables that a rehearsal fills: the condition under which a row may go, and what may be erased."""

OF_PERSON = "(SELECT rehearsal FROM person WHERE id = NEW.person_id)"
OF_SITTING = "coalesce((SELECT rehearsal FROM sitting WHERE id = NEW.sitting_id), FALSE)"
UNTRUE = {
    "person_marked": ("UPDATE OF rehearsal ON person", "NEW.rehearsal <> OLD.rehearsal"),
    "sitting_marked": ("UPDATE OF rehearsal ON sitting", "NEW.rehearsal <> OLD.rehearsal"),
    "attempt_stays": (
        "UPDATE OF person_id, sitting_id ON attempt",
        "NEW.person_id <> OLD.person_id OR coalesce(NEW.sitting_id, 0) <> coalesce(OLD.sitting_id, 0)",
    ),
    "attempt_marked": ("INSERT ON attempt", f"{OF_PERSON} <> {OF_SITTING}"),
    "roster_place_marked": (
        "INSERT ON roster_place",
        f"{OF_PERSON} <> {OF_SITTING} OR (NEW.booking_id IS NULL) <> {OF_SITTING} "
        f"OR (NEW.cycle_id IS NULL) <> {OF_SITTING}",
    ),
    "roster_place_stays": (
        "UPDATE OF person_id, sitting_id, booking_id, cycle_id ON roster_place",
        f"{OF_PERSON} <> {OF_SITTING} OR (NEW.booking_id IS NULL) <> {OF_SITTING} "
        f"OR (NEW.cycle_id IS NULL) <> {OF_SITTING}",
    ),
    "sitting_form_marked": (
        "INSERT ON sitting_form",
        f"(SELECT rehearsal FROM form WHERE id = NEW.form_id) <> {OF_SITTING}",
    ),
}
"""What would mix what is simulated with what is real, by the name of the trigger that refuses it."""


def upgrade() -> None:
    for table in ("person", "sitting", "form"):
        op.add_column(table, sa.Column("rehearsal", sa.Boolean(), nullable=False, server_default=sa.false()))
    _free_places()
    op.create_index(op.f("ix_attempt_event_by"), "attempt_event", ["by"], unique=False)
    _make_rehearsals()
    for table, (condition, erasable) in REMOVABLE.items():
        _guard_anew(table, condition, erasable)
    for name, (event, condition) in UNTRUE.items():
        _refuse(name, event, condition)


def _free_places() -> None:
    """A place may stand without cycle and booking: the one of a rehearsal."""
    # SQLite makes the table anew, and would lose the conditions of these indexes
    op.drop_index("uq_roster_place_person", table_name="roster_place")
    op.drop_index("uq_roster_place_seat", table_name="roster_place")
    # and cannot read an index of an expression on a table it refers to
    op.drop_index("uq_attempt_live", table_name="attempt")
    with op.batch_alter_table("roster_place") as place:
        place.alter_column("cycle_id", existing_type=sa.Integer(), nullable=True)
        place.alter_column("booking_id", existing_type=sa.Integer(), nullable=True)
    for name, column, where in (
        ("uq_roster_place_person", "person_id", PLACE_STANDS),
        ("uq_roster_place_seat", "seat_id", SEAT_TAKEN),
    ):
        op.create_index(
            name, "roster_place", ["sitting_id", column], unique=True, postgresql_where=where, sqlite_where=where
        )
    op.create_index(
        "uq_attempt_live",
        "attempt",
        ["person_id", "kind", sa.text("coalesce(sitting_id, 0)")],
        unique=True,
        postgresql_where=ATTEMPT_LIVES,
        sqlite_where=ATTEMPT_LIVES,
    )


def _make_rehearsals() -> None:
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("marked_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("answering_s", sa.Integer(), nullable=False),
        sa.Column("think_ms", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("candidates > 0", name=op.f("ck_rehearsal_candidates")),
        sa.CheckConstraint("answering_s > 0 AND think_ms > 0", name=op.f("ck_rehearsal_times")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_rehearsal_asked_by_person")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_rehearsal_job_id_job"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["marked_id"], ["sitting.id"], name=op.f("fk_rehearsal_marked_id_sitting")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_rehearsal_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
    )
    op.create_index(op.f("ix_rehearsal_sitting_id"), "rehearsal", ["sitting_id"], unique=False)


def _guard_anew(table: str, condition: str, erasable: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        gone = [f"DROP TRIGGER {table}_no_delete", f"DROP TRIGGER {table}_append_only"]
    else:
        gone = [
            f"DROP TRIGGER {table}_append_only ON {table}",
            f"DROP TRIGGER {table}_no_truncate ON {table}",
            f"DROP FUNCTION {table}_append_only()",
        ]
    for statement in [*gone, *append_only_ddl(op.get_bind(), table, erasable=erasable, removable=condition)]:
        op.execute(sa.text(statement.replace(":", "\\:")))


def _refuse(name: str, event: str, condition: str) -> None:
    said = "a rehearsal and what is real are never mixed"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            sa.text(
                f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
        )
        return
    op.execute(
        sa.text(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{said}'; END IF; RETURN NEW; END $$"
        )
    )
    op.execute(sa.text(f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW EXECUTE FUNCTION {name}()"))

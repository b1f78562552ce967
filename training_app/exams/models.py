"""Tables of exams: forms, attempts, what a candidate did, and what it was worth."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, UtcDateTime, personal

RECORD = "6 years after the attempt"
LIVE = text("state IN ('created', 'waiting', 'running', 'paused', 'closing')")
STATES = "'created', 'waiting', 'running', 'paused', 'closing', 'submitted', 'marking', 'marked', 'released', 'voided'"


class Form(Base):
    """An assembled paper 试卷: item versions in order, with the seed that drew it and the proof of coverage.

    cut: None where two people decide it later, as for a sitting. rehearsal: of public items, for simulated candidates.
    """

    __tablename__ = "form"

    id: Mapped[int] = mapped_column(primary_key=True)
    blueprint_version_id: Mapped[int] = mapped_column(ForeignKey("blueprint_version.id"), index=True)
    in_force_on: Mapped[date]
    seed: Mapped[str] = mapped_column(String(80), info=NOT_PERSONAL)
    content_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    coverage: Mapped[dict[str, object]] = mapped_column(JSON, info=NOT_PERSONAL)
    points: Mapped[int]
    cut: Mapped[int | None]
    rehearsal: Mapped[bool] = mapped_column(default=False, server_default=false())
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormItem(Base):
    """An item version at its place in a form, with the order of its options."""

    __tablename__ = "form_item"
    __table_args__ = (UniqueConstraint("form_id", "item_version_id"),)

    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), index=True)
    case_version_id: Mapped[int | None] = mapped_column(ForeignKey("case_version.id"))
    points: Mapped[int]
    option_order: Mapped[list[str]] = mapped_column(JSON, info=NOT_PERSONAL)


class Attempt(Base):
    """One person's answering of one form 答卷; the head of its chain stands here.

    At most one entry test of a person is live, one timed practice, and one attempt of a sitting.
    length_s: thinking time without what is added. device: the page that holds the paper, None until one opens it.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        CheckConstraint("kind IN ('entry', 'practice', 'sitting')", name="kind"),
        CheckConstraint("(state = 'paused') = (paused_at IS NOT NULL)", name="paused"),
        CheckConstraint("(kind = 'sitting') = (sitting_id IS NOT NULL)", name="of_sitting"),
        CheckConstraint(f"state IN ({STATES})", name="state"),
        UniqueConstraint("person_id", "kind", "number"),
        ForeignKeyConstraint(["sitting_id", "form_id"], ["sitting_form.sitting_id", "sitting_form.form_id"]),
        Index(
            "uq_attempt_live",
            "person_id",
            "kind",
            text("coalesce(sitting_id, 0)"),
            unique=True,
            postgresql_where=LIVE,
            sqlite_where=LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("whose attempt it is", RECORD))
    base_id: Mapped[str | None] = mapped_column(ForeignKey("base.id"), index=True, info=NOT_PERSONAL)
    number: Mapped[int]
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), index=True)
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sitting.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    length_s: Mapped[int | None]
    device: Mapped[str | None] = mapped_column(String(80), info=NOT_PERSONAL)
    head_seq: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    version: Mapped[int] = mapped_column(default=1)


class AttemptEvent(Base):
    """A change of an attempt's state, with its reason and who made it."""

    __tablename__ = "attempt_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    from_state: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    to_state: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    reason: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    by: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("who made the change", RECORD)
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ResponseEvent(Base):
    """One answer as given, append-only. The highest `client_seq` of an item is its response.

    captured_at: when it was given, by the page's clock as corrected and clamped; None before there was an outbox.
    late_event_id: the late answer that was accepted as this one.
    """

    __tablename__ = "response_event"
    __table_args__ = (
        UniqueConstraint("attempt_id", "item_version_id", "client_seq"),
        UniqueConstraint("attempt_id", "server_seq"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    client_seq: Mapped[int]
    server_seq: Mapped[int]
    captured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    device: Mapped[str | None] = mapped_column(String(80), info=NOT_PERSONAL)
    late_event_id: Mapped[int | None] = mapped_column(ForeignKey("late_event.id"))
    payload: Mapped[object | None] = mapped_column(JSON, info=personal("the answer given", RECORD))
    salt: Mapped[str | None] = mapped_column(String(32), info=NOT_PERSONAL)
    digest: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    previous_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)


class ScoreRun(Base):
    """One scoring of an attempt. A corrected key is a new run; older runs stay.

    standard_id: the confirmed cut score and keys it follows; None for entry tests and practice, whose form has its cut.
    head_seq: the last answer that it covers, so that nothing is scored twice by one standard; None without a standard.
    """

    __tablename__ = "score_run"
    __table_args__ = (UniqueConstraint("attempt_id", "standard_id", "head_seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    standard_id: Mapped[int | None] = mapped_column(ForeignKey("standard.id"), index=True)
    head_seq: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScoreLine(Base):
    """The points of one item in a score run."""

    __tablename__ = "score_line"

    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id"), primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), primary_key=True)
    points: Mapped[int]


class Result(Base):
    """Score, mark and outcome of a score run."""

    __tablename__ = "result"

    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id"), primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    score: Mapped[int]
    mark: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(8), info=NOT_PERSONAL)


class PracticeAnswer(Base):
    """One answered practice item. `nonce` makes a resend harmless."""

    __tablename__ = "practice_answer"
    __table_args__ = (UniqueConstraint("person_id", "nonce"), Index(None, "person_id", "item_version_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), info=personal("progress in practice", "2 years after the answer")
    )
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), index=True)
    nonce: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    response: Mapped[object] = mapped_column(JSON, info=personal("progress in practice", "2 years after the answer"))
    points: Mapped[int]
    maximum: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)

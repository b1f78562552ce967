"""Tables of programmes. Rules are data with dates; a result of a stage is never edited."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, UtcDateTime, personal

RECORD = "6 years after the cycle ends"


class Programme(Base):
    """A programme 培训项目 that leads to a certificate."""

    __tablename__ = "programme"

    id: Mapped[str] = mapped_column(String(30), primary_key=True, info=NOT_PERSONAL)
    title_zh: Mapped[str] = mapped_column(String(80), info=NOT_PERSONAL)
    title_en: Mapped[str] = mapped_column(String(120), info=NOT_PERSONAL)


class RuleSet(Base):
    """The rules of a programme from a day on. decided False: the owner has not laid them down yet."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("programme_id", "label"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), info=NOT_PERSONAL)
    label: Mapped[str] = mapped_column(String(20), info=NOT_PERSONAL)
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    decided: Mapped[bool]
    rules: Mapped[dict[str, object]] = mapped_column(JSON, info=NOT_PERSONAL)


class Cycle(Base):
    """One way of a person through a programme 周期; a renewal opens the next, nothing is reset."""

    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("person_id", "programme_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("whose way it is", RECORD))
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), info=NOT_PERSONAL)
    number: Mapped[int]
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    opened_on: Mapped[date]
    due_on: Mapped[date | None]


class StageResult(Base):
    """What a stage ended with, and the evidence for it. Append-only: a correction is a later line."""

    __tablename__ = "stage_result"
    __table_args__ = (
        CheckConstraint("stage IN ('field_training', 'observation', 'exam', 'interview')", name="stage"),
        CheckConstraint("outcome IN ('pass', 'fail', 'void')", name="outcome"),
        Index(None, "cycle_id", "stage"),
        UniqueConstraint("evidence_kind", "evidence_id", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    stage: Mapped[str] = mapped_column(String(16), info=NOT_PERSONAL)
    outcome: Mapped[str] = mapped_column(String(8), info=personal("the result of a stage", RECORD))
    evidence_kind: Mapped[str] = mapped_column(String(20), info=NOT_PERSONAL)
    evidence_id: Mapped[int]
    base_id: Mapped[str | None] = mapped_column(ForeignKey("base.id"), info=NOT_PERSONAL)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who answers for it", RECORD))

"""Tables of what follows an exam: corrected keys, cut scores, releases, score checks and objections."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from training_app.db import NOT_PERSONAL, Base, FreeText, UtcDateTime, personal

RECORD = "6 years after the attempt"


class KeyRevision(Base):
    """A corrected set of keys of a form, numbered from 1. Append-only. Before the first one the items' keys count."""

    __tablename__ = "key_revision"
    __table_args__ = (UniqueConstraint("form_id", "number"), CheckConstraint("number > 0", name="number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"))
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(FreeText, info=personal("why the keys were corrected", RECORD))
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who corrected them", RECORD))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeyChange(Base):
    """How one item is scored under a revision; a revision names every change, those of earlier ones too. Append-only.

    kind: `void` counts for nobody, `key` replaces the key, `also` lets further responses earn all points too.
    response: the list of these responses, a single one for `key`.
    """

    __tablename__ = "key_change"
    __table_args__ = (
        CheckConstraint("kind IN ('void', 'key', 'also')", name="kind"),
        CheckConstraint("(kind = 'void') = (response IS NULL)", name="response"),
    )

    revision_id: Mapped[int] = mapped_column(ForeignKey("key_revision.id"), primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(6), info=NOT_PERSONAL)
    response: Mapped[object | None] = mapped_column(JSON(none_as_null=True), info=NOT_PERSONAL)


class Standard(Base):
    """The cut score of a form under a set of keys: entered by one programme administrator, confirmed by another.

    revision_id: the corrected keys it is for, None for the keys of the items. points: the maximum under these keys.
    basis: what the cut rests on. decided_on: the day of that decision. The last confirmed one counts, unless it was
    withdrawn before a release.
    """

    __tablename__ = "standard"
    __table_args__ = (
        CheckConstraint("cut > 0 AND cut <= points", name="cut"),
        CheckConstraint("confirmed_by <> entered_by", name="second_person"),
        CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        Index(
            "uq_standard_open",
            "form_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
            sqlite_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), index=True)
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("key_revision.id"))
    cut: Mapped[int]
    points: Mapped[int]
    basis: Mapped[str] = mapped_column(FreeText, info=NOT_PERSONAL)
    decided_on: Mapped[date]
    entered_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who entered it", RECORD))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who confirmed it", RECORD))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Release(Base):
    """The results of a sitting under a standard were released. Append-only; a later one follows corrected keys."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("sitting_id", "standard_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    standard_id: Mapped[int] = mapped_column(ForeignKey("standard.id"))
    by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who released them", RECORD))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Objection(Base):
    """What a candidate asks after the release: a check of the score 成绩复核, or about an item or the procedure.

    withdrawn_at: the candidate took it back before it was decided. decided_by: another person, who had no part in what
    is objected to. revision_id: the corrected keys that followed an upheld objection to an item.
    """

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("kind IN ('score', 'item', 'procedure')", name="kind"),
        CheckConstraint("(kind = 'item') = (item_version_id IS NOT NULL)", name="of_item"),
        CheckConstraint("decision IN ('upheld', 'rejected')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name="decided"),
        CheckConstraint("decided_by <> person_id", name="other_person"),
        CheckConstraint("decision IS NULL OR withdrawn_at IS NULL", name="ended_once"),
        CheckConstraint(
            "revision_id IS NULL OR (kind = 'item' AND decision IS NOT NULL AND decision = 'upheld')", name="followed"
        ),
        Index(
            "uq_objection_open",
            "attempt_id",
            "kind",
            text("coalesce(item_version_id, 0)"),
            unique=True,
            postgresql_where=text("decision IS NULL AND withdrawn_at IS NULL"),
            sqlite_where=text("decision IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("who objects", RECORD))
    kind: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    item_version_id: Mapped[int | None] = mapped_column(ForeignKey("item_version.id"))
    text: Mapped[str] = mapped_column(FreeText, info=personal("what the person objects to", RECORD))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(8), info=personal("how it was decided", RECORD))
    answer: Mapped[str | None] = mapped_column(FreeText, info=personal("why it was decided so", RECORD))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("key_revision.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who decided", RECORD))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

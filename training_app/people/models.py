"""Tables of people: bases, organisations, persons, postings, roles, one-time codes, failed sign-ins."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_app.db import NOT_PERSONAL, Base, FreeText, UtcDateTime, personal

WHILE_TRAINED = "while the person is trained or employed here, then 6 years"


class TrainingBase(Base):
    """One of the three training bases 培训基地. `Base` is SQLAlchemy's."""

    __tablename__ = "base"

    id: Mapped[str] = mapped_column(String(20), primary_key=True, info=NOT_PERSONAL)
    code: Mapped[str] = mapped_column(String(4), unique=True, info=NOT_PERSONAL)
    name_zh: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    name_en: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    position: Mapped[int]


class Organisation(Base):
    """An enterprise or a customs office that sends people. The AEO code is derived from the customs code."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('enterprise', 'customs')", name="kind"),
        CheckConstraint("kind <> 'enterprise' OR uscc IS NOT NULL", name="enterprise_has_uscc"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    name_zh: Mapped[str] = mapped_column(String(120), info=NOT_PERSONAL)
    name_en: Mapped[str] = mapped_column(String(160), info=NOT_PERSONAL)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True, info=NOT_PERSONAL)
    customs_code: Mapped[str | None] = mapped_column(String(10), unique=True, info=NOT_PERSONAL)
    base_id: Mapped[str | None] = mapped_column(ForeignKey("base.id"), index=True, info=NOT_PERSONAL)
    note: Mapped[str] = mapped_column(FreeText, default="", info=NOT_PERSONAL)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Person(Base):
    """Anyone who may sign in. No resident identity number is stored: a person is known by name and staff number.

    rehearsal: a simulated candidate, nobody real; marked once for all, and removed with the rehearsal.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("kind IN ('officer', 'enterprise', 'staff')", name="kind"),
        CheckConstraint("language IN ('zh', 'en')", name="language"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True, info=personal("sign-in", WHILE_TRAINED))
    kind: Mapped[str] = mapped_column(String(12), info=personal("officer or enterprise customs staff", WHILE_TRAINED))
    name_zh: Mapped[str] = mapped_column(String(60), info=personal("records and certificates", WHILE_TRAINED))
    name_en: Mapped[str] = mapped_column(String(80), info=personal("records and certificates", WHILE_TRAINED))
    staff_number: Mapped[str | None] = mapped_column(
        String(30), unique=True, info=personal("telling namesakes apart, identity at the door", WHILE_TRAINED)
    )
    email: Mapped[str | None] = mapped_column(String(120), info=personal("notices", "while the account is open"))
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id"), index=True, info=personal("who sent the person", WHILE_TRAINED)
    )
    language: Mapped[str] = mapped_column(
        String(2), default="zh", info=personal("language of pages", "while the account is open")
    )
    password_hash: Mapped[str | None] = mapped_column(
        String(120), info=personal("sign-in", "while the account is open")
    )
    password_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    session_version: Mapped[int] = mapped_column(default=1)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_reason: Mapped[str | None] = mapped_column(
        FreeText, info=personal("why the account is closed", "until it is opened again")
    )
    rehearsal: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    grants: Mapped[list["RoleGrant"]] = relationship(
        primaryjoin="and_(Person.id == RoleGrant.person_id, RoleGrant.ended_at.is_(None))",
        viewonly=True,
        order_by="RoleGrant.id",
        lazy="selectin",
    )
    postings: Mapped[list["Posting"]] = relationship(
        primaryjoin="and_(Person.id == Posting.person_id, Posting.ended_on.is_(None))", viewonly=True, lazy="selectin"
    )


class Posting(Base):
    """A person's belonging to a base 派驻. At most one is open; a transfer ends it and begins the next."""

    __tablename__ = "posting"
    __table_args__ = (
        Index(
            "uq_posting_open",
            "person_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
            sqlite_where=text("ended_on IS NULL"),
        ),
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), info=personal("which base keeps the records", WHILE_TRAINED)
    )
    base_id: Mapped[str] = mapped_column(ForeignKey("base.id"), index=True, info=NOT_PERSONAL)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]

    base: Mapped[TrainingBase] = relationship(lazy="joined")


class RoleGrant(Base):
    """A role at one base, or at all bases when `base_id` is null. Ended, never deleted."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_open",
            "person_id",
            "role",
            text("coalesce(base_id, '')"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("what the person may do", WHILE_TRAINED)
    )
    role: Mapped[str] = mapped_column(String(24), info=NOT_PERSONAL)
    base_id: Mapped[str | None] = mapped_column(ForeignKey("base.id"), index=True, info=NOT_PERSONAL)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_by: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), info=personal("who answers for the grant", WHILE_TRAINED)
    )
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), info=personal("who answers for the end", WHILE_TRAINED)
    )

    base: Mapped[TrainingBase | None] = relationship(lazy="joined")


class OneTimeCode(Base):
    """A code of 80 bits for a first sign-in or a reset. Only its digest is kept; it works once, until `expires_at`."""

    __tablename__ = "one_time_code"
    __table_args__ = (UniqueConstraint("digest"), CheckConstraint("kind IN ('first', 'reset')", name="kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("whose sign-in it opens", "30 days after it ends")
    )
    digest: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    kind: Mapped[str] = mapped_column(String(8), info=NOT_PERSONAL)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), info=personal("who handed it out", "30 days after it ends")
    )
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInFailure(Base):
    """A failed sign-in, kept as keyed digests and only as long as it counts against the limits."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "account_digest", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_digest: Mapped[str] = mapped_column(String(64), info=personal("limit of guesses", "1 day"))
    address_digest: Mapped[str] = mapped_column(String(64), info=personal("limit of guesses", "1 day"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

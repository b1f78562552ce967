"""Tables of the day of an exam: signs of life, facts, what came late, time added, incidents, entry codes, receipts."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_app.db import NOT_PERSONAL, Base, FreeText, UtcDateTime, personal
from training_app.people.models import Person

RECORD = "6 years after the attempt"
DEVICE_LENGTH = 80


class Presence(Base):
    """The last sign of life of the page that shows an attempt. Overwritten; what must stay is a `PaperFact` or a `Gap`.

    position: of the item on the screen. unsent: answers that the page still keeps. marks: positions flagged and seen.
    """

    __tablename__ = "presence"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    device: Mapped[str] = mapped_column(String(DEVICE_LENGTH), info=NOT_PERSONAL)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    position: Mapped[int | None]
    unsent: Mapped[int] = mapped_column(default=0)
    marks: Mapped[dict[str, list[int]]] = mapped_column(JSON, info=NOT_PERSONAL)
    full_screen: Mapped[bool | None]
    secure: Mapped[bool | None]


class Gap(Base):
    """A time in which a running attempt gave no sign of life. Append-only; what time lost is proposed from."""

    __tablename__ = "gap"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    to_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PaperFact(Base):
    """Something that happened at the page of an attempt, without consequence by itself. Append-only.

    seconds: how long it lasted, where that is known.
    """

    __tablename__ = "paper_fact"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('opened', 'took_over', 'elsewhere', 'left_window', 'left_full_screen', 'left_behind', "
            "'wrong_seat')",
            name="kind",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16), info=NOT_PERSONAL)
    seconds: Mapped[int | None]
    details: Mapped[dict[str, object]] = mapped_column(JSON, info=NOT_PERSONAL)
    device: Mapped[str | None] = mapped_column(String(DEVICE_LENGTH), info=NOT_PERSONAL)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LateEvent(Base):
    """An answer that does not count until a person accepts it: late, in conflict, paused, or left on a computer.

    accepted: it was appended to the attempt's events, at the end of the chain.
    """

    __tablename__ = "late_event"
    __table_args__ = (
        CheckConstraint("why IN ('late', 'conflict', 'paused', 'left_behind', 'handed_in')", name="why"),
        CheckConstraint("decision IN ('accepted', 'refused')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
        UniqueConstraint("attempt_id", "item_version_id", "device", "client_seq", "why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    device: Mapped[str] = mapped_column(String(DEVICE_LENGTH), info=NOT_PERSONAL)
    client_seq: Mapped[int]
    captured_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    payload: Mapped[object | None] = mapped_column(JSON, info=personal("the answer given", RECORD))
    why: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    decision: Mapped[str | None] = mapped_column(String(8), info=NOT_PERSONAL)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), info=personal("who answers for the decision", RECORD)
    )
    reason: Mapped[str | None] = mapped_column(FreeText, info=personal("why it counts or not", RECORD))


class TimeProposal(Base):
    """Time to add, proposed by one person and decided by another. lines: seconds by attempt id, as text."""

    __tablename__ = "time_proposal"
    __table_args__ = (
        CheckConstraint("scope IN ('person', 'room', 'lost')", name="scope"),
        CheckConstraint("decision IN ('approved', 'refused')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name="decided"),
        CheckConstraint("decided_by <> proposed_by", name="second_person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    scope: Mapped[str] = mapped_column(String(8), info=NOT_PERSONAL)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    lines: Mapped[dict[str, int]] = mapped_column(JSON, info=NOT_PERSONAL)
    reason: Mapped[str] = mapped_column(FreeText, info=personal("why time is added", RECORD))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who proposed it", RECORD))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(8), info=NOT_PERSONAL)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who decided it", RECORD))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    proposer: Mapped[Person] = relationship(foreign_keys=[proposed_by], viewonly=True)


class DeadlineEvent(Base):
    """Why a deadline moved. deadline = start + length + the sum of these. Append-only."""

    __tablename__ = "deadline_event"
    __table_args__ = (
        CheckConstraint("kind IN ('personal', 'compensation', 'pause')", name="kind"),
        CheckConstraint("seconds > 0", name="seconds"),
        UniqueConstraint("attempt_id", "proposal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    seconds: Mapped[int]
    kind: Mapped[str] = mapped_column(String(14), info=NOT_PERSONAL)
    reason: Mapped[str | None] = mapped_column(FreeText, info=personal("why the time was added", RECORD))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("time_proposal.id"))
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who added the time", RECORD))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who approved it", RECORD))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Incident(Base):
    """Something an invigilator wrote down during a sitting, of a place, a room or the whole. Append-only."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("roster_place.id"), index=True)
    text: Mapped[str | None] = mapped_column(FreeText, info=personal("what happened in the room", RECORD))
    by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who wrote it down", RECORD))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoomNotice(Base):
    """A sentence from the console that the papers show: to one place, a room, or everybody. Append-only."""

    __tablename__ = "room_notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("roster_place.id"))
    text: Mapped[str | None] = mapped_column(FreeText, info=personal("what candidates were told", RECORD))
    by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who told it", RECORD))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class EntryCode(Base):
    """A code from the invigilator for who cannot sign in: this place only, once. Only its keyed digest is kept."""

    __tablename__ = "entry_code"
    __table_args__ = (
        UniqueConstraint("digest"),
        Index(
            "uq_entry_code_open",
            "place_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("roster_place.id"))
    digest: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who handed it out", RECORD))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Receipt(Base):
    """What was handed in, signed: head of the chain, how many items have an answer, when. Append-only."""

    __tablename__ = "receipt"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True, info=NOT_PERSONAL)
    form_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    head_seq: Mapped[int]
    head_hash: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    answered: Mapped[int]
    items: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    key_id: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    signature: Mapped[str] = mapped_column(String(100), info=NOT_PERSONAL)

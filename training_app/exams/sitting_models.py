"""Tables of sittings: the scheduled occasion, its rooms, who watches, who has a place where."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_app.bookings.models import Room, Seat
from training_app.db import NOT_PERSONAL, Base, FreeText, UtcDateTime, personal
from training_app.people.models import Person

RECORD = "6 years after the sitting"
PLACE_STANDS = text("state NOT IN ('withdrawn', 'void')")
SEAT_TAKEN = text("state NOT IN ('withdrawn', 'void') AND booking_id IS NOT NULL")
EXPOSURE_DAYS = 365
FORM_STANDS = text("NOT given_up")


class Sitting(Base):
    """An occasion 考试场次 at a base. Nobody begins after `latest_start_at`, rooms are kept until `ends_at`.

    length_s: thinking time without personal time. in_force_on: the day whose law counts, that of the sitting.
    replaces_id: the sitting that was declared void or cancelled and set anew. start_at: the announced common start,
    None until it is released.

    form_count: how many parallel forms are drawn. anchors: items that stand on every one; overlap: items beside these
    that two may share. exposure_cap: on how many forms of sittings an item may stand within `exposure_days` before or
    after; base_overlap: items that a form may share with one of another base in that time; None for no limit.
    difference: how far the drawn forms differ, None without several. rehearsal: simulated, marked once for all.
    """

    __tablename__ = "sitting"
    __table_args__ = (
        CheckConstraint("starts_at <= latest_start_at AND latest_start_at < ends_at", name="times"),
        CheckConstraint("length_s BETWEEN 60 AND 86400", name="length"),
        CheckConstraint(
            "state IN ('planned', 'prepared', 'open', 'running', 'closed', 'released', 'cancelled', 'void')",
            name="state",
        ),
        CheckConstraint("form_count BETWEEN 1 AND 8", name="form_count"),
        CheckConstraint("anchors >= 0 AND overlap >= 0", name="shared_items"),
        CheckConstraint("exposure_cap > 0 AND base_overlap >= 0", name="exposure"),
        CheckConstraint("exposure_days BETWEEN 1 AND 3650", name="exposure_days"),
        Index(None, "base_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[str] = mapped_column(ForeignKey("base.id"), info=NOT_PERSONAL)
    title_zh: Mapped[str] = mapped_column(String(80), info=NOT_PERSONAL)
    title_en: Mapped[str] = mapped_column(String(120), info=NOT_PERSONAL)
    blueprint_version_id: Mapped[int] = mapped_column(ForeignKey("blueprint_version.id"))
    in_force_on: Mapped[date]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    latest_start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    length_s: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    start_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form_count: Mapped[int] = mapped_column(default=1)
    anchors: Mapped[int] = mapped_column(default=0)
    overlap: Mapped[int] = mapped_column(default=0)
    exposure_cap: Mapped[int | None]
    base_overlap: Mapped[int | None]
    exposure_days: Mapped[int] = mapped_column(default=EXPOSURE_DAYS)
    difference: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True), info=NOT_PERSONAL)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("sitting.id"))
    rehearsal: Mapped[bool] = mapped_column(default=False, server_default=false())
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who answers for it", RECORD))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    forms: Mapped[list["SittingForm"]] = relationship(
        order_by="SittingForm.letter",
        primaryjoin="and_(SittingForm.sitting_id == Sitting.id, SittingForm.given_up.is_(False))",
        viewonly=True,
    )
    rooms: Mapped[list["SittingRoom"]] = relationship(order_by="SittingRoom.room_id", viewonly=True)
    places: Mapped[list["RosterPlace"]] = relationship(order_by="RosterPlace.id", viewonly=True)
    duties: Mapped[list["InvigilatorDuty"]] = relationship(order_by="InvigilatorDuty.id", viewonly=True)


class SittingForm(Base):
    """A form that was drawn for a sitting, with its letter. Only such a form is on an attempt of the sitting.

    predicted: points that it is expected to earn, in hundredths. spread: variance of the difficulties of its items by
    points, in percent squared; None of a form drawn before there were several. given_up: drawn anew or not needed.
    """

    __tablename__ = "sitting_form"
    __table_args__ = (
        CheckConstraint("letter BETWEEN 'A' AND 'H'", name="letter"),
        UniqueConstraint("sitting_id", "form_id"),
        Index(
            "uq_sitting_form_letter",
            "sitting_id",
            "letter",
            unique=True,
            postgresql_where=FORM_STANDS,
            sqlite_where=FORM_STANDS,
        ),
    )

    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    letter: Mapped[str] = mapped_column(String(1), info=NOT_PERSONAL)
    predicted: Mapped[int]
    spread: Mapped[int | None]
    given_up: Mapped[bool] = mapped_column(default=False)


class SittingRoom(Base):
    """A room that the sitting uses, held by a booking."""

    __tablename__ = "sitting_room"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))

    room: Mapped[Room] = relationship(lazy="joined")


class InvigilatorDuty(Base):
    """Who watches which room; ended by setting `ended_at`, never deleted."""

    __tablename__ = "invigilator_duty"
    __table_args__ = (
        Index(
            "uq_invigilator_duty_open",
            "sitting_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who watched the room", RECORD))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="joined")


class RosterPlace(Base):
    """A person's place in a sitting, with ticket 准考证 and, once allocated, a seat. The booking holds person and seat.

    personal_time_s: added to the length for this person. resit_of: the former place of the person in another sitting.
    document: whether the invigilator saw one at the door, never its number. entered_at: own details and seat confirmed.
    photo: digest of a picture given with consent, deleted after the time for objections. cycle_id, booking_id: null in
    a rehearsal, and there alone: it counts for nothing and holds nothing, so that several may name one seat.
    """

    __tablename__ = "roster_place"
    __table_args__ = (
        CheckConstraint(
            "state IN ('expected', 'sat', 'absent', 'deferred', 'expelled', 'void', 'withdrawn')", name="state"
        ),
        CheckConstraint("personal_time_s >= 0", name="personal_time"),
        CheckConstraint("document_outcome IN ('seen', 'missing', 'doubtful')", name="document"),
        UniqueConstraint("ticket_number"),
        Index(
            "uq_roster_place_person",
            "sitting_id",
            "person_id",
            unique=True,
            postgresql_where=PLACE_STANDS,
            sqlite_where=PLACE_STANDS,
        ),
        Index(
            "uq_roster_place_seat",
            "sitting_id",
            "seat_id",
            unique=True,
            postgresql_where=SEAT_TAKEN,
            sqlite_where=SEAT_TAKEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("whose place it is", RECORD)
    )
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), nullable=True)
    ticket_number: Mapped[str] = mapped_column(String(20), info=personal("entry to the sitting", RECORD))
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), nullable=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    resit_of: Mapped[int | None] = mapped_column(ForeignKey("roster_place.id"))
    personal_time_s: Mapped[int] = mapped_column(default=0)
    personal_time_reason: Mapped[str] = mapped_column(
        FreeText, default="", info=personal("why more time was granted", "1 year after the sitting")
    )
    state: Mapped[str] = mapped_column(String(10), info=personal("whether and how the person sat", RECORD))
    document_outcome: Mapped[str | None] = mapped_column(String(10), info=personal("identity at the door", RECORD))
    document_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    document_seen_by: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), info=personal("who looked at the document", RECORD)
    )
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    photo: Mapped[str | None] = mapped_column(
        String(64), info=personal("identity at the door, given with consent", "until the time for objections is over")
    )
    version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Person] = relationship(lazy="joined", foreign_keys=[person_id])
    seat: Mapped[Seat | None] = relationship(lazy="joined")


class SittingEvent(Base):
    """What was done to a sitting or a place in it, with the reason. Append-only."""

    __tablename__ = "sitting_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("roster_place.id"), index=True)
    act: Mapped[str] = mapped_column(String(30), info=NOT_PERSONAL)
    reason: Mapped[str | None] = mapped_column(FreeText, info=personal("why it was done", RECORD))
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who did it", RECORD))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

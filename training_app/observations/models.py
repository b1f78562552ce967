"""Tables of observations: the occasion, its venues, links and consents, who has a place, what was done."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_app.bookings.models import Room
from training_app.db import NOT_PERSONAL, Base, FreeText, UtcDateTime, personal
from training_app.people.models import Person

RECORD = "6 years after the observation"
STANDS = text("removed_at IS NULL")
PROGRAM = text("is_program AND removed_at IS NULL")
OPEN_LINK = text("revoked_at IS NULL")
OPEN_CONSENT = text("withdrawn_at IS NULL")
PLACE_STANDS = text("state = 'expected'")


class Observation(Base):
    """A live occasion 线上认证观摩 of a base. kind: `validation` with up to three venues, `briefing` with one.

    places: how many there are; None: whoever is of the audience may come, and nobody's time is booked. keep_days: how
    long the recording is kept. keep_until: its last day, known when the observation has ended. stage_version: grows
    with all that the media process must know, last at stage_changed_at; 0 until the observation is opened.
    """

    __tablename__ = "observation"
    __table_args__ = (
        CheckConstraint("kind IN ('validation', 'briefing')", name="kind"),
        CheckConstraint("state IN ('planned', 'open', 'on_air', 'held', 'ended', 'cancelled')", name="state"),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("places > 0", name="places"),
        CheckConstraint("keep_days BETWEEN 1 AND 3650", name="keep_days"),
        CheckConstraint("(stage_version = 0) = (stage_changed_at IS NULL)", name="stage"),
        Index(None, "base_id", "starts_at"),
        Index(None, "state", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[str] = mapped_column(ForeignKey("base.id"), info=NOT_PERSONAL)
    kind: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), info=NOT_PERSONAL)
    title_zh: Mapped[str] = mapped_column(String(80), info=NOT_PERSONAL)
    title_en: Mapped[str] = mapped_column(String(120), info=NOT_PERSONAL)
    note: Mapped[str] = mapped_column(FreeText, default="", info=NOT_PERSONAL)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    host_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("who answers for what was shown", RECORD)
    )
    host_booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    places: Mapped[int | None]
    keep_days: Mapped[int]
    keep_until: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    stage_version: Mapped[int] = mapped_column(default=0)
    stage_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who answers for it", RECORD))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    host: Mapped[Person] = relationship(lazy="joined", foreign_keys=[host_id])
    bases: Mapped[list["AudienceBase"]] = relationship(order_by="AudienceBase.base_id", viewonly=True)
    venues: Mapped[list["ObservationVenue"]] = relationship(
        order_by="ObservationVenue.position",
        primaryjoin="and_(ObservationVenue.observation_id == Observation.id, ObservationVenue.removed_at.is_(None))",
        viewonly=True,
    )


class AudienceBase(Base):
    """A base whose trainees may come."""

    __tablename__ = "audience_base"

    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), primary_key=True)
    base_id: Mapped[str] = mapped_column(ForeignKey("base.id"), primary_key=True, info=NOT_PERSONAL)


class ObservationVenue(Base):
    """A place from which picture and sound come; its stream is `v` and its id. is_program: what viewers see first.

    room_id, booking_id: when it is a room of a base. is_synthetic: the media process itself sends a test picture.
    """

    __tablename__ = "observation_venue"
    __table_args__ = (
        CheckConstraint("position BETWEEN 1 AND 3", name="position"),
        CheckConstraint("booking_id IS NULL OR room_id IS NOT NULL", name="booked_room"),
        Index(
            "uq_observation_venue_position",
            "observation_id",
            "position",
            unique=True,
            postgresql_where=STANDS,
            sqlite_where=STANDS,
        ),
        Index(
            "uq_observation_venue_program",
            "observation_id",
            unique=True,
            postgresql_where=PROGRAM,
            sqlite_where=PROGRAM,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), index=True)
    position: Mapped[int]
    name_zh: Mapped[str] = mapped_column(String(60), info=NOT_PERSONAL)
    name_en: Mapped[str] = mapped_column(String(80), info=NOT_PERSONAL)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    is_program: Mapped[bool] = mapped_column(default=False)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    room: Mapped[Room | None] = relationship(lazy="joined")
    links: Mapped[list["VenueLink"]] = relationship(order_by="VenueLink.id", viewonly=True)
    consents: Mapped[list["VenueConsent"]] = relationship(order_by="VenueConsent.id", viewonly=True)

    @property
    def stream(self) -> str:
        """The name of its stream in the observation: `v7`."""
        return f"v{self.id}"

    @property
    def link(self) -> "VenueLink | None":
        """The link that opens its page now."""
        return next((one for one in self.links if one.revoked_at is None), None)

    @property
    def consent(self) -> "VenueConsent | None":
        """The consent that stands."""
        return next((one for one in self.consents if one.withdrawn_at is None), None)


class VenueLink(Base):
    """A link that opens the page of a venue without an account, until revoked. Its secret is derived, not kept."""

    __tablename__ = "venue_link"
    __table_args__ = (
        Index("uq_venue_link_open", "venue_id", unique=True, postgresql_where=OPEN_LINK, sqlite_where=OPEN_LINK),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("observation_venue.id"), index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who handed it out", RECORD))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VenueConsent(Base):
    """That a venue agreed to be shown: who said so, to what, whether to a recording and until when it may be kept."""

    __tablename__ = "venue_consent"
    __table_args__ = (
        CheckConstraint("recording = (keep_until IS NOT NULL)", name="keep_until"),
        Index(
            "uq_venue_consent_open",
            "venue_id",
            unique=True,
            postgresql_where=OPEN_CONSENT,
            sqlite_where=OPEN_CONSENT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("observation_venue.id"), index=True)
    given_by: Mapped[str] = mapped_column(FreeText, info=personal("who agreed for the venue", RECORD))
    scope: Mapped[str] = mapped_column(FreeText, info=personal("what may be shown, and of whom", RECORD))
    recording: Mapped[bool]
    keep_until: Mapped[date | None]
    noted_by: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("who took it down", RECORD))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ObservationPlace(Base):
    """A person's place in an observation; the booking holds the person's time."""

    __tablename__ = "observation_place"
    __table_args__ = (
        CheckConstraint("state IN ('expected', 'withdrawn', 'void')", name="state"),
        Index(
            "uq_observation_place_person",
            "observation_id",
            "person_id",
            unique=True,
            postgresql_where=PLACE_STANDS,
            sqlite_where=PLACE_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"))
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("whose place it is", RECORD)
    )
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    state: Mapped[str] = mapped_column(String(10), info=personal("whether the person is expected", RECORD))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="joined")


class ConfidentialityAcceptance(Base):
    """That a person accepted the notice of confidentiality before watching. digest: of its words. Append-only."""

    __tablename__ = "confidentiality_acceptance"
    __table_args__ = (UniqueConstraint("observation_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"))
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), index=True, info=personal("who accepted to keep what is shown to oneself", RECORD)
    )
    digest: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ObservationPresence(Base):
    """Somebody watched a stream, on the way that `transport` names, from `joined_at` on. seconds: of picture sent.

    jti: of the token with which the person came; who falls silent for a while and goes on has a second line with it.
    """

    __tablename__ = "observation_presence"
    __table_args__ = (
        CheckConstraint("transport IN ('udp', 'hls')", name="transport"),
        CheckConstraint("seconds >= 0", name="seconds"),
        Index(None, "observation_id", "jti"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("who watched", RECORD))
    stream: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    transport: Mapped[str] = mapped_column(String(4), info=NOT_PERSONAL)
    jti: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seconds: Mapped[int] = mapped_column(default=0)


class StreamIncident(Base):
    """What went wrong with a stream, or happened to it: a publisher lost, a warning, the media process begun anew."""

    __tablename__ = "stream_incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), index=True)
    stream: Mapped[str] = mapped_column(String(12), info=NOT_PERSONAL)
    kind: Mapped[str] = mapped_column(String(30), info=NOT_PERSONAL)
    name: Mapped[str] = mapped_column(String(40), default="", info=NOT_PERSONAL)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ObservationRecording(Base):
    """The recording of a stream as the media process told it: how long, how large, the digest of its manifest."""

    __tablename__ = "observation_recording"
    __table_args__ = (CheckConstraint("seconds >= 0 AND bytes >= 0", name="sizes"),)

    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(String(12), primary_key=True, info=NOT_PERSONAL)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seconds: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[str] = mapped_column(String(64), default="", info=NOT_PERSONAL)
    reason: Mapped[str] = mapped_column(String(20), default="", info=NOT_PERSONAL)


class ObservationEvent(Base):
    """What was done to an observation, with the reason, and the state after it. Append-only."""

    __tablename__ = "observation_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), index=True)
    act: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    state: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    details: Mapped[dict[str, object] | None] = mapped_column(
        JSON(none_as_null=True), info=personal("who was concerned", RECORD)
    )
    reason: Mapped[str | None] = mapped_column(FreeText, info=personal("why it was done", RECORD))
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("who did it", RECORD))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

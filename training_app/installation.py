"""What this installation is: a demonstration for ever, or a real site."""

from datetime import datetime

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from training_app import schema
from training_app.db import Base, Database, UtcDateTime
from training_app.errors import Refused


class Installation(Base):
    """The one row that `init` or `demo` writes. The database refuses to change it."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    demonstration: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def installation_of(session: Session) -> Installation | None:
    """The row, or None in a database that neither `init` nor `demo` has filled."""
    return session.scalar(select(Installation))


def fault_of(database: Database) -> str | None:
    """The sentence that tells that nobody filled the database yet; None when it is filled."""
    with database.read() as session:
        if installation_of(session) is None:
            return "The database is not filled yet. Type `training-app init` or `training-app demo`."
    return None


def require_site(database: Database) -> None:
    """Nothing, or Refused with the command to type when the database is not the one of a site of this version."""
    reason = schema.fault_of(database) or fault_of(database)
    if reason:
        raise Refused(reason)

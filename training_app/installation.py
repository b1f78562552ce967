"""What this installation is: a demonstration for ever, or a real site."""

from datetime import datetime

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from training_app.db import Base, Database, UtcDateTime


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

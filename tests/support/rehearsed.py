"""Rehearsals for tests: one prepared in a house, and the rows of every table counted."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tests.support.house import CRITERIA, House
from training_app.bank.models import BlueprintVersion
from training_app.db import Database
from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.rehearsal.dropping import drop_some
from training_app.exams.rehearsal.preparing import Prepared, Wanted, prepare
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.tables import METADATA

KEPT = {"audit_entry", "audit_head", "job", "job_turn", "rehearsal", "sign_in_failure"}
"""Tables that tell of a rehearsal after it is gone, or of the worker."""
DAY = date(2026, 12, 3)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal in a house."""

    home: House
    made: Prepared

    @property
    def id(self) -> int:
        """The marked sitting."""
        return self.made.marked_id

    def attempts(self) -> list[Attempt]:
        """The attempts of the simulated candidates."""
        with self.home.database.read() as session:
            return list(session.scalars(select(Attempt).where(Attempt.sitting_id == self.id).order_by(Attempt.id)))

    def people(self) -> list[int]:
        """Ids of the simulated candidates."""
        with self.home.database.read() as session:
            return list(session.scalars(select(RosterPlace.person_id).where(RosterPlace.sitting_id == self.id)))

    def drop(self, now: datetime) -> None:
        """All of it goes."""
        with self.home.database.write() as session:
            drop_some(session, session.get_one(Sitting, self.id), now)


def rehearsed(home: House, now: datetime, candidates: int = 3) -> Rehearsed:
    """A rehearsal by the newest blueprint of a certification, at Suzhou."""
    with home.database.write() as session:
        blueprint = session.scalars(
            select(BlueprintVersion.id).where(BlueprintVersion.purpose == "certification")
        ).first()
        wanted = Wanted(candidates, "suzhou", blueprint or 0, DAY)
        return Rehearsed(home, prepare(session, wanted, CRITERIA, by=None, now=now))


def answer(session: Session, attempt: Attempt, item: int, now: datetime) -> None:
    """An answer as it stands in the database, whatever its chain says."""
    row = {"client_seq": 1, "server_seq": 1, "received_at": now, "payload": ["A"], "digest": "-", "hash": "-"}
    session.execute(insert(ResponseEvent).values(attempt_id=attempt.id, item_version_id=item, previous_hash="-", **row))


def counts(database: Database) -> dict[str, int]:
    """The rows of every table but those that tell of it afterwards."""
    with database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in METADATA.sorted_tables
            if table.name not in KEPT
        }

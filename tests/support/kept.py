"""What the database keeps of papers: for tests that deliver answers."""

from sqlalchemy import func, select

from tests.support.house import House
from training_app.exams.day_models import LateEvent, PaperFact
from training_app.exams.invariants import exam_findings


def piled(home: House) -> list[tuple[str, object]]:
    """Why each answer of the late pile lies there, and the answer."""
    with home.database.read() as session:
        rows = session.scalars(select(LateEvent).order_by(LateEvent.id))
        return [(row.why, row.payload) for row in rows]


def facts(home: House) -> list[str]:
    """Kinds of the facts that pages told or that were seen of them."""
    with home.database.read() as session:
        return list(session.scalars(select(PaperFact.kind).order_by(PaperFact.id)))


def count(home: House, table: type) -> int:
    """How many rows the table has."""
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def sound(home: House) -> bool:
    """Whether the check finds nothing in the attempts."""
    with home.database.read() as session:
        return list(exam_findings(session)) == []

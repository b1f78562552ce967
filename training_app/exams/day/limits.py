"""What a session that an entry code opened may see: its own place and the paper of that place, nothing else."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.exams.sitting_models import RosterPlace


def within_limit(session: Session, place_id: int, arguments: Mapping[str, object]) -> bool:
    """Whether the address with these arguments belongs to the place: it names it, or the attempt of it."""
    names = set(arguments)
    if names & {"sitting_id", "person_id"}:
        return False
    if "place_id" in names:
        return arguments["place_id"] == place_id
    if "attempt_id" in names:
        return arguments["attempt_id"] == session.scalar(
            select(RosterPlace.attempt_id).where(RosterPlace.id == place_id)
        )
    return False

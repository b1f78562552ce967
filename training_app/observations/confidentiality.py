"""The notice of confidentiality: accepted once by each who watches an observation, and written down."""

from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.observations.acts import By
from training_app.observations.models import ConfidentialityAcceptance, Observation
from training_app.observations.words import notice_digest
from training_app.upserts import insert_into


def accept(session: Session, observation: Observation, by: By) -> None:
    """The person accepted the notice in the words of this answer; a second time changes nothing."""
    values = {
        "observation_id": observation.id,
        "person_id": by.holder.id,
        "digest": notice_digest(),
        "at": by.now,
    }
    statement = insert_into(session, ConfidentialityAcceptance).values(values).on_conflict_do_nothing()
    if session.scalar(statement.returning(ConfidentialityAcceptance.id)) is not None:
        details = {"digest": values["digest"]}
        record(session, Act("confidentiality.accepted", *by.stamp(observation), details), by.now)

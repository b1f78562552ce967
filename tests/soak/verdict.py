"""What must hold after a room has lived through its faults."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.soak.candidates import OVER, Candidate
from tests.support.saving import database_of, empty
from tests.support.site import Installation
from training_app.exams.day_models import LateEvent, Receipt
from training_app.exams.models import Attempt, AttemptEvent, ResponseEvent
from training_app.jobs.models import Job

LAWFUL = {
    ("created", "running"),
    ("running", "submitted"),
    ("submitted", "marking"),
    ("marking", "marked"),
    ("submitted", "marked"),
    ("marked", "released"),
}


def wrongs(installation: Installation, candidates: Sequence[Candidate]) -> list[str]:
    """What is not as it must be, a sentence each; `training-app check` has its say too."""
    found = [f"attempt {one.sitter.attempt_id}: {said}" for one in candidates for said in one.memory.complaints]
    with database_of(installation) as database, database.read() as session:
        for one in candidates:
            found += [f"attempt {one.sitter.attempt_id}: {said}" for said in _of_one(session, one)]
        found += [f"job {job.id} is {job.state}" for job in session.scalars(select(Job)) if job.state != "done"]
    checked = installation.run("check")
    if checked.returncode:
        found.append(f"training-app check: {checked.stdout}{checked.stderr}")
    return found


def _of_one(session: Session, candidate: Candidate) -> Iterator[str]:
    attempt_id, memory = candidate.sitter.attempt_id, candidate.memory
    rows = session.scalars(select(ResponseEvent).where(ResponseEvent.attempt_id == attempt_id)).all()
    stored = {(row.item_version_id, row.client_seq): row.payload for row in rows}
    late = {
        (row.item_version_id, row.client_seq): row.payload
        for row in session.scalars(select(LateEvent).where(LateEvent.attempt_id == attempt_id))
    }
    if memory.unsent:
        yield f"{len(memory.unsent)} answers were never taken"
    if len(rows) != len(stored) or max(Counter(row.server_seq for row in rows).values(), default=1) > 1:
        yield "an answer is stored twice"
    for number, payload in memory.acknowledged.items():
        if number not in stored:
            yield f"the acknowledged answer {number} is lost"
        elif stored[number] != (payload or empty(candidate.sitter.answers[number[0]])):
            yield f"the acknowledged answer {number} is stored as {stored[number]}"
    if lost := memory.piled.keys() - late.keys() - stored.keys():
        yield f"answers that lay on the pile are lost: {sorted(lost)}"
    given = memory.acknowledged.keys() | memory.piled.keys() | memory.unsent.keys()
    if more := (stored.keys() | late.keys()) - given:
        yield f"nobody gave the answers {sorted(more)}"
    yield from _state(session, attempt_id)


def _state(session: Session, attempt_id: int) -> Iterator[str]:
    state = session.get_one(Attempt, attempt_id).state
    changes = session.scalars(
        select(AttemptEvent).where(AttemptEvent.attempt_id == attempt_id).order_by(AttemptEvent.id)
    ).all()
    steps = [(change.from_state, change.to_state) for change in changes]
    if unlawful := [step for step in steps if step not in LAWFUL]:
        yield f"it went {unlawful}"
    if [before for before, _ in steps[1:]] != [after for _, after in steps[:-1]] or steps[-1][1] != state:
        yield f"its states do not follow each other: {steps}, now {state}"
    if state not in OVER:
        yield f"it ended as {state}"
    if session.get(Receipt, attempt_id) is None:
        yield "it has no receipt"

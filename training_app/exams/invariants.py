"""What must always hold of attempts, for `training-app check`."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training_app.chain import GENESIS, link, salted_digest
from training_app.exams.answers import Save, event_line
from training_app.exams.models import Attempt, Form, ResponseEvent, Result, ScoreLine
from training_app.registry import Finding


def exam_findings(session: Session) -> Iterator[Finding]:
    """Broken answer chains, and results that are not the sum of their lines."""
    for attempt in session.scalars(select(Attempt).order_by(Attempt.id)):
        yield from _chain_findings(session, attempt)
    sums = (
        select(Result.attempt_id, Result.score, func.sum(ScoreLine.points).label("total"))
        .join(ScoreLine, ScoreLine.run_id == Result.run_id)
        .group_by(Result.run_id, Result.attempt_id, Result.score)
    )
    for row in session.execute(sums):
        if row.score != row.total:
            yield Finding("exams", f"attempt {row.attempt_id}", f"score {row.score} is not the sum {row.total}")


def _chain_findings(session: Session, attempt: Attempt) -> Iterator[Finding]:
    form = session.get_one(Form, attempt.form_id)
    head = link(GENESIS, {"form": form.content_hash, "person": attempt.person_id, "number": attempt.number})
    events = session.scalars(
        select(ResponseEvent).where(ResponseEvent.attempt_id == attempt.id).order_by(ResponseEvent.server_seq)
    ).all()
    for expected, event in enumerate(events, start=1):
        place = f"attempt {attempt.id} event {event.server_seq}"
        save = Save(event.item_version_id, event.client_seq, None)
        line = event_line(attempt.id, save, event.server_seq, event.digest, event.received_at)
        if event.server_seq != expected or event.previous_hash != head:
            yield Finding("exams", place, "does not follow the answer before it")
        if event.hash != link(event.previous_hash, line):
            yield Finding("exams", place, "was changed after it was stored")
        if event.salt is not None and event.digest != salted_digest(event.salt, {"payload": event.payload}):
            yield Finding("exams", place, "its answer was changed after it was stored")
        head = event.hash
    if (attempt.head_seq, attempt.head_hash) != (len(events), head):
        yield Finding("exams", f"attempt {attempt.id}", "its last answer is missing or was added outside the chain")

"""Preparing a sitting as a job: its forms are drawn in a child process while everybody works on."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.errors import CannotAssemble
from training_app import clock
from training_app.audit.services import Act, record
from training_app.bank.services import criteria
from training_app.errors import Conflict
from training_app.exams.setup.drawing import draft_of, drawn_in_child, refusal_of
from training_app.exams.setup.preparing import Prepared, require_preparable, seed_for, take
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.jobs.models import Job
from training_app.jobs.services import Order, begin
from training_app.people.models import Person
from training_app.people.signed import holder_of
from training_app.registry import JobKind, Work

PREPARE_KIND: Final = "sitting.prepare"


def begin_preparing(session: Session, sitting: Sitting, by: By) -> Job:
    """The job that will prepare the sitting. Refused with what is missing; Conflict while one stands already."""
    require_preparable(session, sitting)
    arguments = {"sitting": sitting.id, "version": sitting.version, "by": by.holder.id, "address": by.address}
    order = Order(PREPARE_KIND, arguments, _subject(sitting), sitting.base_id, by.holder.id)
    job = begin(session, order, by.now)
    details = {"kind": PREPARE_KIND}
    record(session, Act("job.begun", "job", job.id, by.holder.id, sitting.base_id, by.address, details), by.now)
    return job


def last_preparing(session: Session, sitting: Sitting) -> Job | None:
    """The newest job that prepares or prepared the sitting."""
    jobs = select(Job).where(Job.kind == PREPARE_KIND, Job.subject == _subject(sitting))
    return session.scalars(jobs.order_by(Job.id.desc())).first()


def _subject(sitting: Sitting) -> str:
    return f"sitting/{sitting.id}"


def prepare_kind() -> JobKind:
    """The kind of job that prepares a sitting."""
    return JobKind(_l("Preparing a sitting"), _prepare, result_words=_in_words)


def _prepare(work: Work) -> Mapping[str, object]:
    arguments: Any = work.arguments
    with work.read() as session:
        sitting = _sitting_for(session, arguments)
        if sitting.state == "prepared":
            return _outcome(sitting)  # a worker before this one was killed after it had written everything
        draft, bank = draft_of(session, sitting, seed_for(sitting, clock.now()), criteria())
    work.step(0, draft.wishes.forms, _l("Forms are being drawn."))
    try:
        forms = drawn_in_child(draft, work.step, work.is_over)
    except CannotAssemble as shortage:
        raise refusal_of(shortage) from shortage
    with work.write() as session:
        sitting = _sitting_for(session, arguments, to_change=True)
        if sitting.version != arguments["version"]:
            raise Conflict(_l("The sitting was changed while its forms were being drawn. Prepare it again."))
        take(session, sitting, Prepared(draft, bank, forms), _by(session, arguments))
        return _outcome(sitting)


def _by(session: Session, arguments: Mapping[str, Any]) -> By:
    holder = holder_of(session.get_one(Person, arguments["by"]))
    return By(holder, arguments["address"], clock.now())


def _sitting_for(session: Session, arguments: Mapping[str, Any], *, to_change: bool = False) -> Sitting:
    holder = _by(session, arguments).holder
    return sitting_within(session, holder, "sittings.edit", arguments["sitting"], to_change=to_change)


def _outcome(sitting: Sitting) -> Mapping[str, object]:
    return {"sitting": sitting.id, "forms": len(sitting.forms)}


def _in_words(result: Mapping[str, object]) -> Iterable[tuple[object, object, str]]:
    yield _l("Forms drawn"), result["forms"], url_for("exams.sitting", sitting_id=result["sitting"])

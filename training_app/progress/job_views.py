"""Long work: one's own and that of the bases within reach, with progress, result and cancel; left and found again."""

from dataclasses import replace
from typing import Any

from flask import Response as Answer
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.audit.services import Act, record
from training_app.errors import NotFound
from training_app.jobs.models import Job
from training_app.jobs.services import Order, ask_to_cancel, begin, jobs_within
from training_app.jobs.words import NO_JOB, STATE_NAMES
from training_app.lists import Column, Filter, ListSpec, list_page, list_rows, requested_export
from training_app.people.models import Person, TrainingBase
from training_app.people.people_views import exported
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import ALL_BASES, Holder
from training_app.people.signed import me
from training_app.progress.checking import CHECK_KIND
from training_app.progress.views import bp
from training_app.registry import JobKind
from training_app.web.access import SIGNED_IN, permit
from training_app.web.requests import address, now, read_session, registry, write_session
from training_app.web.words import language, moment, name_of

MARKS = {
    "waiting": "waiting",
    "running": "attention",
    "done": "done",
    "failed": "failed",
    "cancelled": "blocked",
}


def kind_of(job: Job) -> JobKind | None:
    """The kind, None when this version of the site does not know it any more."""
    return registry().job_kinds.get(job.kind)


def title_of(job: Job) -> str:
    """What the job does, in the language of this answer."""
    kind = kind_of(job)
    return str(kind.label) if kind else job.kind


def message_of(job: Job) -> str:
    """How far the job is, or why it ended."""
    return str(job.message_en if language() == "en" else job.message_zh)


def progress_of(job: Job) -> str:
    """`3 of 6`; the number alone as long as nobody knows the whole; empty before the first step."""
    if job.total:
        return str(_("%(done)s of %(total)s", done=job.progress, total=job.total))
    return str(job.progress) if job.progress else ""


def within(holder: Holder) -> Select[Any]:
    """One's own jobs and those of the bases within reach, with who began them and where."""
    bases = holder.bases_for("jobs.read")
    condition = jobs_within(holder.id, bases, all_bases=bases == ALL_BASES)
    statement: Any = select(Job, Person, TrainingBase)
    statement = statement.outerjoin(Person, Person.id == Job.started_by)
    statement = statement.outerjoin(TrainingBase, TrainingBase.id == Job.base_id)
    found: Select[Any] = statement.where(condition)
    return found


def job_of(session: Session, holder: Holder, number: int) -> Job:
    """The job with this id. Raises NotFound, the same for none and for one out of reach; the latter is noted."""
    found = session.get(Job, number) if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(NO_JOB)
    if found.started_by != holder.id and not holder.reaches("jobs.read", found.base_id):
        raise NotFound(NO_JOB, act="jobs.read")
    return found


def job_spec() -> ListSpec:
    """Columns and filters of the list. Rows: Job, Person, TrainingBase."""
    kinds = tuple((name, kind.label) for name, kind in registry().job_kinds.items())
    return ListSpec(
        columns=(
            Column("created", _l("Begun"), lambda row: moment(row.Job.created_at), Job.created_at),
            Column("kind", _l("Work"), lambda row: title_of(row.Job), Job.kind),
            Column("state", _l("State"), lambda row: str(STATE_NAMES[row.Job.state]), Job.state),
            Column("progress", _l("Progress"), lambda row: progress_of(row.Job)),
            Column(
                "who", _l("Who"), lambda row: name_of(row.Person) if row.Person else "–", func.lower(Person.name_en)
            ),
            Column("base", _l("Base"), lambda row: name_of(row.TrainingBase) if row.TrainingBase else "–", Job.base_id),
            Column("ended", _l("Ended"), lambda row: moment(row.Job.ended_at), Job.ended_at),
        ),
        default_sort="-created",
        tie=Job.id.desc(),
        filters=(
            Filter("state", _l("State"), tuple(STATE_NAMES.items()), lambda value: Job.state == value),
            Filter("kind", _l("Work"), kinds, lambda value: Job.kind == value),
        ),
    )


@bp.get("/jobs")
@permit(SIGNED_IN)
def jobs() -> str | Answer:
    """Long work, the newest first."""
    session, holder = read_session(), me().holder
    spec = job_spec()
    statement = within(holder)
    kind = requested_export(request.args)
    if kind:
        return exported(spec, list_rows(session, statement, spec, request.args), kind, "jobs")
    page = list_page(session, statement, spec, request.args)
    return render_template("progress/jobs.html", page=page, marks=MARKS, may_check=holder.may("jobs.read"))


def _shown(session: Session, job: Job) -> dict[str, Any]:
    kind = kind_of(job)
    words = kind.result_words(job.result) if kind and kind.result_words and job.result else ()
    return {
        "job": job,
        "title": title_of(job),
        "state": str(STATE_NAMES[job.state]),
        "mark": MARKS[job.state],
        "message": message_of(job),
        "progress": progress_of(job),
        "stands": job.state in {"waiting", "running"},
        "results": list(words),
        "who": session.get(Person, job.started_by) if job.started_by else None,
        "base": session.get(TrainingBase, job.base_id) if job.base_id else None,
    }


@bp.get("/jobs/<int:number>")
@permit(SIGNED_IN)
def job(number: int) -> str:
    """One piece of work: how far it is, what came of it."""
    session = read_session()
    found = job_of(session, me().holder, number)
    return render_template("progress/job.html", **_shown(session, found))


@bp.get("/jobs/<int:number>/progress")
@permit(SIGNED_IN)
def job_progress(number: int) -> str:
    """The part of the page that changes; it asks for itself again as long as the work goes on."""
    session = read_session()
    found = job_of(session, me().holder, number)
    return render_template("progress/_job.html", **_shown(session, found))


@bp.post("/jobs/<int:number>/cancel")
@permit(SIGNED_IN)
def cancel_job(number: int) -> Response:
    """The work ends: at once when it waits, at its next step when it runs."""
    with write_session() as session:
        found = job_of(session, me().holder, number)
        ask_to_cancel(session, found, now())
        act = Act("job.cancelled", "job", found.id, details={"kind": found.kind})
        record(session, _stamped(act, found.base_id), now())
    flash(_("The work is cancelled; what it had written whole is kept."), "success")
    return redirect(url_for("progress.job", number=number))


@bp.post("/jobs/check")
@permit("jobs.read")
def begin_check() -> Response:
    """All records are checked by the worker, while everybody works on."""
    with write_session() as session:
        begun = begin(session, Order(CHECK_KIND, subject="all", by=me().id), now())
        act = Act("job.begun", "job", begun.id, details={"kind": begun.kind})
        record(session, _stamped(act, None), now())
    return redirect(url_for("progress.job", number=begun.id))


def _stamped(act: Act, base_id: str | None) -> Act:
    return replace(act, actor_id=me().id, base_id=base_id, address=address())

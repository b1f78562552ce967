"""A rehearsal as a job: prepared, driven from a child process against this site's own address, reported, removed."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app import clock
from training_app.audit.services import Act, record
from training_app.bank.services import criteria
from training_app.config import Settings
from training_app.exams.rehearsal.candidate import Account
from training_app.exams.rehearsal.checking import lost_of
from training_app.exams.rehearsal.drawing import public_forms
from training_app.exams.rehearsal.driver import Outcome, Plan, Progress, drive
from training_app.exams.rehearsal.dropping import drop_some
from training_app.exams.rehearsal.line import site_of
from training_app.exams.rehearsal.models import Rehearsal
from training_app.exams.rehearsal.preparing import Forms, Prepared, Wanted, draft_for, require_quiet, take
from training_app.exams.rehearsal.rules import verdict_of
from training_app.exams.rehearsal.words import PHASES, VERDICTS
from training_app.exams.setup.drawing import MEMORY_MB as DRAWING_MB
from training_app.exams.setup.drawing import SECONDS
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.jobs.children import Limits, run_in_child
from training_app.jobs.models import Job
from training_app.jobs.services import Order, begin
from training_app.registry import JobKind, Work
from training_app.web.requests import settings

REHEARSE_KIND: Final = "sitting.rehearse"
EVERYWHERE: Final = "this machine"
"""The subject of the job: one machine holds one rehearsal at a time."""
AROUND: Final = timedelta(minutes=5)
"""Beside answering: arriving, handing in, reading back."""
MEMORY_MB: Final = 4096
OWN: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what it means for ourselves


def begin_rehearsal(session: Session, sitting: Sitting, wanted: tuple[int, int, int], by: By) -> Job:
    """The job that will rehearse the sitting. wanted: candidates, seconds of answering, ms between answers.

    Refused while people sit an examination; Conflict while another rehearsal waits or runs.
    """
    candidates, answering_s, think_ms = wanted
    require_quiet(session, by.now, by.now + timedelta(seconds=answering_s) + AROUND)
    row = Rehearsal(
        sitting_id=sitting.id,
        candidates=candidates,
        answering_s=answering_s,
        think_ms=think_ms,
        asked_by=by.holder.id,
        asked_at=by.now,
    )
    session.add(row)
    session.flush()
    order = Order(REHEARSE_KIND, {"rehearsal": row.id}, EVERYWHERE, sitting.base_id, by.holder.id)
    job = begin(session, order, by.now)
    session.flush()
    row.job_id = job.id
    details = {"count": candidates, "minutes": answering_s // 60}
    record(session, Act("rehearsal.begun", "sitting", *by.stamp(sitting), details), by.now)
    return job


def rehearsals_of(session: Session, sitting: Sitting) -> Sequence[Rehearsal]:
    """The rehearsals of the sitting, newest first."""
    return session.scalars(
        select(Rehearsal).where(Rehearsal.sitting_id == sitting.id).order_by(Rehearsal.id.desc())
    ).all()


def own_address(found: Settings) -> str:
    """Where this machine reaches the site itself, past any proxy."""
    host = OWN.get(found.host or "127.0.0.1", found.host or "127.0.0.1")
    return f"{found.scheme}://{f'[{host}]' if ':' in host else host}:{found.port}"


def rehearse_kind() -> JobKind:
    """The kind of job that rehearses a sitting."""
    return JobKind(_l("Rehearsal of a sitting"), _rehearse, result_words=_in_words)


def _rehearse(work: Work) -> Mapping[str, object]:
    number = int(str(work.arguments["rehearsal"]))
    with work.read() as session:
        row = session.get_one(Rehearsal, number)
        plan = Plan(row.answering_s / 60, row.think_ms / 1000, seed=f"rehearsal/{number}")
        sitting, left = row.sitting_id, row.marked_id
        if row.report is not None:
            return _outcome(sitting, row.report)  # a worker before this one was killed when all was done
    _drop(work, left)
    work.step(0, 100, PHASES["preparing"])
    made = _prepared(work, number)
    outcome = _driven(work, made, plan)
    report = _kept(work, number, made, outcome)
    work.step(99, 100, PHASES["dropping"])
    _drop(work, made.marked_id)
    work.step(100, 100)
    return _outcome(sitting, report)


def _prepared(work: Work, number: int) -> Prepared:
    with work.read() as session:
        row = session.get_one(Rehearsal, number)
        sitting = session.get_one(Sitting, row.sitting_id)
        wanted = Wanted(row.candidates, sitting.base_id, sitting.blueprint_version_id, sitting.in_force_on, sitting.id)
        draft, bank = draft_for(session, wanted, criteria())
    found = run_in_child(public_forms, draft, limits=Limits(SECONDS, DRAWING_MB, work.is_over))
    with work.write() as session:
        row = session.get_one(Rehearsal, number)
        now = clock.now()
        require_quiet(session, now, now + timedelta(seconds=row.answering_s) + AROUND)
        made = take(session, wanted, Forms(draft, bank, found), by=row.asked_by, now=now)
        row.marked_id = made.marked_id
    return made


def _driven(work: Work, made: Prepared, plan: Plan) -> Outcome:
    accounts = [Account(name, made.password, ticket, seat, place) for place, name, ticket, seat in made.places]
    begun = clock.now()
    whole_s = plan.arriving_s(len(accounts)) + plan.answering_s + 2 * plan.longest_spread_s + 5
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        file = Path(folder) / "progress"

        def look() -> bool:
            with suppress(OSError, ValueError):
                progress = Progress(**json.loads(file.read_text("utf-8")))
                work.step(_percent(begun, whole_s), 100, _said(progress))
            return work.is_over()

        limits = Limits(whole_s * 2 + 1800, MEMORY_MB, look, may_call=True)
        return run_in_child(drive_and_tell, accounts, own_address(settings()), plan, str(file), limits=limits)


def drive_and_tell(accounts: Sequence[Account], url: str, plan: Plan, file: str) -> Outcome:
    """The outcome of the rehearsal; how far it is stands in the file. For a child process of this machine's site."""
    path = Path(file)
    beside = path.with_suffix(".new")

    def tell(progress: Progress) -> None:
        beside.write_text(json.dumps(asdict(progress)), "utf-8")
        beside.replace(path)

    return drive(accounts, site_of(url, trusting=True), plan, tell)


def _percent(begun: datetime, whole_s: float) -> int:
    return min(98, int(100 * (clock.now() - begun).total_seconds() / whole_s))


def _said(progress: Progress) -> object:
    return _l(
        "%(phase)s: %(entered)s came in, %(started)s began, %(saves)s answers saved, %(handed_in)s handed in, "
        "%(errors)s failed requests",
        phase=PHASES[progress.phase],
        entered=progress.entered,
        started=progress.started,
        saves=progress.saves,
        handed_in=progress.handed_in,
        errors=progress.errors,
    )


def _kept(work: Work, number: int, made: Prepared, outcome: Outcome) -> dict[str, Any]:
    """The report, which stays with the sitting; every acknowledged answer was looked up in the database."""
    with work.read() as session:
        lost = lost_of(session, made.marked_id, outcome.stored)
    report: dict[str, Any] = {
        **outcome.report,
        "items": made.items,
        "forms": made.forms,
        "forms_wished": made.forms_wished,
        "lacks": [[cell.zh, cell.en] for cell in made.lacks],
    }
    report["lost"], report["unread"] = max(report["lost"], lost), 0
    report["verdict"] = verdict_of(report)
    with work.write() as session:
        row = session.get_one(Rehearsal, number)
        row.report, row.ended_at = report, clock.now()
    return report


def _drop(work: Work, marked_id: int | None) -> None:
    while marked_id is not None:
        with work.write() as session:
            marked = session.get(Sitting, marked_id)
            if marked is None:
                return
            drop_some(session, marked, clock.now())


def _outcome(sitting_id: int, report: Mapping[str, Any]) -> Mapping[str, object]:
    return {"sitting": sitting_id, **{name: report[name] for name in ("verdict", "starts", "saves", "errors", "lost")}}


def _in_words(result: Mapping[str, object]) -> Iterable[tuple[object, object, str]]:
    yield VERDICTS[str(result["verdict"])], _l("Report"), url_for("exams.rehearsals", sitting_id=result["sitting"])
    yield _l("Answers saved"), result["saves"], ""
    yield _l("Answers lost"), result["lost"], ""
    yield _l("Failed requests"), result["errors"], ""

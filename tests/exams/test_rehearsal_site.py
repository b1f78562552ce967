"""A rehearsal over a real site: beside it, through its death, and as its own job."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from tests.support.databases import SqliteDatabases
from tests.support.demonstration import demonstration
from tests.support.rehearsed import counts
from tests.support.saving import database_of
from tests.support.site import Installation, Site
from training_app.clock import now
from training_app.db import Database
from training_app.exams.rehearsal.candidate import Account
from training_app.exams.rehearsal.checking import lost_of
from training_app.exams.rehearsal.driver import Plan, Progress, drive
from training_app.exams.rehearsal.job import begin_rehearsal
from training_app.exams.rehearsal.line import site_of
from training_app.exams.rehearsal.models import Rehearsal
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.people.models import Person
from training_app.people.signed import holder_of

STEPS = {"sign_in", "entry", "start", "page", "save", "hand_in"}


def prepared(installation: Installation, file: Path, candidates: int) -> dict[str, object]:
    installation.must_run("rehearse", "prepare", "--candidates", str(candidates), "--out", str(file))
    found: dict[str, object] = json.loads(file.read_text("utf-8"))
    return found


def test_a_rehearsal_runs_beside_the_site_and_leaves_nothing(demo_installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    with demo_installation.serving() as site, database_of(demo_installation) as database:
        before = counts(database)
        prepared(demo_installation, file, 10)
        assert file.stat().st_mode & 0o777 == 0o600
        run = ("rehearse", "run", "--file", str(file), "--url", site.url, "--minutes", "0.05", "--think", "0.3")
        report = json.loads(demo_installation.must_run(*run, "--json"))
        assert [report[name] for name in ("starts", "handed_in", "lost")] == [10, 10, 0]
        assert report["read_back_by"] == "pages and database" and report["saves"] > 0
        assert {step for step, took in report["steps"].items() if took["p50"] <= took["p95"] <= took["p99"]} == STEPS
        demo_installation.must_run("rehearse", "drop", "--file", str(file))
        assert counts(database) == before and not file.exists()
        own_job_rehearses(site, database)
        assert counts(database) == before


def own_job_rehearses(site: Site, database: Database) -> None:
    """The worker of the site does the same, and the report stays."""
    with database.write() as session:
        sitting = session.scalars(select(Sitting).where(Sitting.state == "prepared")).first()
        admin = session.scalars(select(Person).where(Person.username == site.account("base_admin").username)).one()
        assert sitting is not None
        begin_rehearsal(session, sitting, (5, 2, 300), By(holder_of(admin), None, now()))
    site.server.wait_until(lambda: all(row.ended_at and not row.marked_id for row in rehearsals(database)))
    (row,) = rehearsals(database)
    assert row.report is not None
    assert [row.report[name] for name in ("starts", "handed_in", "lost")] == [5, 5, 0]


def rehearsals(database: Database) -> list[Rehearsal]:
    with database.read() as session:
        return list(session.scalars(select(Rehearsal)))


def test_a_site_that_dies_meanwhile_loses_nothing_acknowledged(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    with (
        demonstration(sqlite_databases, tmp_path / "var") as installation,
        installation.serving() as site,
        database_of(installation) as database,
    ):
        found = prepared(installation, tmp_path / "accounts.json", 8)
        people = found["candidates"]
        assert isinstance(people, list)
        accounts = [Account(password=str(found["password"]), **one) for one in people]
        outcome = drive(accounts, site_of(site.url), Plan(0.1, 0.2), kills_once(site))
        with database.read() as session:
            assert lost_of(session, int(str(found["sitting"])), outcome.stored) == 0
        assert int(str(outcome.report["errors"])) > 0 and outcome.report["lost"] == 0
        assert outcome.report["handed_in"] == 8 and len(outcome.stored) == outcome.report["saves"]


def kills_once(site: Site) -> Callable[[Progress], None]:
    """Every process below the site's own dies at once as soon as answers are saved; the site starts them again."""
    killed: list[int] = []

    def tell(progress: Progress) -> None:
        if progress.saves >= 8 and not killed:
            killed.extend(below(site.server.pid))
            for number in killed:
                os.kill(number, signal.SIGKILL)

    return tell


def below(parent: int) -> list[int]:
    """Ids of the processes that this one started."""
    return [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()]

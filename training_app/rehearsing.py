"""`training-app rehearse`: a rehearsal from the command line, beside a running site or without one."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from question_bank.criteria_loading import load_criteria
from training_app import clock
from training_app.bank.models import BlueprintVersion
from training_app.config import Settings
from training_app.control import Act, Order, Say, carry_out
from training_app.db import Database
from training_app.errors import Refused
from training_app.exams.rehearsal.candidate import Account
from training_app.exams.rehearsal.checking import lost_of
from training_app.exams.rehearsal.drawing import public_forms
from training_app.exams.rehearsal.driver import Outcome, Plan, Progress, drive
from training_app.exams.rehearsal.dropping import drop_some, rehearsals_there
from training_app.exams.rehearsal.line import site_of
from training_app.exams.rehearsal.preparing import Forms, Prepared, Wanted, draft_for, require_quiet, take
from training_app.exams.rehearsal.printing import line_of, table_of
from training_app.exams.rehearsal.rules import MOST_CANDIDATES, MOST_MINUTES
from training_app.exams.rehearsal.words import NO_REHEARSAL
from training_app.exams.sitting_models import Sitting
from training_app.installation import require_site
from training_app.people.models import TrainingBase

EXIT_LOST: Final = 2
MADE: Final = "made: "
"""Begins the line in which the act hands over the accounts."""
TELLS_EACH_S: Final = 5.0


# acts: on SQLite a running site carries them out


def prepare_act(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:  # noqa: ARG001 - an act
    """A marked sitting with its accounts, handed over in one line."""
    require_site(database)
    now = clock.now()
    with database.read() as session:
        require_quiet(session, now, now)
        wanted = _wanted(session, arguments)
        draft, bank = draft_for(session, wanted, load_criteria())
    found = Forms(draft, bank, public_forms(draft))  # nobody waits for the database meanwhile
    with database.write() as session:
        made = take(session, wanted, found, by=None, now=now)
    for cell in made.lacks:
        say(f"Public items do not fill this cell: {cell.en}")
    if made.lacks:
        say("So the paper has the blueprint's size where it can, without its cells.")
    if made.forms < made.forms_wished:
        say(f"Public items give {made.forms} of the {made.forms_wished} forms of the sitting.")
    people = [
        {"username": name, "ticket": ticket, "seat": seat, "place": place} for place, name, ticket, seat in made.places
    ]
    say(MADE + json.dumps({"sitting": made.marked_id, "password": made.password, "candidates": people}))
    say(f"Rehearsal {made.marked_id}: {len(people)} candidates, {_papers(made)} of {made.items} public items.")
    return 0


def _papers(made: Prepared) -> str:
    return "a paper" if made.forms == 1 else f"{made.forms} papers"


def _wanted(session: Session, arguments: Mapping[str, str]) -> Wanted:
    candidates = int(arguments["candidates"])
    if arguments["sitting"]:
        sitting = session.get(Sitting, int(arguments["sitting"]))
        if sitting is None or sitting.rehearsal:
            raise Refused(f"There is no sitting {arguments['sitting']}. Its number stands in the address of its page.")
        return Wanted(candidates, sitting.base_id, sitting.blueprint_version_id, sitting.in_force_on, sitting.id)
    base = session.scalars(select(TrainingBase.id).order_by(TrainingBase.position)).all()
    wanted_base = arguments["base"] or base[0]
    if wanted_base not in base:
        raise Refused(f"There is no base {wanted_base}. These are: {', '.join(base)}.")
    return Wanted(candidates, wanted_base, _blueprint(session, arguments["blueprint"]), clock.shanghai_day(clock.now()))


def _blueprint(session: Session, name: str) -> int:
    table = BlueprintVersion
    current = select(table.id, table.blueprint_id).where(
        table.purpose == "certification", table.superseded_at.is_(None)
    )
    found: dict[str, int] = {row.blueprint_id: row.id for row in session.execute(current.order_by(table.id))}
    if not found or (name and name not in found):
        raise Refused(
            f"There is no blueprint {name or 'for a certification'}. These are: {', '.join(found) or 'none'}."
        )
    return found[name] if name else list(found.values())[-1]


def drop_act(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:  # noqa: ARG001 - an act
    """Everything that a rehearsal, or every one, made is gone."""
    require_site(database)
    with database.read() as session:
        there = rehearsals_there(session)
    wanted = there if arguments["sitting"] == "all" else [int(arguments["sitting"])]
    if not set(wanted) <= set(there):
        raise Refused(NO_REHEARSAL)
    for number in wanted:
        while True:
            with database.write() as session:
                marked = session.get(Sitting, number)
                if marked is None:
                    break
                drop_some(session, marked, clock.now())
        say(f"Rehearsal {number} is removed, with its accounts and everything they did.")
    if not wanted:
        say("There is no rehearsal here.")
    return 0


REHEARSAL_ACTS: Final[dict[str, Act]] = {"rehearse-prepare": prepare_act, "rehearse-drop": drop_act}


# the commands


@click.group()
def rehearse() -> None:
    """Rehearse a sitting with simulated candidates on this machine."""


@rehearse.command("prepare")
@click.option(
    "--candidates", type=click.IntRange(1, MOST_CANDIDATES), required=True, help="How many people to simulate."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File for the accounts.")
@click.option("--sitting", type=click.IntRange(1, 2**31 - 1), help="Number of the sitting to rehearse.")
@click.option("--blueprint", default="", help="Id of a blueprint; the newest for certification when left out.")
@click.option("--base", default="", help="Id of a base; the first one when left out.")
def rehearse_prepare(*, candidates: int, out: Path, sitting: int | None, blueprint: str, base: str) -> None:
    """Make a marked rehearsal with its accounts; nobody real sees it, and it ends by itself after a day."""
    if sitting and (blueprint or base):
        raise click.UsageError("A sitting has its own blueprint and base: give either --sitting or the others.")
    handle, name = tempfile.mkstemp(dir=out.absolute().parent, prefix=".rehearsal")  # mode 0600
    try:
        made: list[str] = []
        arguments = {"candidates": str(candidates), "sitting": str(sitting or ""), "blueprint": blueprint, "base": base}
        status = _carried_out("rehearse-prepare", arguments, made)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(made)
        if made:
            Path(name).replace(out)
            click.echo(f"Accounts and their password: {out}. Next: training-app rehearse run --file {out}")
    finally:
        Path(name).unlink(missing_ok=True)
    raise SystemExit(status)


def _carried_out(act: str, arguments: Mapping[str, str], made: list[str]) -> int:
    def say(line: str) -> None:
        if line.startswith(MADE):
            made.append(line.removeprefix(MADE))
        else:
            click.echo(line)

    return carry_out(Settings.from_environ(), REHEARSAL_ACTS, Order(act, arguments), say)


@rehearse.command("run")
@click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--url", required=True, help="Address of the site as candidates reach it.")
@click.option("--minutes", type=click.FloatRange(0.02, MOST_MINUTES), default=10.0, show_default=True)
@click.option(
    "--think", type=click.FloatRange(0.1, 600), default=30.0, show_default=True, help="Seconds between answers."
)
@click.option("--arrive", type=click.FloatRange(0), help="Seconds over which people come; 25 a second when left out.")
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="Certificate of a private authority.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def rehearse_run(
    *, path: Path, url: str, minutes: float, think: float, arrive: float | None, ca: str | None, as_json: bool
) -> None:
    """Drive the accounts of FILE over HTTP: sign in, enter, start, answer, hand in, and read everything back.

    Exit status 2 when an acknowledged answer was lost, 1 when nobody could begin.
    """
    found = json.loads(path.read_text("utf-8"))
    accounts = [Account(password=found["password"], **one) for one in found["candidates"]]
    try:
        site = site_of(url, authority=ca)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    plan = Plan(minutes, think, seed=str(found["sitting"]), arrive_s=arrive)
    outcome = drive(accounts, site, plan, _teller())
    report = {**outcome.report, "minutes": minutes, "think_s": think, **_by_database(found["sitting"], outcome)}
    click.echo(json.dumps(report) if as_json else "\n".join(table_of(report)))
    raise SystemExit(EXIT_LOST if report["lost"] else 0 if report["starts"] else 1)


def _by_database(marked: int, outcome: Outcome) -> dict[str, Any]:
    """What the database of this DATA_DIR says of the answers, when it is the one of the site."""
    settings = Settings.from_environ()
    try:
        database = Database(settings.database_url)
        try:
            with database.read() as session:
                sitting = session.get(Sitting, marked)
                if sitting is None or not sitting.rehearsal:
                    return {"read_back_by": "pages"}
                lost = lost_of(session, marked, outcome.stored)
        finally:
            database.dispose()
    except (SQLAlchemyError, OSError):
        return {"read_back_by": "pages"}
    return {"lost": max(lost, int(str(outcome.report["lost"]))), "unread": 0, "read_back_by": "pages and database"}


def _teller() -> Callable[[Progress], None]:
    """Tells how far it is, on standard error: at each change of the phase, and now and then."""
    told: dict[str, Any] = {"phase": "", "at": 0.0}

    def tell(progress: Progress) -> None:
        moment = time.monotonic()
        if progress.phase != told["phase"] or moment - told["at"] >= TELLS_EACH_S:
            told.update(phase=progress.phase, at=moment)
            click.echo(line_of(progress), err=True)

    return tell


@rehearse.command("drop")
@click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File of accounts.")
@click.option("--all", "every", is_flag=True, help="Every rehearsal of this site.")
def rehearse_drop(path: Path | None, *, every: bool) -> None:
    """Remove everything that a rehearsal made, and its file of accounts."""
    if (path is None) == (not every):
        raise click.UsageError("Give either --file or --all.")
    sitting = "all" if path is None else str(json.loads(path.read_text("utf-8"))["sitting"])
    status = _carried_out("rehearse-drop", {"sitting": sitting}, [])
    if path is not None and status == 0:
        path.unlink()
    raise SystemExit(status)

"""The worker: one thread takes the turns, one does the jobs, and a sign of life goes out while a job runs.

On SQLite it lives in the web process, which is the one writer; on PostgreSQL it is a process of its own.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from question_bank.texts import Text
from training_app import clock
from training_app.db import is_away, reason_of
from training_app.errors import Refused
from training_app.jobs import services, turns
from training_app.jobs.children import ChildFailed, Stopped
from training_app.jobs.holding import Cancelled, Held, Interrupted, Loop
from training_app.jobs.services import Claimed, LostClaim
from training_app.jobs.words import BROKE, NO_WORDS, in_both_languages
from training_app.registry import JobKind, Registry

log = logging.getLogger("training_app.jobs")

LOOKS_FOR_JOBS_EACH_S: Final = 1.0
LOOKS_FOR_TURNS_EACH_S: Final = 5.0
WAITS_WHEN_FAILING_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job came out. state: of the job; "waiting" when another worker goes on; "left" when nothing can be said."""

    state: str
    message: Text = NO_WORDS
    result: Mapping[str, object] | None = None


def run_one(loop: Loop) -> bool:
    """Whether there was a job to do. It has ended when this returns, or waits again."""
    with loop.database.read() as session:
        if not services.is_any_standing(session):
            return False
    with loop.database.write() as session:
        services.take_back_lost(session, _unrepeatable(loop.registry), clock.now(), loop.stale_after)
    claim = secrets.token_hex(16)
    with loop.database.write() as session:
        job = services.claim_next(session, claim, loop.registry.job_kinds, clock.now())
    if job is None:
        return False
    log.info("job begun", extra={"fields": {"job": job.id, "kind": job.kind}})
    held = Held(loop, job)
    with held.alive():
        outcome = _outcome_of(held, job, loop.registry.job_kinds[job.kind])
    log.info("job ended", extra={"fields": {"job": job.id, "kind": job.kind, "state": outcome.state}})
    with suppress(LostClaim), loop.database.write() as session:
        _write_down(session, job, outcome)
    return True


def _write_down(session: Session, job: Claimed, outcome: Outcome) -> None:
    if outcome.state == "waiting":
        services.give_back(session, job)
    elif outcome.state != "left":
        services.end(session, job, outcome.state, clock.now(), message=outcome.message, result=outcome.result)


def _outcome_of(held: Held, job: Claimed, kind: JobKind) -> Outcome:
    try:
        return Outcome("done", result=kind.run(held))
    except (Cancelled, Interrupted, Stopped):
        return Outcome("cancelled" if held.is_cancelled else "waiting")
    except LostClaim:
        log.warning("job %s is another worker's by now", job.id)
    except (Refused, ChildFailed) as refusal:
        reason = refusal.message if isinstance(refusal, Refused) else refusal
        return Outcome("failed", in_both_languages(reason))
    except Exception as error:
        log.exception("job %s failed", job.id)
        if not (isinstance(error, DBAPIError) and is_away(error)):
            return Outcome("failed", in_both_languages(BROKE))
    return Outcome("left")  # without signs of life it is taken up again, in time


def _unrepeatable(registry: Registry) -> frozenset[str]:
    return frozenset(name for name, kind in registry.job_kinds.items() if not kind.repeatable)


def take_turns(loop: Loop) -> None:
    """Every turn that is due was taken."""
    for name, turn in loop.registry.turns.items():
        if loop.stop.is_set():
            return
        turns.take(loop.database, name, turn, clock.now())


def start(loop: Loop) -> tuple[threading.Thread, threading.Thread]:
    """The two threads of the worker, which run until `loop.stop` is set."""

    def jobs() -> None:
        while not loop.stop.is_set():
            if not _carefully(loop, lambda: run_one(loop)):
                loop.stop.wait(LOOKS_FOR_JOBS_EACH_S)

    def periodic() -> None:
        while not loop.stop.is_set():
            _carefully(loop, lambda: take_turns(loop))
            loop.stop.wait(LOOKS_FOR_TURNS_EACH_S)

    threads = (
        threading.Thread(target=jobs, name="jobs", daemon=True),
        threading.Thread(target=periodic, name="turns", daemon=True),
    )
    for thread in threads:
        thread.start()
    return threads


def _carefully(loop: Loop, work: Callable[[], object]) -> object:
    """What `work` returns; None after a pause when it raised, since a worker never ends by an error."""
    with loop.context(), suppress(Interrupted):
        try:
            return work()
        except DBAPIError as error:
            log.error("the worker cannot work: %s", reason_of(error))  # noqa: TRY400 - the reason says enough
        except Exception:
            log.exception("the worker failed")
    loop.stop.wait(WAITS_WHEN_FAILING_S)
    return None

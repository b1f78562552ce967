"""How each fault strikes, and how it is mended; then the room must save again."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from tests.soak.candidates import Candidate
from tests.soak.place import Place
from tests.soak.plan import Fault
from tests.support.family import descendants
from tests.support.processes import ServerFailed
from tests.support.saving import database_of
from training_app.errors import Conflict
from training_app.exams.models import ResponseEvent
from training_app.jobs.models import Job
from training_app.jobs.services import STALE_AFTER, Order, begin

PATIENCE_S: Final = 180
RECOVERED: Final = 10
"""Answers that are acknowledged after a fault before it counts as mended."""


class NotMended(AssertionError):
    """The room did not go on after a fault; the message ends with the log of the site."""


class Striker:
    """Faults on a place with its room of candidates."""

    def __init__(self, place: Place, candidates: Sequence[Candidate]) -> None:
        self._place = place
        self._candidates = candidates

    def strike(self, fault: Fault) -> None:
        """The fault strikes after the answers it waits for, is mended, and the room saves again."""
        self._until_saved(fault.after)
        strike: Callable[[Fault], None] = getattr(self, f"_{fault.kind}")
        strike(fault)
        self._until_saved(RECOVERED)

    @property
    def saved(self) -> int:
        """Answers that were acknowledged."""
        return sum(len(one.memory.acknowledged) for one in self._candidates)

    @property
    def failures(self) -> int:
        """Requests that came to nothing."""
        return sum(one.memory.failures for one in self._candidates)

    @property
    def begun_again(self) -> int:
        """Jobs that a worker took up from a dead one."""
        return self._count(select(func.count(Job.id)).where(Job.attempts > 1))

    def end(self) -> None:
        """Everybody hands in, every job ends."""
        for one in self._candidates:
            one.told_to_end.set()
        self._until(lambda: not any(one.is_alive() for one in self._candidates), "everybody has handed in")
        # signs of life of a killed worker are old by then
        self._place.step_clock(self._place.offset_s + int(STALE_AFTER.total_seconds()) + 15)
        self._until(lambda: not self._count(select(func.count(Job.id)).where(Job.ended_at.is_(None))), "jobs end")

    # conditions

    def _until_saved(self, more: int) -> None:
        goal = self.saved + more
        self._until(
            lambda: self.saved >= goal or not any(one.is_alive() for one in self._candidates), f"{more} more answers"
        )

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            self._look_after_the_database()
            if time.monotonic() > deadline:
                raise NotMended(f"waited in vain: {what}\n{self._log()}")
            time.sleep(0.05)

    def _log(self) -> str:
        """The end of the site's log, its traces shortened."""
        site = self._place.site
        lines = site.server.output().splitlines()[-12:] if site else []
        return "\n".join(line if len(line) < 900 else f"{line[:200]} … {line[-600:]}" for line in lines)

    def _look_after_the_database(self) -> None:
        """As a service manager does: a server that gave up is started again."""
        server = self._place.server
        if server is not None and not server.runs:
            server.stop()
            with suppress(ServerFailed):
                server.start()

    def _count(self, wanted: object) -> int:
        with database_of(self._place.installation) as database, database.read() as session:
            found: int = session.scalar(wanted)  # type: ignore[call-overload]  # a select
            return found

    # the site

    def _site_killed(self, _fault: Fault) -> None:
        assert self._place.site is not None
        self._place.site.server.kill()
        self._place.start_site()

    def _web_killed(self, _fault: Fault) -> None:
        self._kill("web", lambda found: found[0])  # the nearest, which started the others

    def _web_worker_killed(self, fault: Fault) -> None:
        self._kill("web", lambda found: found[1 + fault.after % (len(found) - 1)])

    def _worker_killed(self, _fault: Fault) -> None:
        """With a job in its hands."""
        self._until(self._is_stopped_at_work, "the worker has a job")
        self._kill("worker", lambda found: found[0])

    def _is_stopped_at_work(self) -> bool:
        with database_of(self._place.installation) as database, suppress(Conflict), database.write() as session:
            begin(session, Order("records.check"), datetime.now(UTC))
        waiting = select(func.count(Job.id)).where(Job.state == "waiting")
        self._until(lambda: not self._count(waiting), "a job is taken up")
        for worker in self._processes("worker"):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGSTOP)
                if self._count(select(func.count(Job.id)).where(Job.state == "running")):
                    return True
                os.kill(worker, signal.SIGCONT)
        return False

    def _kill(self, name: str, choose: Callable[[list[int]], int]) -> None:
        """One process of the site gets SIGKILL; the site starts another."""
        needed = 2 if name == "web" else 1
        self._until(lambda: len(self._processes(name)) >= needed, f"{name} runs")
        with suppress(ProcessLookupError):
            os.kill(choose(self._processes(name)), signal.SIGKILL)

    def _processes(self, name: str) -> list[int]:
        """Processes of the site that run `training-app NAME`, the nearest to its supervisor first."""
        assert self._place.site is not None
        found = []
        for pid in descendants(self._place.site.server.pid):
            with suppress(OSError):
                if Path(f"/proc/{pid}/cmdline").read_bytes().endswith(f"\0{name}\0".encode()):
                    found.append(pid)
        return found

    # the lines

    def _connections_cut(self, _fault: Fault) -> None:
        self._place.candidates.cut()

    def _answers_swallowed(self, _fault: Fault) -> None:
        self._place.candidates.swallows = True
        everything = select(func.count(ResponseEvent.id))
        goal = self._count(everything) + 5
        before = self.failures
        self._until(lambda: self.failures > before or self._count(everything) >= goal, "answers whose reply is lost")
        self._place.candidates.cut()
        self._place.candidates.swallows = False

    def _database_cut(self, fault: Fault) -> None:
        relay, before = self._place.database, self.failures
        relay.swallows = fault.after % 2 == 0  # what was committed, nobody hears
        if relay.swallows:
            time.sleep(0.3)
        relay.cut()
        relay.swallows = False
        self._until(lambda: self.failures > before or self.saved > 0, "somebody notices")

    # the database and its disk

    def _database_killed(self, _fault: Fault) -> None:
        assert self._place.server is not None
        self._place.server.kill()
        self._place.server.start()

    def _backend_killed(self, _fault: Fault) -> None:
        assert self._place.server is not None
        self._place.server.crash()

    def _disk_full(self, _fault: Fault) -> None:
        before, goal = self.failures, self.saved + 200  # a log may have room left in itself
        self._place.fill_disk()
        self._until(lambda: self.failures > before + 5 or self.saved >= goal, "the disk is felt")
        self._place.ballast.unlink()

    # time

    def _clock_stepped(self, fault: Fault) -> None:
        self._place.step_clock(self._place.offset_s + fault.step_s)

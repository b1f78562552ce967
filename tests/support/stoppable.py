"""A PostgreSQL server of its own that a test may stop, kill and start again."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.family import descendants
from tests.support.postgres import Cluster
from tests.support.processes import Server


class Stoppable:
    """A server whose data outlive its stops."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.postgres = cluster.postgres
        self._server: Server | None = None

    def start(self) -> None:
        """The server runs and answers. Raises ServerFailed when it does not."""
        self._server = self.cluster.start()
        self._server.wait_until(self.postgres.answers)

    def stop(self) -> None:
        """Nobody answers any more; what was committed stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def kill(self) -> None:
        """Every process of the server gets SIGKILL, as if the machine lost power."""
        if self._server is not None:
            for pid in (self._server.pid, *descendants(self._server.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.stop()

    def crash(self) -> None:
        """One process that serves a client gets SIGKILL: the server ends all others and recovers by itself."""
        assert self._server is not None
        victims = [
            pid for pid in descendants(self._server.pid) if b"tests" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        for pid in victims[:1]:
            os.kill(pid, signal.SIGKILL)

    @property
    def runs(self) -> bool:
        """Whether the server has not ended by itself."""
        return self._server is not None and not self._server.has_ended(within_s=0)


@contextmanager
def stoppable_postgres() -> Iterator[Stoppable]:
    """A server that runs, stopped and deleted afterwards."""
    server = Stoppable(Cluster(Path(tempfile.mkdtemp(prefix="pg-"))))
    try:
        server.cluster.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.cluster.folder, ignore_errors=True)

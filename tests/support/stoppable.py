"""A PostgreSQL server of its own that a test may stop and start again."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from tests.support.postgres import Postgres, _account, _as_account, _command, _initialise, _programs
from tests.support.processes import Server


class Stoppable:
    """A server whose data outlive its stops."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = Postgres(
            URL.create("postgresql+psycopg", username="tests", database="postgres", query={"host": str(folder)})
        )
        self._server: Server | None = None

    def start(self) -> None:
        """The server runs and answers."""
        user = ["--user", _account()] if _as_account(_account()) else []
        command = _command(_programs(), self.folder)
        self._server = Server(command, self.folder / "log", guard=["--signal", "INT", *user])
        self._server.wait_until(self.postgres.answers)

    def stop(self) -> None:
        """Nobody answers any more; what was committed stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None


@contextmanager
def stoppable_postgres() -> Iterator[Stoppable]:
    """A server that runs, stopped and deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Stoppable(folder)
    try:
        _initialise(_programs(), folder, _account())
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)

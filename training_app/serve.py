"""`training-app serve`: starts the processes of the site, restarts what falls, stops cleanly on SIGTERM."""

import ctypes
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy.exc import SQLAlchemyError

from training_app import schema
from training_app.acts import ACTS
from training_app.app import create_app
from training_app.config import Settings, secret_of
from training_app.control import SOCKET, listen, site_lock
from training_app.db import Database
from training_app.installation import installation_of
from training_app.web.logs import configure_logging

log = logging.getLogger("training_app.serve")

STOP_WITHIN_S = 20.0
LONGEST_PAUSE_S = 10.0


def why_not(settings: Settings) -> str | None:
    """The sentence that tells why the site cannot start and which command to type; None when it can."""
    database = Database(settings.database_url)
    try:
        return _schema_fault(database) or _filling_fault(database)
    except SQLAlchemyError as error:
        return f"The database does not answer: {str(getattr(error, 'orig', error)).splitlines()[0]}"
    finally:
        database.dispose()


def _schema_fault(database: Database) -> str | None:
    if schema.is_empty(database):
        return "The database is empty. Type `training-app init` for a real site or `training-app demo` to look around."
    standing, needed = schema.revision_of(database), schema.newest_revision()
    if standing is None:
        return "The database belongs to something else: it has tables, but not those of this site."
    if not schema.knows(standing):
        return f"The database is newer ({standing}) than this program ({needed}). Install the newer program."
    if standing != needed:
        return f"The database is older ({standing}) than this program ({needed}). Type `training-app upgrade`."
    return None


def _filling_fault(database: Database) -> str | None:
    with database.read() as session:
        if installation_of(session) is None:
            return "The database is not filled yet. Type `training-app init` or `training-app demo`."
    return None


def is_demonstration(settings: Settings) -> bool:
    """Whether the site is a demonstration."""
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            installation = installation_of(session)
    finally:
        database.dispose()
    return installation is not None and installation.demonstration


class Supervisor:
    """Keeps the processes of the site running until it is told to stop."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self._commands = commands
        self._stopping = threading.Event()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._pauses = dict.fromkeys(commands, 0.2)
        self._due: dict[str, float] = {}

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """No process is started any more; `run` ends the running ones."""
        self._stopping.set()

    def run(self) -> int:
        """Exit status 0, after `stop`."""
        while not self._stopping.is_set():
            for name in self._commands:
                self._tend(name)
            self._stopping.wait(0.1)
        self._end_all()
        return 0

    def _tend(self, name: str) -> None:
        child = self._children.get(name)
        if child is not None and child.poll() is None:
            return
        moment = time.monotonic()
        if child is not None and name not in self._due:
            self._due[name] = moment + self._pauses[name]
            self._pauses[name] = min(self._pauses[name] * 2, LONGEST_PAUSE_S)
            log.error("%s ended with status %s; it starts again", name, child.returncode)
        if moment < self._due.get(name, 0):
            return
        self._due.pop(name, None)
        # in a group of its own: Ctrl-C reaches the supervisor alone, which stops the others in order
        command = self._commands[name]
        self._children[name] = subprocess.Popen(command, process_group=0)  # noqa: S603 - our own command

    def _end_all(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        until = time.monotonic() + STOP_WITHIN_S
        for name, child in self._children.items():
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop in time and is killed", name)
                child.kill()
                child.wait()


def serve(settings: Settings, say: Callable[[str], None]) -> int:
    """The exit status of the site: 0 after a clean stop, 1 with a sentence when it cannot start."""
    reason = why_not(settings)
    if reason is None:
        demonstration = is_demonstration(settings)
        secret_of(settings, demonstration=demonstration)
        with site_lock(settings.data_dir) as ours:
            if not ours:
                reason = f"Another site already runs on {settings.data_dir}. Stop it first, or set DATA_DIR."
            else:
                host = settings.listening_host(demonstration=demonstration)
                say(f"Serving on http://{host}:{settings.port} (stop with Ctrl-C)")
                return _supervise(settings)
    say(reason)
    return 1


def _supervise(settings: Settings) -> int:
    supervisor = Supervisor({"web": [sys.executable, "-m", "training_app", "web"]})
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop)
    try:
        return supervisor.run()
    finally:
        (settings.data_dir / SOCKET).unlink(missing_ok=True)


def web(settings: Settings) -> None:
    """The web process: granian with its workers. It ends when the supervisor does."""
    die_with_parent(signal.SIGTERM)
    host = settings.listening_host(demonstration=is_demonstration(settings))
    Granian(
        "training_app.serve:application",
        address=host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers(),
        blocking_threads=settings.web_threads,
        backlog=settings.backlog,
        backpressure=settings.backpressure,
        websockets=False,
        factory=True,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=15,
        log_enabled=False,
    ).serve()


def application() -> Flask:
    """The WSGI application of one web worker; on SQLite its process is the one writer and takes orders of commands."""
    die_with_parent(signal.SIGKILL)
    settings = Settings.from_environ()
    configure_logging(settings.log_level)
    app = create_app(settings)
    if settings.on_sqlite:
        listen(app.extensions["database"], settings, ACTS)
    gc.collect()
    gc.freeze()
    return app


def die_with_parent(number: signal.Signals) -> None:
    """On Linux, this process gets signal `number` when its parent ends, so that nothing is left behind by a kill -9."""
    if sys.platform != "linux":
        return
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, int(number))
    if os.getppid() == 1:
        os.kill(os.getpid(), number)

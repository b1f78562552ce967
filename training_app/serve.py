"""`training-app serve`: starts the processes of the site, restarts what falls, stops cleanly on SIGTERM."""

import errno
import gc
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from flask import Flask
from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from sqlalchemy.exc import SQLAlchemyError

from training_app import installation, schema
from training_app.acts import ACTS
from training_app.app import create_app
from training_app.config import PLAIN_HTTP, BadSetting, Settings, secret_of
from training_app.control import SOCKET, listen, site_lock
from training_app.db import Database, reason_of
from training_app.installation import installation_of
from training_app.jobs.holding import Loop
from training_app.jobs.worker import start as start_worker
from training_app.media.protocol import CONTROL_SOCKET
from training_app.processes import SUPERVISOR, configure_logging, end_with_parent, end_with_supervisor
from training_app.web.bodies import SPARE_THREADS

log = logging.getLogger("training_app.serve")

STOP_WITHIN_S = 20.0
PORT_FREE_WITHIN_S = 5.0
SHORTEST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_AFTER_S = 60.0
"""A process that ran this long before it fell is started again without a longer pause than the first time."""


def why_not(settings: Settings) -> str | None:
    """The sentence that tells why the site cannot start and which command to type; None when it can."""
    database = Database(settings.database_url)
    try:
        return schema.fault_of(database) or installation.fault_of(database)
    except SQLAlchemyError as error:
        return f"The database does not answer: {reason_of(error)}"
    finally:
        database.dispose()


def address_of(host: str, port: int) -> str:
    """The address that `host` names, the older kind first. Raises BadSetting when it names none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise BadSetting(
            f"HOST takes an address of this machine or a name of one, not {host!r}: {error.strerror}."
        ) from None
    places = sorted(found, key=lambda place: place[0] != socket.AF_INET)
    return str(places[0][4][0])


def port_fault(address: str, port: int, *, remedy: str = "PORT") -> str | None:
    """The sentence that tells why nobody can listen there; None when the port is free, or becomes so in a moment.

    remedy: the settings that help.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    until = time.monotonic() + PORT_FREE_WITHIN_S
    while True:
        try:
            socket.create_server((address, port), family=family).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = os.strerror(error.errno or 0)
                return f"The site cannot listen on {address}, port {port}: {reason}. Set HOST or {remedy}."
            if time.monotonic() > until:
                return f"Port {port} of {address} is taken by another program. Stop that one, or set {remedy}."
            time.sleep(0.1)  # a site that was killed a moment ago is still closing down
        else:
            return None


def is_demonstration(settings: Settings) -> bool:
    """Whether the site is a demonstration."""
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            found = installation_of(session)
    finally:
        database.dispose()
    return found is not None and found.demonstration


class Supervisor:
    """Keeps the processes of the site running until it is told to stop."""

    def __init__(self, commands: dict[str, list[str]], environ: dict[str, str]) -> None:
        self._commands = commands
        self._environ = environ
        self._stopping = threading.Event()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._pauses = dict.fromkeys(commands, SHORTEST_PAUSE_S)
        self._started = dict.fromkeys(commands, 0.0)
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
            if moment - self._started[name] > STEADY_AFTER_S:
                self._pauses[name] = SHORTEST_PAUSE_S
            self._due[name] = moment + self._pauses[name]
            self._pauses[name] = min(self._pauses[name] * 2, LONGEST_PAUSE_S)
            log.error("%s ended with status %s; it starts again", name, child.returncode)
        if moment < self._due.get(name, 0):
            return
        self._due.pop(name, None)
        self._started[name] = moment
        # in a group of its own: Ctrl-C reaches the supervisor alone, which stops the others in order
        self._children[name] = subprocess.Popen(  # noqa: S603 - our own command
            self._commands[name], env=self._environ, process_group=0
        )

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
        address = address_of(settings.listening_host(demonstration=demonstration), settings.port)
        with site_lock(settings.data_dir) as ours:
            if not ours:
                reason = f"Another site already runs on {settings.data_dir}. Stop it first, or set DATA_DIR."
            else:
                reason = port_fault(address, settings.port) or _media_port_fault(settings, address)
                if reason is None:
                    shown = f"[{address}]" if ":" in address else address
                    if not settings.secure and not address.startswith("127."):
                        say(PLAIN_HTTP)
                    say(f"Serving on {settings.scheme}://{shown}:{settings.port} (stop with Ctrl-C)")
                    return _supervise(settings, address)
    say(reason)
    return 1


def _media_port_fault(settings: Settings, address: str) -> str | None:
    if not settings.media:
        return None
    return port_fault(address, settings.media_port, remedy="MEDIA_PORT, or MEDIA=no for a site without streams")


def commands_of(settings: Settings) -> dict[str, list[str]]:
    """The processes of the site by name: on SQLite the worker is a thread of the web process."""
    names = ("web",) if settings.on_sqlite else ("web", "worker")
    commands = {name: [sys.executable, "-m", "training_app", name] for name in names}
    if settings.media:
        # not by way of the command: it imports the whole site, and this process nothing but what it streams with
        commands["media"] = [sys.executable, "-m", "training_app.media"]
    return commands


def _supervise(settings: Settings, address: str) -> int:
    environ = {**os.environ, "HOST": address, SUPERVISOR: str(os.getpid())}
    supervisor = Supervisor(commands_of(settings), environ)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop)
    try:
        return supervisor.run()
    finally:
        for name in (SOCKET, CONTROL_SOCKET):
            (settings.data_dir / name).unlink(missing_ok=True)


def web(settings: Settings) -> None:
    """The web process: granian with its workers. It ends when the supervisor does."""
    end_with_supervisor()
    Granian(
        "training_app.serve:application",
        address=settings.host or "127.0.0.1",
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers(),
        blocking_threads=settings.web_threads + SPARE_THREADS,
        backlog=settings.backlog,
        backpressure=settings.backpressure,
        websockets=False,
        factory=True,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=15,
        ssl_cert=settings.tls_cert,
        ssl_key=settings.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,  # a browser of an examination hall is not always the newest
        log_enabled=False,
    ).serve()


def application() -> Flask:
    """The WSGI application of one web worker; on SQLite its process is the one writer and takes orders of commands."""
    parent = multiprocessing.parent_process()
    end_with_parent(signal.SIGKILL, parent.pid if parent and parent.pid else os.getppid())
    settings = Settings.from_environ()
    configure_logging(settings.log_level)
    try:
        app = create_app(settings)
        if settings.on_sqlite:
            listen(app.extensions["database"], settings, ACTS)
            start_worker(loop_of(app, threading.Event()))
    except Exception:
        log.exception("a web worker cannot start")
        raise SystemExit(1) from None
    gc.collect()
    gc.freeze()
    return app


def worker(settings: Settings) -> int:
    """The exit status of the worker as a process of its own: 0 when it was told to stop, and jobs wait again."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the supervisor, which stops the others in order
    end_with_supervisor()
    try:
        app = create_app(settings)
    except Exception:
        log.exception("the worker cannot start")
        return 1
    threads = start_worker(loop_of(app, stop))
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(0.5)
    return 0


def loop_of(app: Flask, stop: threading.Event) -> Loop:
    """The worker of this application; it ends when `stop` is set."""
    return Loop(app.extensions["database"], app.extensions["registry"], app.app_context, stop)

"""`serve` as processes: it stops cleanly, what falls comes back, what was confirmed is never lost."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from tests.support.family import descendants, runs
from tests.support.processes import Server, free_port
from tests.support.site import Installation, Site
from tests.support.visitor import Visitor
from training_app.serve import address_of, port_fault


@pytest.fixture
def installation(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """A demonstration on SQLite, not running."""
    with demonstration(sqlite_databases, tmp_path / "var") as found:
        yield found


@pytest.fixture
def running(installation: Installation) -> Iterator[Site]:
    """A site of its own that may be killed."""
    with installation.serving() as site:
        yield site


def eventually(site: Site, holds, *, timeout_s: float = 60) -> None:
    """Returns when `holds()`; fails when the time is over."""
    ended = threading.Event()
    timer = threading.Timer(timeout_s, ended.set)
    timer.start()
    try:
        while not holds():
            assert not ended.wait(0.05), site.server.output()
    finally:
        timer.cancel()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


# stopping


def test_it_stops_cleanly_on_sigterm(running: Site) -> None:
    family = descendants(running.server.pid)
    running.server.interrupt()
    assert running.server._guard.wait(30) == 0
    assert family and not any(runs(pid) for pid in family)
    assert is_free(running.port) and not (running.installation.data_dir / "control.sock").exists()


def test_a_supervisor_that_is_killed_leaves_nothing_behind(running: Site) -> None:
    family = descendants(running.server.pid)
    os.kill(running.server.pid, signal.SIGKILL)
    eventually(running, lambda: is_free(running.port) and not any(runs(pid) for pid in family))
    assert len(family) >= 2


def test_after_a_kill_it_starts_again_on_the_same_port(running: Site) -> None:
    os.kill(running.server.pid, signal.SIGKILL)
    environ = running.installation.environ(HOST="127.0.0.1", PORT=str(running.port))
    log = running.installation.data_dir.with_name("again.log")
    again = Server([sys.executable, "-m", "training_app", "serve"], log, environ=environ)
    try:
        again.wait_until(running.answers)
    finally:
        again.stop()


# what falls comes back


@pytest.mark.parametrize("generation", [0, 1], ids=["web process", "worker"])
def test_what_is_killed_comes_back_by_itself(running: Site, generation: int) -> None:
    victim = descendants(running.server.pid)[generation]
    os.kill(victim, signal.SIGKILL)
    eventually(running, lambda: not runs(victim) and running.answers())
    assert victim not in descendants(running.server.pid)


def test_orders_are_heard_again_after_the_worker_was_killed(running: Site) -> None:
    os.kill(descendants(running.server.pid)[1], signal.SIGKILL)
    assert "One-time code for" in running.installation.must_run("reset-admin")


def test_a_site_whose_processes_cannot_start_says_why_and_waits_between_its_tries(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    with demonstration(sqlite_databases, tmp_path / "var") as installation:
        (installation.data_dir / "demo-accounts.json").write_text("not JSON")
        environ = installation.environ(HOST="127.0.0.1", PORT=str(free_port()))
        server = Server([sys.executable, "-m", "training_app", "serve"], tmp_path / "log", environ=environ)
        try:
            server.wait_until(lambda: "it starts again" in server.output())
            said = server.output()
        finally:
            server.stop()
    assert '"message": "a web worker cannot start"' in said and "JSONDecodeError" in said
    assert not [line for line in said.splitlines() if not line.startswith(("{", "Serving on"))]


# connections that stall

HALF_A_FORM = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\nusername=shen"
)
ESTABLISHED, KEEPALIVE_TIMER = "01", "02"


def test_forms_that_never_arrive_whole_keep_nobody_out(sqlite_site: Site) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            stalled = stack.enter_context(socket.create_connection(("127.0.0.1", sqlite_site.port)))
            stalled.sendall(HALF_A_FORM)
        assert sqlite_site.answers()
        assert 'name="csrf_token"' in Visitor(sqlite_site).get("/sign-in")


def test_who_is_gone_without_a_word_is_given_up(sqlite_site: Site) -> None:
    assert sqlite_site.answers()
    with socket.create_connection(("127.0.0.1", sqlite_site.port)) as silent:
        silent.sendall(HALF_A_FORM)
        port = f":{sqlite_site.port:04X}"
        eventually(sqlite_site, lambda: KEEPALIVE_TIMER in timers(port, silent.getsockname()[1]))


def timers(port: str, peer: int) -> set[str]:
    """The timers that run on connections that the site accepted from this port of ours."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = [row for row in rows if row[1].endswith(port) and row[2].endswith(f":{peer:04X}") and row[3] == ESTABLISHED]
    return {row[5].partition(":")[0] for row in ours}


def test_a_form_of_unknown_length_is_refused(sqlite_site: Site) -> None:
    with socket.create_connection(("127.0.0.1", sqlite_site.port)) as sender:
        sender.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na=bcd\r\n0\r\n\r\n"
        )
        assert sender.recv(1024).startswith(b"HTTP/1.1 400 ")


# one site a folder, one program a port


def test_a_second_site_on_the_same_folder_is_refused(sqlite_site: Site) -> None:
    done = sqlite_site.installation.run("serve", PORT=str(free_port()))
    assert done.returncode == 1 and "Another site already runs on" in done.stdout and "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told_and_not_tried_for_ever(sqlite_site: Site, installation: Installation) -> None:
    done = installation.run("serve", PORT=str(sqlite_site.port), HOST="127.0.0.1")
    assert done.returncode == 1 and f"Port {sqlite_site.port} of 127.0.0.1 is taken" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_host_that_is_not_of_this_machine_is_told() -> None:
    assert "Cannot assign requested address. Set HOST or PORT." in str(port_fault("192.0.2.1", free_port()))
    assert port_fault("127.0.0.1", free_port()) is None


def test_a_name_of_this_machine_is_taken_as_its_address() -> None:
    assert address_of("localhost", 8000) == "127.0.0.1" and address_of("0.0.0.0", 8000) == "0.0.0.0"


# commands on a running site


def test_every_command_works_on_a_running_site(sqlite_site: Site) -> None:
    installation = sqlite_site.installation
    template = Path(__file__).resolve().parents[1] / "docs" / "bank-template"
    assert "One-time code for" in installation.must_run("reset-admin")
    assert "0 new, 0 changed" in installation.must_run("upgrade")
    assert "audit_chain: ok" in installation.must_run("check")
    assert re.search(r"Loaded .*: \d+ new", installation.must_run("bank", "load", str(template)))
    refused = [installation.run(*arguments) for arguments in (("demo",), ("init", *ADMINISTRATOR))]
    assert [done.returncode for done in refused] == [1, 1]
    assert all("This database is not empty." in done.stdout for done in refused)


ADMINISTRATOR = ("--username", "admin", "--name-zh", "甲", "--name-en", "A")


# nothing half-written stays; that nothing acknowledged is lost, tests/exams/test_crash.py proves


def test_a_command_that_is_killed_leaves_nothing_half_written(tmp_path: Path) -> None:
    fresh = Installation(tmp_path / "new")
    (tmp_path / "new").mkdir()
    killed = subprocess.Popen([sys.executable, "-m", "training_app", "init", *ADMINISTRATOR], env=fresh.environ())
    file = tmp_path / "new" / "site.sqlite"
    while not (file.exists() and file.stat().st_size):  # it has begun to write
        assert killed.poll() is None
    killed.kill()
    killed.wait(30)
    assert "The site is ready." in fresh.must_run("init", *ADMINISTRATOR)

"""Runs a command, and ends it with every process it started as soon as this process's standard input closes.

A test process keeps the other end of that pipe. However it ends, in success, by a failure or by `kill -9`, the pipe
closes and the server goes, with the folders named by --remove. The first line of output is the command's process id.
"""

import argparse
import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PATIENCE_S = 15
"""Time that a server has to stop when asked, before it is killed."""


def main() -> int:
    """Exit code of the command, or 0 when it was ended from here."""
    options = _options()
    account = {"user": options.user, "group": options.user, "extra_groups": ()} if options.user else {}
    child = subprocess.Popen(options.command, stdin=subprocess.DEVNULL, stdout=2, start_new_session=True, **account)
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    ended = os.pidfd_open(child.pid)
    try:
        _wait(sys.stdin.fileno(), ended)
        _end(child, ended, getattr(signal, f"SIG{options.signal}"))
    finally:
        for folder in options.remove:
            shutil.rmtree(folder, ignore_errors=True)
    return max(child.wait(), 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signal", default="TERM", help="the polite signal, for example TERM or QUIT")
    parser.add_argument("--user", help="the account to run as (only as root)")
    parser.add_argument("--remove", type=Path, action="append", default=[], help="a folder to delete at the end")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _wait(pipe: int, ended: int) -> None:
    """Returns when the pipe is closed or the command has ended."""
    while True:
        ready, _, _ = select.select([pipe, ended], [], [])
        if ended in ready or not os.read(pipe, 1024):
            return


def _end(child: subprocess.Popen[bytes], ended: int, polite: signal.Signals) -> None:
    if child.poll() is None:
        child.send_signal(polite)
        select.select([ended], [], [], PATIENCE_S)
    # a worker that hangs outlives its leader; nobody of the session stays
    kill_session(child.pid)


def kill_session(leader: int) -> None:
    """Every process of the session that `leader` began is killed, whatever groups they made, and has ended."""
    processes = list(_session(leader))
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
    for process in processes:
        select.select([process], [], [], PATIENCE_S)
        os.close(process)


def _session(leader: int) -> Iterator[int]:
    """A file descriptor of each process in the session."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # pid (name) state ppid pgrp session …; the name may hold spaces and brackets
            state, _parent, _group, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state not in "ZX":
                yield os.pidfd_open(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue


if __name__ == "__main__":
    raise SystemExit(main())

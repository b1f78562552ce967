"""Servers that a test run starts: each under guard.py, so that none outlives the run."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support.guard import kill_session

GUARD = Path(__file__).with_name("guard.py")


class ServerFailed(AssertionError):
    """A server that ended by itself or was not ready in time; the message ends with its log."""


class Server:
    """A running command with its log file; `stop` ends it and everything it started."""

    def __init__(
        self, command: Sequence[str], log: Path, *, environ: Mapping[str, str] | None = None, guard: Sequence[str] = ()
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._guard = subprocess.Popen(
                [sys.executable, str(GUARD), *guard, "--", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                cwd=log.parent,
                env=dict(environ) if environ is not None else None,
                start_new_session=True,
            )
        assert self._guard.stdout is not None
        first_line = self._guard.stdout.readline()
        if not first_line:
            self.stop()
            raise ServerFailed(f"{command[0]} could not be started.\n{self.output()}")
        self.pid = int(first_line)

    def wait_until(self, is_ready: Callable[[], bool], *, timeout_s: float = 60) -> None:
        """Returns when `is_ready`. Raises ServerFailed when the server ends or the time is over."""
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            if self.has_ended(within_s=0.05):
                raise ServerFailed(f"The server ended by itself.\n{self.output()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"The server was not ready after {timeout_s} s.\n{self.output()}")

    def has_ended(self, *, within_s: float) -> bool:
        """Whether the server has ended, or ends in the time given."""
        try:
            self._guard.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def output(self) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:])

    def interrupt(self) -> None:
        """SIGTERM to the command alone, as an operator or a service manager would."""
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the command and everything it started, at once: as if the machine lost power."""
        kill_session(self.pid)
        self.stop()

    def stop(self) -> None:
        """Ends the command and everything it started; harmless when it has ended."""
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            self._guard.stdin.close()
        self._guard.wait(60)
        if self._guard.stdout is not None:
            self._guard.stdout.close()


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port

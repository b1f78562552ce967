"""A real site for tests: `training-app serve` on a free loopback port, with demonstration data."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.processes import Server, ServerFailed, free_port

KEPT_OF_THE_ENVIRONMENT = ("HOME", "LANG", "PATH", "TZ")


@dataclass(frozen=True, slots=True)
class Account:
    """One line of demo-accounts.json."""

    username: str
    password: str
    roles: tuple[str, ...]
    base: str | None


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a site keeps its things, and which code serves it."""

    data_dir: Path
    database_url: str | None = None
    python_path: Path = ROOT

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of a command of this installation: nothing of the caller's settings leaks into it.

        The media process costs a second at each start: tests of streams ask for it by MEDIA="yes".
        """
        kept = {name: os.environ[name] for name in KEPT_OF_THE_ENVIRONMENT if name in os.environ}
        url = {"DATABASE_URL": self.database_url} if self.database_url else {}
        return {
            **kept,
            **url,
            "DATA_DIR": str(self.data_dir),
            "PYTHONPATH": str(self.python_path),
            "MEDIA": "no",
            **more,
        }

    def run(self, *arguments: str, answers: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """The finished command `training-app ARGUMENTS`, whatever its exit code.

        answers: what is typed into it. more: environment variables.
        """
        return subprocess.run(
            [sys.executable, "-m", "training_app", *arguments],
            input=answers,
            capture_output=True,
            text=True,
            cwd=self._folder(),
            env=self.environ(**more),
            timeout=300,
            check=False,
        )

    def must_run(self, *arguments: str, **more: str) -> str:
        """What the command prints. Raises ServerFailed with all it said when it fails."""
        done = self.run(*arguments, **more)
        if done.returncode:
            said = f"{done.stdout}\n{done.stderr}"
            raise ServerFailed(f"training-app {' '.join(arguments)} ended with {done.returncode}.\n{said}")
        return done.stdout

    def accounts(self) -> tuple[Account, ...]:
        """The demonstration accounts that `demo` wrote down."""
        rows = json.loads((self.data_dir / "demo-accounts.json").read_text(encoding="utf-8"))
        return tuple(Account(row["username"], row["password"], tuple(row["roles"]), row["base"]) for row in rows)

    def start(self, **more: str) -> "Site":
        """A site that answers. more: environment variables, such as WEB_WORKERS."""
        port, media_port = free_port(), free_port()
        environ = self.environ(HOST="127.0.0.1", PORT=str(port), MEDIA_PORT=str(media_port), **more)
        server = Server([sys.executable, "-m", "training_app", "serve"], self._folder() / "serve.log", environ=environ)
        site = Site(self, port, server, media_port)
        try:
            server.wait_until(site.answers)
        except BaseException:
            server.stop()
            raise
        return site

    @contextmanager
    def serving(self, **more: str) -> Iterator["Site"]:
        """A site that answers, stopped afterwards."""
        site = self.start(**more)
        try:
            yield site
        finally:
            site.server.stop()

    def _folder(self) -> Path:
        """An empty-handed place to start from: a site must not find its files by the working directory."""
        folder = self.data_dir.with_name(f"{self.data_dir.name}-cwd")
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True, slots=True)
class Site:
    """A site that listens on a loopback port. media_port: where its media process does, with MEDIA="yes"."""

    installation: Installation
    port: int
    server: Server
    media_port: int = 0

    @property
    def url(self) -> str:
        """The origin, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def account(self, role: str, *, base: str | None = None) -> Account:
        """The first demonstration account that has `role`, at `base` when one is named."""
        return next(
            account
            for account in self.installation.accounts()
            if role in account.roles and (base is None or account.base == base)
        )

    def answers(self) -> bool:
        """Whether /healthz says that all is well."""
        try:
            status, _, _ = self.get("/healthz")
        except (OSError, http.client.HTTPException):
            return False
        return status == http.HTTPStatus.OK

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of one request without cookies."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

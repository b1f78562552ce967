"""A server that an operator types on: an own /etc, /opt and /var in a folder, real programs, and its site behind nginx.

What only a whole machine has stands in: packages, accounts and systemd. `systemctl` carries its orders out on the unit
files that were written. A path or port of the real machine is the folder's own wherever it is typed or written.
"""

import getpass
import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Final

from tests.support.components import missing
from tests.support.postgres import Postgres
from tests.support.processes import Server, free_port

HOST: Final = "exam.base.example"
OURS: Final = re.compile(r"(?<![\w./-])/(?=(etc|opt|var|usr/local)/)")
WRITTEN: Final = ("etc", "opt/kit", "usr/local/bin")
FOLDERS: Final = ("etc/nginx/sites-available", "etc/nginx/sites-enabled", "etc/systemd/system", "opt", "usr/local/bin")
TOOLS: Final = (
    *("sh", "bash", "base64", "cp", "curl", "env", "find", "head", "ln", "ls", "mv", "rm", "systemd-analyze"),
    *("createdb", "createuser", "dropdb", "pg_dump", "pg_restore"),
)
PACKAGES: Final = {"curl", "nginx", "postgresql", "python3-venv"}
STAND_INS: Final = {
    "python3": 'exec {python} "$@"',
    "nginx": 'exec {nginx} -c {root}/etc/nginx/nginx.conf "$@"',
    "apt-get": '[ "$1 $2" = "install --no-install-recommends" ] && shift 2 && echo "$@" > {root}/packages',
    "adduser": '[ "$*" = "--system --group --no-create-home --home {root}/var/lib/training training" ]',
    "install": 'words=; while [ $# -gt 0 ]; do case $1 in -o | -g) [ "$2" = training ] || exit 1; shift ;; '
    '*) words="$words $1" ;; esac; shift; done; exec {install} $words',
    "runuser": '[ "$1 $3" = "-u --" ] || exit 1; [ "$2" != postgres ] || export PGUSER=tests PGHOST={database}; '
    'shift 3; exec "$@"',
    "systemctl": 'echo "$@" >> {root}/orders',
    "timedatectl": "echo NTPSynchronized=yes",
}
NAMES: Final = """
import socket
known = socket.getaddrinfo
def getaddrinfo(host, port, *more, **named):
    place = ("127.0.0.1", {port}) if (host, int(port or 0)) == ("{host}", 443) else (host, port)
    return known(*place, *more, **named)
socket.getaddrinfo = getaddrinfo
"""
"""What the network of a base knows of names, for Python; curl reads its own file."""
SHORTER: Final = {"--candidates 200": "--candidates 4", "--minutes 5": "--minutes 0.05"}
"""A rehearsal of one is as good here."""
TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody got."""

    status: int
    headers: Message
    text: str


class TypedInVain(AssertionError):
    """A command that failed; the message holds what it said."""


class Machine:
    """The server. site_port, media_port, port, plain_port: where it listens in place of 8000, 8001, 443 and 80."""

    def __init__(self, root: Path, postgres: Postgres) -> None:
        self.root = root
        self.site_port, self.media_port, self.port, self.plain_port = (free_port() for _ in range(4))
        self._running: dict[str, Server] = {}
        self._wanted: set[str] = set()
        for name in (*FOLDERS, "bin", "home", "run", "var/cache", "var/lib", "var/backups", "var/run", "var/log/nginx"):
            (root / name).mkdir(parents=True)
        database = str(postgres.url.query["host"])
        (root / "var/run/postgresql").symlink_to(database)
        self._equip(database)
        self._write_nginx()
        (root / "names").mkdir()
        (root / "names" / "sitecustomize.py").write_text(NAMES.format(host=HOST, port=self.port), encoding="ascii")
        curl = f'connect-to = "{HOST}:443:127.0.0.1:{self.port}"\n'
        (root / "home" / ".curlrc").write_text(curl, encoding="ascii")

    def _equip(self, database: str) -> None:
        for name in TOOLS:
            found = shutil.which(name)
            if found is None:
                missing(f"{name} is missing: see .ci/packages")
            (self.root / "bin" / name).symlink_to(found)
        programs = {"python": sys._base_executable, "nginx": _nginx(), "install": shutil.which("install")}
        for name, words in STAND_INS.items():
            script = self.root / "bin" / name
            text = words.format(root=self.root, database=database, **programs)
            script.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            script.chmod(0o755)

    def _write_nginx(self) -> None:
        """Debian's own configuration, in which the site's becomes a part."""
        text = Path("/etc/nginx/nginx.conf").read_text(encoding="utf-8")
        text = re.sub(r"^user .*;", f"user {getpass.getuser()};", text, flags=re.MULTILINE)
        places = "".join(f"{name}_temp_path {self.root}/run/{name};\n" for name in TEMPORARY)
        text = text.replace("/run/nginx.pid", f"{self.root}/run/nginx.pid").replace("http {", f"http {{\n{places}")
        (self.root / "etc/nginx/nginx.conf").write_text(self.own(text), encoding="utf-8")
        shutil.copy("/etc/nginx/mime.types", self.root / "etc/nginx/mime.types")

    def own(self, text: str) -> str:
        """The text with paths of this machine."""
        for long, short in SHORTER.items():
            text = text.replace(long, short)
        return OURS.sub(f"{self.root}/", text)

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What every program here is given."""
        path = f"{self.root}/usr/local/bin:{self.root}/bin"
        thrifty = {"PIP_COMPILE": "0", "WEB_WORKERS": "1", "PYTHONPATH": f"{self.root}/names"}
        return {"PATH": path, "HOME": f"{self.root}/home", "LANG": "C.UTF-8", **thrifty, **(more or {})}

    def type(self, line: str) -> str:
        """What the command prints. Raises TypedInVain unless it succeeds."""
        self._settle()
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", self.own(line)],
            cwd=self.root / "home",
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=300,
        )
        if done.returncode:
            raise TypedInVain(f"{self._logs()}\n$ {line}\n{done.stdout}\n{done.stderr}\nended with {done.returncode}")
        self._take_over()
        orders = self.root / "orders"
        if orders.exists():
            for order in orders.read_text(encoding="utf-8").splitlines():
                self._obey(*order.split())
            orders.unlink()
        return done.stdout

    def _take_over(self) -> None:
        """Paths and ports in the files that were just written become this machine's."""
        for path in (file for name in WRITTEN for file in (self.root / name).rglob("*") if file.is_file()):
            text = path.read_text(encoding="utf-8")
            ours = re.sub(r"\b8000\b", str(self.site_port), self.own(text))
            ours = re.sub(r"\b8001\b", str(self.media_port), ours)
            ours = re.sub(r"listen 443 ", f"listen 127.0.0.1:{self.port} ", ours)
            ours = re.sub(r"listen 80;", f"listen 127.0.0.1:{self.plain_port};", ours)
            if ours != text:
                path.write_text(ours, encoding="utf-8")

    # systemd

    def _obey(self, order: str, *rest: str) -> None:
        names = [word for word in rest if word != "--now"]
        if order == "daemon-reload":
            return
        (name,) = names
        if name == "nginx":
            assert order == "reload"
            self._reload_nginx()
        elif name.endswith(".timer"):
            assert order == "enable" and self._unit(name)["OnCalendar"]
        elif order == "stop":
            self._wanted.discard(name)
            if name in self._running:
                self._running.pop(name).stop()
        elif self._unit(f"{name}.service").get("Type") == ["oneshot"]:
            assert order == "start"
            self._run_once(name)
        else:
            assert order == "start" or (order, rest[0]) == ("enable", "--now")
            self._wanted.add(name)

    def _settle(self) -> None:
        """What was started and not stopped meanwhile runs before the next command is typed."""
        for name in self._wanted - set(self._running):
            unit = self._unit(f"{name}.service")
            (command,) = unit["ExecStart"]
            log = self.root / "var" / "log" / f"{name}.log"
            self._running[name] = Server(shlex.split(command), log, environ=self._environ_of(unit))

    def _run_once(self, name: str) -> None:
        self._settle()
        unit = self._unit(f"{name}.service")
        for command in unit["ExecStart"]:
            words = shlex.split(command)
            words[0] = shutil.which(words[0], path=self.environ()["PATH"]) or words[0]
            done = subprocess.run(words, env=self._environ_of(unit), capture_output=True, text=True, check=False)
            if done.returncode:
                raise TypedInVain(f"{command}\n{done.stdout}\n{done.stderr}")

    def _environ_of(self, unit: Mapping[str, list[str]]) -> dict[str, str]:
        """Of a unit: what its EnvironmentFile says, nothing of the shell's."""
        (file,) = unit["EnvironmentFile"]
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        return self.environ(dict(line.split("=", 1) for line in lines if not line.startswith("#")))

    def get(self, path: str, *, address: str, body: int = 0, **headers: str) -> Answer:
        """The answer of nginx over HTTPS to somebody at `address`, who sends a body of so many bytes."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(address, 0))
        with self.trust().wrap_socket(plain, server_hostname=HOST) as secure:
            connection = http.client.HTTPConnection(HOST)
            connection.sock = secure
            connection.request("POST" if body else "GET", path, body=bytes(body) or None, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))

    @property
    def url(self) -> str:
        """Where a visitor finds the site who knows no names."""
        return f"https://127.0.0.1:{self.port}"

    def trust(self) -> ssl.SSLContext:
        """What a browser of the base trusts: the authority of the site alone."""
        return ssl.create_default_context(cafile=str(self.root / "var/lib/training/tls/authority.pem"))

    def get_plain(self, path: str) -> Answer:
        """The answer of nginx over plain HTTP."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=30)
        connection.request("GET", path, headers={"Host": HOST})
        answer = connection.getresponse()
        connection.close()
        return Answer(answer.status, answer.headers, "")

    def units(self) -> list[Path]:
        """The unit files that were written."""
        return sorted((self.root / "etc/systemd/system").iterdir())

    def _unit(self, name: str) -> dict[str, list[str]]:
        """The settings of a unit; each may stand several times."""
        found: dict[str, list[str]] = {}
        for line in (self.root / "etc/systemd/system" / name).read_text(encoding="utf-8").splitlines():
            setting, equals, value = line.partition("=")
            if equals:
                found.setdefault(setting, []).append(value)
        return found

    def _reload_nginx(self) -> None:
        if "nginx" in self._running:
            os.kill(self._running["nginx"].pid, signal.SIGHUP)
            return
        command = [str(self.root / "bin" / "nginx"), "-g", "daemon off;"]
        self._running["nginx"] = Server(command, self.root / "var" / "log" / "nginx.log", environ=self.environ())

    def _logs(self) -> str:
        return "\n".join(server.output() for server in self._running.values())

    def switch_off(self) -> None:
        """Everything that runs here ends."""
        for server in self._running.values():
            server.stop()


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        missing("nginx is missing: apt-get install nginx")
    return found

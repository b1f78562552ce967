"""Where a fault run takes place: a small disk of its own, a database, a real site, relays between all of them."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.support.paths import ROOT
from tests.support.postgres import Cluster
from tests.support.relay import Relay
from tests.support.site import Installation, Site
from tests.support.stoppable import Stoppable

STEPPED: Final = Path(__file__).with_name("stepped")
DISK: Final = "160m"
DURABLE: Final = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "min_wal_size": "2MB",
    "max_wal_size": "16MB",
    "shared_buffers": "16MB",
}
NEW_NAMESPACE: Final = 0x00020000
PRIVATE: Final = 1 << 18 | 1 << 14


class NoRoom(Exception):
    """This machine does not let us make a disk; the message says why."""


class Place:
    """A site with its database on a disk that can be filled. installation: reaches the database without a relay."""

    def __init__(self, folder: Path, server: Stoppable | None) -> None:
        self.disk = folder / "disk"
        self.server = server
        self.candidates = Relay()
        self.database = Relay()
        self.site: Site | None = None
        self._clock = folder / "clock"
        data_dir = self.disk / "var"
        if server is None:
            url = f"sqlite:///{data_dir / 'site.sqlite'}"
            self._of_the_site = self.installation = Installation(data_dir, url)
        else:
            self.installation = Installation(data_dir, server.postgres.create("site"))
            self.database.target = server.cluster.folder / ".s.PGSQL.5432"
            url = f"postgresql+psycopg://tests@127.0.0.1:{self.database.port}/site"
            self._of_the_site = Installation(data_dir, url)
        self.step_clock(0)
        self.installation.must_run("init", "--username=admin", "--name-zh=管理员", "--name-en=Administrator")

    def start_site(self) -> None:
        """The site runs and answers."""
        self.site = self._of_the_site.start(
            PYTHONPATH=f"{STEPPED}{os.pathsep}{ROOT}", SOAK_CLOCK=str(self._clock), LOG_LEVEL="WARNING"
        )
        self.candidates.target = ("127.0.0.1", self.site.port)

    def stop_site(self) -> None:
        """Nobody serves any more."""
        if self.site is not None:
            self.site.server.stop()
            self.site = None

    def step_clock(self, offset_s: int) -> None:
        """The clock of the site is so many seconds off from now on."""
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(str(offset_s), encoding="ascii")
        fresh.replace(self._clock)
        self.offset_s = offset_s

    @property
    def ballast(self) -> Path:
        """What fills the disk."""
        return self.disk / "ballast"

    def fill_disk(self) -> None:
        """Not one block is free any more."""
        with self.ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass

    def close(self) -> None:
        """Nothing of it runs any more."""
        self.stop_site()
        self.candidates.close()
        self.database.close()


@contextmanager
def place(folder: Path, database: str) -> Iterator[Place]:
    """A place in `folder`, with a site that does not run yet. Raises NoRoom, NoPostgres."""
    with ExitStack() as stack:
        stack.enter_context(_disk(folder / "disk"))
        server = None
        if database == "postgresql":
            (folder / "disk" / "pg").mkdir()
            server = Stoppable(Cluster(folder / "disk" / "pg", DURABLE))
            server.cluster.make("--wal-segsize=1")
            stack.callback(server.stop)
            server.start()
        found = Place(folder, server)
        stack.callback(found.close)
        yield found


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A small disk at `folder`, which no other process sees but those that this one starts; it ends with them."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_NAMESPACE) or libc.mount(b"none", b"/", None, PRIVATE, None):
        raise NoRoom(f"a disk to fill takes root: {os.strerror(ctypes.get_errno())}")
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "soak", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoRoom(f"a disk to fill takes root: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False)

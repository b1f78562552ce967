"""Installations with demonstration data: the command `demo` runs once for each kind of database, then it is copied."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.databases import Databases
from tests.support.site import Installation


@contextmanager
def demonstration(databases: Databases, data_dir: Path) -> Iterator[Installation]:
    """An installation of its own in `data_dir`, a folder that does not exist yet."""
    original = databases.folder / "demonstration"
    copies = databases.prepared("demonstration", lambda url: _run_demo(original, url))
    shutil.copytree(original, data_dir)
    url = copies.take()
    try:
        yield Installation(data_dir, url)
    finally:
        copies.give_back(url)


def _run_demo(data_dir: Path, url: str) -> None:
    Installation(data_dir, url).must_run("demo")

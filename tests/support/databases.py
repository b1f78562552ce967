"""Fresh databases for tests: each a copy, made in milliseconds, of one that was prepared once in the run."""

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from tests.support.once import once
from tests.support.postgres import Postgres

Prepare = Callable[[str], Any]
"""Fills the empty database at a url. What it gives can be pickled: it may have run in another process."""


class Databases(Protocol):
    """Databases of one kind, and a folder, shared by the processes of a run, for files that belong to them."""

    folder: Path

    def prepared(self, name: str, prepare: Prepare) -> "Copies":
        """The database `name` filled by `prepare`, once; copies of it can be taken."""


class Copies(Protocol):
    """Copies of one prepared database. gave: what its preparation gave."""

    gave: Any

    def take(self) -> str:
        """The url of a new copy."""

    def give_back(self, url: str) -> None:
        """Deletes the copy."""


class SqliteDatabases:
    """SQLite files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._prepared: dict[str, SqliteCopies] = {}

    def prepared(self, name: str, prepare: Prepare) -> "SqliteCopies":
        """The database `name` filled by `prepare`, once; copies of it can be taken."""
        if name not in self._prepared:
            path = self.folder / f"{name}.sqlite"
            gave = once(self.folder / f"{name}.gave", lambda: self._make(path, prepare))
            self._prepared[name] = SqliteCopies(path, gave)
        return self._prepared[name]

    @staticmethod
    def _make(path: Path, prepare: Prepare) -> Any:
        path.touch()  # an empty file is an empty database
        return prepare(f"sqlite:///{path}")


class SqliteCopies:
    """Copies of one SQLite file whose log is written back."""

    def __init__(self, original: Path, gave: Any) -> None:
        self._original = original
        self.gave = gave
        self._numbers = itertools.count(1)

    def take(self) -> str:
        """The url of a new copy, in a folder of its own for the files that SQLite keeps beside it."""
        folder = self._original.with_name(f"{self._original.stem}-{os.getpid()}-{next(self._numbers)}")
        folder.mkdir()
        return f"sqlite:///{shutil.copyfile(self._original, folder / 'site.sqlite')}"

    def give_back(self, url: str) -> None:
        """Deletes the copy."""
        shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent)


class PostgresDatabases:
    """Databases on one PostgreSQL server, with names that begin with `prefix`, as no other run's do."""

    def __init__(self, server: Postgres, folder: Path, prefix: str) -> None:
        self.folder = folder
        self._server = server
        self._prefix = prefix
        self._prepared: dict[str, PostgresCopies] = {}

    def prepared(self, name: str, prepare: Prepare) -> "PostgresCopies":
        """The database `name` filled by `prepare`, once; copies of it can be taken."""
        if name not in self._prepared:
            original = f"{self._prefix}_{name}"
            gave = once(self.folder / f"{name}.gave", lambda: prepare(self._server.create(original)))
            self._prepared[name] = PostgresCopies(self._server, original, gave)
        return self._prepared[name]


class PostgresCopies:
    """Copies of one PostgreSQL database that nobody is connected to."""

    def __init__(self, server: Postgres, original: str, gave: Any) -> None:
        self._server = server
        self._original = original
        self.gave = gave
        self._numbers = itertools.count(1)

    def take(self) -> str:
        """The url of a new copy."""
        name = f"{self._original}_{os.getpid()}_{next(self._numbers)}"
        return self._server.create(name, template=self._original)

    def give_back(self, url: str) -> None:
        """Deletes the copy."""
        self._server.drop(url.partition("?")[0].rpartition("/")[2])

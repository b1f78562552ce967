"""Fresh databases for tests: each a copy, made in milliseconds, of one that was prepared once."""

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tests.support.postgres import Postgres

Prepare = Callable[[str], None]
"""Fills the empty database at a url."""


class Databases(Protocol):
    """Databases of one kind, and a folder for files that belong to them."""

    folder: Path

    def prepared(self, name: str, prepare: Prepare) -> "Copies":
        """The database `name` filled by `prepare`, once; copies of it can be taken."""


class Copies(Protocol):
    """Copies of one prepared database."""

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
            path.touch()  # an empty file is an empty database
            prepare(f"sqlite:///{path}")
            self._prepared[name] = SqliteCopies(path)
        return self._prepared[name]


class SqliteCopies:
    """Copies of one SQLite file whose log is written back."""

    def __init__(self, original: Path) -> None:
        self._original = original
        self._numbers = itertools.count(1)

    def take(self) -> str:
        """The url of a new copy, in a folder of its own for the files that SQLite keeps beside it."""
        folder = self._original.with_name(f"{self._original.stem}-{next(self._numbers)}")
        folder.mkdir()
        return f"sqlite:///{shutil.copyfile(self._original, folder / 'site.sqlite')}"

    def give_back(self, url: str) -> None:
        """Deletes the copy."""
        shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent)


class PostgresDatabases:
    """Databases on one PostgreSQL server, with names that no other process of this run uses."""

    def __init__(self, server: Postgres, folder: Path) -> None:
        self.folder = folder
        self._server = server
        self._prepared: dict[str, PostgresCopies] = {}

    def prepared(self, name: str, prepare: Prepare) -> "PostgresCopies":
        """The database `name` filled by `prepare`, once; copies of it can be taken."""
        if name not in self._prepared:
            original = f"tests_{os.getpid()}_{name}"
            prepare(self._server.create(original))
            self._prepared[name] = PostgresCopies(self._server, original)
        return self._prepared[name]

    def drop_all(self) -> None:
        """Deletes what was prepared; for a server that is not ours to delete."""
        for copies in self._prepared.values():
            self._server.drop(copies.original)


class PostgresCopies:
    """Copies of one PostgreSQL database that nobody is connected to."""

    def __init__(self, server: Postgres, original: str) -> None:
        self._server = server
        self.original = original
        self._numbers = itertools.count(1)

    def take(self) -> str:
        """The url of a new copy."""
        return self._server.create(f"{self.original}_{next(self._numbers)}", template=self.original)

    def give_back(self, url: str) -> None:
        """Deletes the copy."""
        self._server.drop(url.partition("?")[0].rpartition("/")[2])

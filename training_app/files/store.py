"""The folder of files: each under the digest of its content, whole or not there, readable by the site alone."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

NAME = re.compile(r"[0-9a-f]{62}")
FOLDER = re.compile(r"[0-9a-f]{2}")


def digest_of(content: bytes) -> str:
    """SHA-256 of the content, 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


class Store:
    """Files in `folder`, as ab/cdef… of their digest. quota_bytes: how much they may take together."""

    def __init__(self, folder: Path, *, quota_bytes: int) -> None:
        self._folder = folder
        self.quota_bytes = quota_bytes

    def path_of(self, digest: str) -> Path:
        """Where the file with this digest stands, or would stand."""
        return self._folder / digest[:2] / digest[2:]

    def put(self, content: bytes) -> str:
        """The digest under which `content` is kept; it is on the disk when this returns.

        It is written even when it is there: what is being swept away comes back, what was damaged is whole again.
        """
        digest = digest_of(content)
        path = self.path_of(digest)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for folder in (path.parent, self._folder):
            _sync(folder)
        return digest

    def remove(self, digest: str) -> None:
        """The file is gone, if it was there."""
        with suppress(FileNotFoundError):
            self.path_of(digest).unlink()

    def kept(self) -> Iterator[tuple[str, float]]:
        """Digest of every file, with the time of its writing in seconds since 1970."""
        for path in self._files():
            if FOLDER.fullmatch(path.parent.name) and NAME.fullmatch(path.name):
                with suppress(FileNotFoundError):
                    yield path.parent.name + path.name, path.stat().st_mtime

    def remove_unfinished(self, before: float) -> int:
        """How many files were removed that were begun before this time and never finished."""
        removed = 0
        for path in self._files():
            with suppress(FileNotFoundError):
                if path.name.startswith(".new-") and path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed

    def _files(self) -> Iterator[Path]:
        if self._folder.is_dir():
            yield from sorted(self._folder.glob("??/*"))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

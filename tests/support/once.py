"""What is made once for the whole run, by whichever of its processes comes first."""

import fcntl
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def once(file: Path, make: Callable[[], T]) -> T:
    """What `make` gave to the first who asked, kept in `file`; others wait for it."""
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            made = file.with_suffix(".new")
            made.write_bytes(pickle.dumps(make()))
            made.rename(file)
    return pickle.loads(file.read_bytes())

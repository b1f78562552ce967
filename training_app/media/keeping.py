"""Small files that survive a kill and a power cut."""

import os
from pathlib import Path


def keep(path: Path, content: bytes) -> None:
    """The content stands at `path`, whole, also after a power cut; until then what stood there before."""
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

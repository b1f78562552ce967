"""Processes that a process started, read from /proc."""

from pathlib import Path


def parents() -> dict[int, int]:
    """Process id → id of its parent, of everything that runs now; the dead that nobody has buried left out."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state != "Z":
                found[int(entry.name)] = int(parent)
    return found


def descendants(pid: int) -> list[int]:
    """The processes that `pid` started, and those that they started, the nearest first."""
    of = parents()
    found: list[int] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop(0)
        children = sorted(child for child, its in of.items() if its == parent)
        found += children
        waiting += children
    return found


def runs(pid: int) -> bool:
    """Whether the process is there and not dead."""
    return pid in parents()

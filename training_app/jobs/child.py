"""The child process: one function of ours over pickled arguments, with limits, without a database or a secret.

Run by `children.run_in_child` as `python -m training_app.jobs.child`. What it is to do comes on standard input, the
outcome goes to what was standard output; whatever the function prints goes to standard error.
"""

import ctypes
import importlib
import io
import os
import resource
import signal
import sys

from training_app.jobs.parcels import NotPicklable, packed, unpacked

DATABASE = "sqlite3.connect"
CONNECTION = "socket.connect"


def set_limits(memory_bytes: int, parent: int) -> None:
    """This process ends with its parent, dumps no core and may not take more memory."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, int(signal.SIGKILL))
        if os.getppid() != parent:
            raise SystemExit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    os.nice(5)  # people who wait for a page go first


def refuse_database(event: str, _arguments: object) -> None:
    """An audit hook of the interpreter: the database is opened by the parent alone."""
    if event == DATABASE:
        raise PermissionError("a child process opens no database")


def refuse_connections(event: str, _arguments: object) -> None:
    """An audit hook of the interpreter: nor does a child call anybody, unless that is its work."""
    if event == CONNECTION:
        raise PermissionError("this child process calls nobody")


def outcome_of(work: bytes) -> bytes:
    """What the function returned or raised, pickled: (whether it returned, the value or the exception)."""
    module, name, arguments = unpacked(work)
    try:
        outcome = (True, getattr(importlib.import_module(module), name)(*arguments))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the parent raises it
        outcome = (False, error)
    try:
        parcel = packed(outcome)
        unpacked(parcel)  # an exception may be written and not read again
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - anything may go wrong in a class of another
        return packed((False, NotPicklable(f"{type(outcome[1]).__name__}: {outcome[1]}"[:500])))
    return parcel


def main() -> None:
    """The outcome is on what was standard output; exit status 3 when there was not enough memory."""
    memory_bytes, parent = int(sys.argv[1]), int(sys.argv[2])
    with os.fdopen(os.dup(1), "wb") as answer:
        os.dup2(2, 1)
        work = sys.stdin.buffer.read()
        set_limits(memory_bytes, parent)
        sys.stdin = io.StringIO()
        sys.addaudithook(refuse_database)
        if "may-call" not in sys.argv[3:]:
            sys.addaudithook(refuse_connections)
        try:
            answer.write(outcome_of(work))
        except MemoryError:
            raise SystemExit(3) from None


if __name__ == "__main__":
    main()

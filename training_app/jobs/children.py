"""Long computing in a process of its own, so that no page waits for it: with limits, and without the database."""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from flask_babel import lazy_gettext as _l

from training_app.jobs.parcels import packed, unpacked

log = logging.getLogger("training_app.jobs")

R = TypeVar("R")

KEPT_OF_THE_ENVIRONMENT: Final = ("PATH", "HOME", "LANG", "TZ", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")
LOOKS_UP_EACH_S: Final = 0.25
OUT_OF_MEMORY: Final = 3


class ChildFailed(Exception):
    """The child did not come to an end by itself; the message is a sentence, a lazy translation."""


class Stopped(Exception):
    """The child was ended because nobody wants its outcome any more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a child may take and how much memory. stop: asked now and then; True ends the child.

    may_call: whether it opens connections, as what speaks to the site does; a database never.
    """

    seconds: float = 120.0
    memory_mb: int = 1024
    stop: Callable[[], bool] | None = None
    may_call: bool = False


def run_in_child(function: Callable[..., R], *arguments: object, limits: Limits | None = None) -> R:
    """What `function(*arguments)` returns, computed in a child process; what it raises is raised here.

    function: at the top of one of our modules. Arguments and outcome travel pickled. Raises ChildFailed when it takes
    too long or too much memory or is killed, Stopped when `limits.stop` says so.
    """
    bounds = limits or Limits()
    work = packed((function.__module__, function.__qualname__, arguments))
    child = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "training_app.jobs.child", *_bounds_for_child(bounds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={name: os.environ[name] for name in KEPT_OF_THE_ENVIRONMENT if name in os.environ},
        process_group=0,
    )
    with child:
        try:
            answer, said = _awaited(child, work, bounds)
        finally:
            child.kill()
    if child.returncode == OUT_OF_MEMORY:
        raise ChildFailed(_l("The work took more memory than it may (%(mb)s MB) and was ended.", mb=bounds.memory_mb))
    if child.returncode:
        log.error("a child ended with status %s: %s", child.returncode, said.decode(errors="replace")[-2000:])
        raise ChildFailed(_l("The work ended before it had an outcome (status %(status)s).", status=child.returncode))
    returned, value = unpacked(answer)
    if not returned:
        raise value
    return value  # type: ignore[no-any-return]  # what the function returned


def _bounds_for_child(bounds: Limits) -> list[str]:
    return [str(bounds.memory_mb << 20), str(os.getpid()), *(["may-call"] if bounds.may_call else [])]


def _awaited(child: "subprocess.Popen[bytes]", work: bytes, bounds: Limits) -> tuple[bytes, bytes]:
    until = time.monotonic() + bounds.seconds
    given: bytes | None = work
    while True:
        try:
            return child.communicate(given, timeout=LOOKS_UP_EACH_S)
        except subprocess.TimeoutExpired:
            given = None
        if bounds.stop is not None and bounds.stop():
            raise Stopped
        if time.monotonic() > until:
            raise ChildFailed(
                _l("The work took longer than it may (%(seconds)s s) and was ended.", seconds=f"{bounds.seconds:g}")
            )

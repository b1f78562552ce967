"""The command `training-app` in this process: what it prints and how it ends, without the start of a process."""

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from tests.support.site import Installation
from training_app.cli import main


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended. said: standard output; complained: standard error."""

    status: int
    said: str
    complained: str


def command(installation: Installation, *arguments: str, **environ: str) -> Ended:
    """`training-app ARGUMENTS` with the settings of the installation, run to its end."""
    said, complained = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(complained):
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in installation.environ(**environ).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["training-app", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
    status = end.value.code
    return Ended(status if isinstance(status, int) else 0, said.getvalue(), complained.getvalue())

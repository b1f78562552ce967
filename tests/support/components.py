"""What a test run needs of the machine: in continuous integration a missing part fails, elsewhere it skips the test."""

import os
from typing import NoReturn

import pytest


def is_strict() -> bool:
    """Whether the environment asks that every test runs: CI is set and not a word for no."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}


def missing(reason: str) -> NoReturn:
    """Fails the test under CI=true, else skips it, with the reason."""
    if is_strict():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)

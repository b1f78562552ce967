"""A house in which observations are held, on both databases in turn; its clock stands before their beginning."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.observed import EARLIER, Observed, observed, observed_without_pages
from training_app import clock


@pytest.fixture
def plans(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[Observed]:
    """The same without pages, which is quicker."""
    monkeypatch.setattr(clock, "now", lambda: EARLIER)
    with observed_without_pages(databases) as opened:
        yield opened


@pytest.fixture
def hall(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Observed]:
    """The house, an hour before its observations begin."""
    monkeypatch.setattr(clock, "now", lambda: EARLIER)
    with observed(databases, tmp_path / "var") as opened:
        yield opened

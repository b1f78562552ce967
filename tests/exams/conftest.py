"""A school for each test, on both databases in turn: people, the shipped bank, the criteria."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.examination import Examination, examination
from tests.support.house import House
from tests.support.school import school


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[House]:
    """The site with a few people and the shipped bank."""
    with school(databases, tmp_path / "var") as opened:
        yield opened


@pytest.fixture
def exam(databases: Databases, tmp_path: Path) -> Iterator[Examination]:
    """A house with rooms, trainees and a bank from which sittings can be prepared."""
    with examination(databases, tmp_path / "var") as opened:
        yield opened

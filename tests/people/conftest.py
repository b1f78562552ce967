"""A house with people for each test, on both databases in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.house import House, house


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[House]:
    """The site with a few people of each role."""
    with house(databases, tmp_path / "var") as opened:
        yield opened

"""The house with the shipped bank: what tests of practice, entry test and reader stand on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from question_bank.loading import SHIPPED, load_bank
from tests.support.databases import Databases
from tests.support.house import BEGAN, House, fill, house_over
from training_app.bank.loading import load_content
from training_app.db import Database
from training_app.installation import Installation
from training_app.schema import migrate

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday afternoon at the bases."""
CONTENT = load_bank(SHIPPED)


def _fill_new(url: str) -> None:
    database = Database(url)
    migrate(database)
    with database.write() as session:
        session.add(Installation(id=1, demonstration=False, created_at=BEGAN))
        fill(session)
        load_content(session, CONTENT, origin="shipped", now=BEGAN)
    database.dispose()


@contextmanager
def school(databases: Databases, data_dir: Path) -> Iterator[House]:
    """A school of its own, on a copy of a database that was filled once."""
    with house_over(databases, data_dir, "school", _fill_new) as opened:
        yield opened

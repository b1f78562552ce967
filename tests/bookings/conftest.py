"""A house with people and three bases, and a room in Suzhou with seats and hours, on both databases in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.house import House, house
from training_app.bookings.models import Kit, Room
from training_app.bookings.rooms import add, set_hours
from training_app.bookings.rules import Hours
from training_app.bookings.seating import Layout, lay_out
from training_app.clock import now

WEEK = [Hours(day, *span) for day in range(5) for span in ((510, 720), (810, 1050))]


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[House]:
    """The site with a few people of each role."""
    with house(databases, tmp_path / "var") as opened:
        yield opened


@pytest.fixture
def room(home: House) -> int:
    """An exam room of Suzhou: two rows of three seats, open on weekdays."""
    return new_room(home, "suzhou")


@pytest.fixture
def far_room(home: House) -> int:
    """The same in Shenzhen."""
    return new_room(home, "shenzhen")


@pytest.fixture
def kit(home: House) -> int:
    """A piece of equipment of Suzhou."""
    with home.database.write() as session:
        added = Kit(base_id="suzhou")
        add(session, added, {"name_zh": "摄录设备", "name_en": "Recorder", "note": ""})
        return added.id


def new_room(home: House, base: str) -> int:
    with home.database.write() as session:
        added = Room(base_id=base)
        add(session, added, {"kind": "exam", "name_zh": "梧桐考场", "name_en": "Wutong room", "note": ""})
        set_hours(session, added, WEEK, added.version)
        session.refresh(added)
        lay_out(session, added, Layout(2, 3), seen_version=added.version, now=now())
        return added.id

"""A school for each test, on both databases in turn: people, the shipped bank, the criteria."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.exam_day import ExamDay, exam_day
from tests.support.exam_room import begin_all
from tests.support.examination import Examination, examination, examination_after
from tests.support.house import House
from tests.support.marked import Marked, sat
from tests.support.school import school
from tests.support.watched import Watched
from tests.support.watched import watched as watched_room


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


@pytest.fixture
def day(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExamDay]:
    """The day of an exam with three candidates, and a clock that stands at the time on the tickets."""
    with exam_day(databases, tmp_path / "var", monkeypatch) as opened:
        yield opened


@pytest.fixture
def watched(databases: Databases, tmp_path: Path) -> Iterator[Watched]:
    """A sitting of nine seats in the middle, everybody at work, watched over by two invigilators."""
    with watched_room(databases, tmp_path / "var", seats=9, states=begin_all) as opened:
        yield opened


@pytest.fixture
def marked(databases: Databases, tmp_path: Path) -> Iterator[Marked]:
    """A closed sitting: one candidate had every item right, one half of them, one was absent."""
    with examination_after(databases, tmp_path / "var", "sat", lambda exam: sat(exam).id) as (exam, sitting):
        yield Marked(exam, sitting)


@pytest.fixture
def released(databases: Databases, tmp_path: Path) -> Iterator[Marked]:
    """The same after the release of its results."""
    with examination_after(databases, tmp_path / "var", "released", _released) as (exam, sitting):
        yield Marked(exam, sitting)


def _released(exam: Examination) -> int:
    marked = sat(exam)
    marked.released()
    return marked.id

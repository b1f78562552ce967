"""A school for each test, on both databases in turn: people, the shipped bank, the criteria."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from question_bank.items import Kind
from tests.support.databases import Databases
from tests.support.exam_day import ExamDay, exam_day
from tests.support.exam_room import begin_all
from tests.support.examination import Examination, examination, examination_after
from tests.support.house import House
from tests.support.marked import Marked, sat
from tests.support.school import school
from tests.support.sitting_down import Candidate, candidate, first_of
from tests.support.watched import Watched
from tests.support.watched import watched as watched_room
from training_app.exams.models import Attempt


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[House]:
    """The site with a few people and the shipped bank."""
    with school(databases, tmp_path / "var") as opened:
        yield opened


@pytest.fixture
def me(home: House) -> Candidate:
    """Who sits the entry test in that school."""
    return candidate(home)


@pytest.fixture
def attempt(me: Candidate) -> Attempt:
    """The entry test, begun."""
    return me.start()


@pytest.fixture
def item(me: Candidate, attempt: Attempt) -> int:
    """The version of an item with options."""
    return first_of(me.paper(attempt), Kind.SINGLE).version_id


@pytest.fixture
def options(me: Candidate, attempt: Attempt) -> list[str]:
    """Its options."""
    return [option.id for option in first_of(me.paper(attempt), Kind.SINGLE).item.options]


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

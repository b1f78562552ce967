"""The day of an exam in Suzhou: a prepared sitting with three candidates on their seats, and a clock to be set."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support.databases import Databases
from tests.support.examination import THURSDAY, Examination, examination_after
from tests.support.house import CRITERIA
from training_app.exams.models import Attempt
from training_app.exams.setup.duties import assign
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.seating import allocate_all
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person
from training_app.people.passwords import HASHER
from training_app.people.signed import holder_of
from training_app.web.requests import close_read_session

CANDIDATES = ("trainee", "second.trainee", "third.trainee")
PASSWORD = "a password of the tests"


@dataclass
class ExamDay:
    """The house, the sitting on THURSDAY at nine, its places by sign-in name; `at` sets the clock of the site."""

    exam: Examination
    sitting: int
    places: dict[str, int]
    present: list[datetime] = field(default_factory=lambda: [THURSDAY.astimezone(UTC)])

    def at(self, minutes: float) -> None:
        """It is so many minutes after the time on the tickets, negative before it."""
        self.present[0] = (THURSDAY + timedelta(minutes=minutes)).astimezone(UTC)

    @property
    def now(self) -> datetime:
        """The time of the site."""
        return self.present[0]

    def by(self, username: str) -> By:
        """That person, now."""
        return By(holder_of(self.exam.home.person(username)), "127.0.0.1", self.now)

    def browser(self, username: str) -> FlaskClient:
        """A browser in which the person is signed in."""
        return self.exam.home.signed_in(username)

    def guest(self) -> FlaskClient:
        """A browser in which nobody is signed in; pages are in English."""
        browser = self.exam.home.app.test_client()
        with browser.session_transaction() as cookie:
            cookie["language"] = "en"
        return browser

    def give_password(self, username: str) -> None:
        """The person can sign in with PASSWORD."""
        with self.exam.home.database.write() as session:
            person = session.scalars(select(Person).where(Person.username == username)).unique().one()
            person.password_hash = HASHER.hash(PASSWORD)

    def place(self, username: str = "trainee") -> RosterPlace:
        """The place as stored."""
        with self.exam.home.database.read() as session:
            return session.get_one(RosterPlace, self.places[username])

    def attempt(self, username: str = "trainee") -> Attempt:
        """The attempt as stored."""
        with self.exam.home.database.read() as session:
            return session.get_one(Attempt, session.get_one(RosterPlace, self.places[username]).attempt_id)

    def stored(self) -> Sitting:
        """The sitting as stored."""
        return self.exam.stored(self.sitting)

    def ticket(self, username: str = "trainee") -> str:
        """The number on the ticket."""
        return self.place(username).ticket_number

    def seat(self, username: str = "trainee") -> str:
        """What stands on the desk of that person."""
        seat = self.place(username).seat
        assert seat is not None
        return seat.label

    def come_in(self, username: str = "trainee") -> FlaskClient:
        """A browser of that person, who has come in and confirmed the seat."""
        browser = self.browser(username)
        assert browser.post("/door", data={"ticket": self.ticket(username)}).status_code == 302
        answer = browser.post(f"/places/{self.places[username]}/seat", data={"seat": self.seat(username)})
        assert answer.status_code == 302
        return browser


@contextmanager
def exam_day(databases: Databases, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExamDay]:
    """A day of an exam of its own; it is nine o'clock."""
    with examination_after(databases, data_dir, "exam-day", _prepared) as (exam, (sitting, places)):
        day = ExamDay(exam, sitting, places)
        monkeypatch.setattr("training_app.clock.now", lambda: day.now)
        exam.home.app.before_request_funcs.setdefault(None, []).insert(0, _forget_the_last_request)
        yield day


def _prepared(exam: Examination) -> tuple[int, dict[str, int]]:
    sitting = exam.planned()
    ids = exam.place(sitting, *CANDIDATES)
    exam.act(sitting, lambda session, found, by: allocate_all(session, found, "seed", by))
    watcher = exam.home.number("watcher")
    room = exam.rooms()[0]
    exam.act(sitting, lambda session, found, by: assign(session, found, watcher, room, by=by))
    exam.act(sitting, lambda session, found, by: prepare(session, found, CRITERIA, by))
    return sitting, dict(zip(CANDIDATES, ids, strict=True))


def _forget_the_last_request() -> None:
    # all requests of a test stand in one context of the application, which would remember who asked before
    g.pop("_login_user", None)
    close_read_session()

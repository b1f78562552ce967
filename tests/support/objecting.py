"""Exams after their release: shorthand for tests of score checks, objections and decisions."""

from dataclasses import dataclass
from datetime import timedelta

from flask import g
from flask.testing import FlaskClient

from tests.support.house import CRITERIA
from tests.support.marked import AFTER, Marked
from training_app.exams.marking_models import Objection
from training_app.exams.models import Attempt
from training_app.exams.objections.asking import Asked, ask, own_exam, take_back
from training_app.exams.objections.deciding import decide, void_place
from training_app.exams.objections.evidence import Evidence, evidence_of
from training_app.exams.objections.rules import Decision, Kind
from training_app.exams.sitting_acts import By
from training_app.people.signed import holder_of
from training_app.web.requests import close_read_session

DAYS = 15
TEXT = "The clock stood still for a while and nobody added time."
ANSWER = "The log of the day was read from its first line to its last."


@dataclass(frozen=True, slots=True)
class Appeals:
    """What candidates ask after an exam, and what becomes of it."""

    marked: Marked

    def by(self, username: str, later: timedelta = timedelta(hours=1)) -> By:
        """That person, some time after the release."""
        return By(holder_of(self.marked.exam.home.person(username)), "127.0.0.1", AFTER + later)

    def attempt(self, username: str = "trainee") -> Attempt:
        """The attempt of that person."""
        return self.marked.attempt(username)

    def ask(
        self,
        kind: Kind = Kind.PROCEDURE,
        username: str = "trainee",
        *,
        position: int | None = None,
        text: str = TEXT,
        later: timedelta = timedelta(hours=1),
    ) -> Objection:
        """The person asks about the own exam."""
        attempt_id, by = self.attempt(username).id, self.by(username, later)
        with self.marked.exam.home.database.write() as session:
            attempt = own_exam(session, by.holder, attempt_id)
            return ask(session, attempt, Asked(kind, text, position), days=DAYS, by=by)

    def take_back(self, objection: Objection, username: str = "trainee") -> None:
        """The person takes it back."""
        with self.marked.exam.home.database.write() as session:
            take_back(session, objection.id, self.by(username))

    def decide(
        self, objection: Objection, username: str = "base.admin", decision: Decision = Decision.UPHELD
    ) -> Objection:
        """It is decided."""
        with self.marked.exam.home.database.write() as session:
            return decide(session, objection.id, decision, ANSWER, by=self.by(username, timedelta(hours=2)))

    def void(self, objection: Objection, username: str = "base.admin") -> None:
        """The place is declared void because of it."""
        with self.marked.exam.home.database.write() as session:
            void_place(session, objection.id, "The computer failed.", by=self.by(username, timedelta(hours=3)))

    def browser(self, username: str) -> FlaskClient:
        """A browser in which that person is signed in, beside others."""
        before = self.marked.exam.home.app.before_request_funcs.setdefault(None, [])
        if forget_the_last_request not in before:
            before.insert(0, forget_the_last_request)
        return self.marked.exam.home.signed_in(username)

    def evidence(self, objection: Objection, username: str = "base.admin") -> Evidence:
        """What that person reads."""
        with self.marked.exam.home.database.read() as session:
            return evidence_of(session, self.by(username).holder, objection, CRITERIA)

    def stored(self, objection: Objection) -> Objection:
        """The objection as the database has it."""
        with self.marked.exam.home.database.read() as session:
            return session.get_one(Objection, objection.id)


def forget_the_last_request() -> None:
    """Nobody is signed in yet: all requests of a test stand in one context, which remembers who asked before."""
    g.pop("_login_user", None)
    close_read_session()

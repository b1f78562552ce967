"""Sittings that were sat: shorthand for tests of keys, cut scores, runs, releases and results."""

from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import partial
from typing import TypeVar

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from question_bank.items import Kind
from question_bank.rekeying import KeyCorrection
from question_bank.rng import SeededRandom
from question_bank.scoring import Response, key_response
from tests.support.examination import THURSDAY, Examination, times
from tests.support.house import CRITERIA
from training_app.exams.attempts import PaperItem, paper_of_form
from training_app.exams.demonstration import slip
from training_app.exams.marking.keys import maximum_of, revise_keys
from training_app.exams.marking.releasing import release, requirements
from training_app.exams.marking.scoring import score_sitting
from training_app.exams.marking.simulation import Day, live_through
from training_app.exams.marking.standards import CutScore, confirm_standard, enter_standard
from training_app.exams.marking_models import KeyRevision, Standard
from training_app.exams.models import Attempt, Form, Result, ScoreRun
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.rules import ONE_FORM, FormWishes
from training_app.exams.setup.seating import allocate_all
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.people.signed import holder_of
from training_app.programmes.models import StageResult

T = TypeVar("T")
AFTER = THURSDAY.astimezone(UTC) + timedelta(days=1)
"""The day on which keys and cut score are dealt with."""
SAT = {"trainee": 60, "second.trainee": 30}
"""How many of the first items each candidate answered by the key; the others were missed."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A sitting of an examination, and acts of programme administrators on it."""

    exam: Examination
    id: int

    def by(self, username: str = "head", later: timedelta = timedelta()) -> By:
        """That person, on the day after the sitting."""
        return By(holder_of(self.exam.home.person(username)), "127.0.0.1", AFTER + later)

    def act(self, do: Callable[[Session, Sitting, By], T], username: str = "head") -> T:
        """What `do` gives, in a transaction of its own on the locked sitting."""
        by = self.by(username)
        with self.exam.home.database.write() as session:
            return do(session, sitting_within(session, by.holder, "standards.edit", self.id, to_change=True), by)

    def enter(self, cut: int = 40, username: str = "head") -> Standard:
        """A cut score waits."""
        entered = CutScore(cut, "Angoff, five judges", AFTER.date())
        return self.act(lambda session, found, by: enter_standard(session, found, entered, by), username)

    def confirm(self, standard: Standard, username: str = "second.head") -> Standard:
        """Cut score and keys are confirmed."""
        return self.act(lambda session, found, by: confirm_standard(session, found, standard.id, by=by), username)

    def set_cut(self, cut: int = 40) -> Standard:
        """A confirmed cut score."""
        return self.confirm(self.enter(cut))

    def score(self) -> tuple[int, int]:
        """How many were scored, how many are still due."""
        return score_sitting(self.exam.home.database.write, self.id, AFTER)

    def release(self, username: str = "head") -> None:
        """The results are released."""
        self.act(lambda session, found, by: release(session, found, found.version, by), username)

    def released(self, cut: int = 40) -> Standard:
        """Cut score confirmed, everybody scored, results released."""
        standard = self.set_cut(cut)
        self.score()
        self.release()
        return standard

    def revise(self, changes: dict[int, KeyCorrection | None], username: str = "head") -> KeyRevision:
        """Keys are corrected."""

        def revise(session: Session, found: Sitting, by: By) -> KeyRevision:
            form = session.get_one(Form, found.forms[0].form_id)
            return revise_keys(session, form, changes, reason="the source says otherwise", by=by)

        return self.act(revise, username)

    def stored(self) -> Sitting:
        """The sitting as the database has it."""
        return self.exam.stored(self.id)

    def paper(self) -> tuple[PaperItem, ...]:
        """The form in its order."""
        with self.exam.home.database.read() as session:
            return paper_of_form(session, session.get_one(Sitting, self.id).forms[0].form_id)

    def first(self, kind: Kind = Kind.SINGLE) -> PaperItem:
        """The first item of that kind on the form."""
        return next(place for place in self.paper() if place.item.kind is kind)

    def points(self) -> int:
        """The maximum under the newest keys."""
        with self.exam.home.database.read() as session:
            return maximum_of(session, session.get_one(Sitting, self.id).forms[0].form_id)

    def attempt(self, username: str = "trainee") -> Attempt:
        """The attempt of that person."""
        with self.exam.home.database.read() as session:
            return session.scalars(
                select(Attempt).where(
                    Attempt.sitting_id == self.id, Attempt.person_id == self.exam.home.number(username)
                )
            ).one()

    def results(self, username: str = "trainee") -> list[Result]:
        """Every result of that person, the oldest first."""
        with self.exam.home.database.read() as session:
            return list(
                session.scalars(
                    select(Result)
                    .join(ScoreRun, ScoreRun.id == Result.run_id)
                    .where(Result.attempt_id == self.attempt(username).id)
                    .order_by(Result.run_id)
                )
            )

    def missing(self) -> list[str]:
        """The names of what a release still needs."""
        with self.exam.home.database.read() as session:
            return [one.key for one in requirements(session, session.get_one(Sitting, self.id)) if not one.done]

    def stages(self) -> list[tuple[int, str]]:
        """Evidence and outcome of every stage result of the exam, the oldest first."""
        with self.exam.home.database.read() as session:
            rows = session.scalars(select(StageResult).where(StageResult.stage == "exam").order_by(StageResult.id))
            return [(row.evidence_id, row.outcome) for row in rows]


def missed(place: PaperItem) -> Response:
    """A response that misses the key, the same each time."""
    return slip(place.item, SeededRandom(f"missed/{place.item.id}"))


def sat(exam: Examination, right: dict[str, int] | None = None, forms: FormWishes = ONE_FORM) -> Marked:
    """A closed sitting in Suzhou: each of `right` answered so many items by the key, others were absent."""
    candidates = SAT if right is None else right
    sitting = exam.planned(forms=forms)
    exam.place(sitting, "trainee", "second.trainee", "third.trainee")
    exam.act(sitting, lambda session, found, by: allocate_all(session, found, "a", by))
    exam.act(sitting, lambda session, found, by: prepare(session, found, CRITERIA, by))
    answering = {exam.home.number(name): _answering(count) for name, count in candidates.items()}
    watcher = holder_of(exam.home.person("watcher"))
    with exam.home.database.write() as session:
        live_through(session, Day(sitting, answering, watcher, times().ends_at))
    return Marked(exam, sitting)


def _answering(right: int) -> Callable[[PaperItem], Response]:
    return lambda place: key_response(place.item) if place.position <= right else missed(place)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is signed in. Each request has a context of its own, as on a site, also within that of a test."""

    browser: FlaskClient

    def get(self, path: str) -> TestResponse:
        """What the page answers."""
        return Context().run(self.browser.get, path)

    def post(self, path: str, **what: object) -> TestResponse:
        """What the form answers."""
        return Context().run(partial(self.browser.post, path, **what))


def reader(exam: Examination, username: str) -> Reader:
    """That person, signed in, with pages in English."""
    return Reader(Context().run(exam.home.signed_in, username))

"""Entry tests sat by services: shorthand for tests that need an attempt and its answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from question_bank.items import Item, Kind
from question_bank.scoring import key_response
from tests.support.house import CRITERIA, House
from tests.support.school import NOW
from training_app.exams.answers import Save, hand_in, keep
from training_app.exams.attempts import PaperItem, given_of, paper_of
from training_app.exams.entry import start
from training_app.exams.models import Attempt
from training_app.exams.results import score_attempt
from training_app.people.rules import Holder
from training_app.people.signed import holder_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who sits an entry test in a school."""

    home: House
    holder: Holder

    def start(self, now: datetime = NOW) -> Attempt:
        """The running attempt."""
        with self.home.database.write() as session:
            return start(session, self.holder, CRITERIA, now)

    def paper(self, attempt: Attempt) -> tuple[PaperItem, ...]:
        """The items of the attempt in their order."""
        with self.home.database.read() as session:
            return paper_of(session, attempt)

    def keep(self, attempt: Attempt, save: Save, now: datetime = NOW) -> None:
        """The answer is stored, or refused."""
        with self.home.database.write() as session:
            keep(session, self.holder, attempt.id, save, now=now)

    def given(self, attempt: Attempt) -> dict[int, object]:
        """What counts as the answer of each item, by item version."""
        with self.home.database.read() as session:
            return {version: given.response for version, given in given_of(session, attempt).items()}

    def answer_all(self, attempt: Attempt, *, right: int) -> None:
        """The first `right` items of the paper are answered by their key, the others left open."""
        for place in self.paper(attempt)[:right]:
            self.keep(attempt, Save(place.version_id, 1, key_response(place.item)))

    def hand_in(self, attempt: Attempt, now: datetime = NOW) -> None:
        """The attempt is submitted; it is not scored yet."""
        with self.home.database.write() as session:
            hand_in(session, self.holder, attempt.id, now=now)

    def score(self, attempt: Attempt, now: datetime = NOW) -> None:
        """The submitted attempt is scored."""
        with self.home.database.write() as session:
            score_attempt(session, attempt.id, now)

    def stored(self, attempt: Attempt) -> Attempt:
        """The attempt as the database has it."""
        with self.home.database.read() as session:
            return session.get_one(Attempt, attempt.id)


def candidate(home: House, username: str = "trainee") -> Candidate:
    """The person of that name as a candidate."""
    return Candidate(home, holder_of(home.person(username)))


def first_of(paper: tuple[PaperItem, ...], kind: Kind) -> PaperItem:
    """The first item of that kind on the paper."""
    return next(place for place in paper if place.item.kind is kind)


def wrong_response(item: Item) -> object:
    """A response that can be read and is not the key."""
    if item.numeric is not None:
        return format(item.numeric.errors[0].value, "f")
    if item.elements:
        order = [str(element) for element in key_response(item)]
        return [*order[1:], order[0]]
    if item.premises:
        other = {premise.id: premise.response for premise in item.premises}
        return {premise: next(r.id for r in item.responses if r.id != right) for premise, right in other.items()}
    return [next(option.id for option in item.options if not option.key)]


LATE = timedelta(hours=1)

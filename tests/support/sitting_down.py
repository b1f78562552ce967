"""Entry tests sat by services: shorthand for tests that need an attempt and its answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from question_bank.items import Item, Kind
from question_bank.scoring import key_response
from tests.support.house import CRITERIA, House
from tests.support.school import NOW
from training_app.exams.attempts import PaperItem, given_of, paper_of
from training_app.exams.models import Attempt
from training_app.exams.paper.finishing import hand_in
from training_app.exams.paper.handing_in import close_if_over
from training_app.exams.paper.receiving import Arrival, Reply, receive
from training_app.exams.paper.tokens import Tokens
from training_app.exams.results import score_attempt
from training_app.exams.starting import Test, entry_test, start
from training_app.people.rules import Holder
from training_app.people.signed import holder_of
from training_app.saves import Delivery, Entry

DEVICE = "profile/tab"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who sits an entry test in a school."""

    home: House
    holder: Holder

    def start(self, now: datetime = NOW, test: Test | None = None) -> Attempt:
        """The running attempt, of the entry test when no other is named."""
        with self.home.database.write() as session:
            return start(session, self.holder, test or entry_test(session), CRITERIA, now=now)

    def paper(self, attempt: Attempt) -> tuple[PaperItem, ...]:
        """The items of the attempt in their order."""
        with self.home.database.read() as session:
            return paper_of(session, attempt)

    def arrival(self, attempt: Attempt, now: datetime) -> Arrival:
        """What a delivery of the attempt that comes at `now` is read by."""
        return Arrival(now, Tokens(str(self.home.app.secret_key)).time_of(attempt.id))

    def token_of(self, attempt: Attempt, now: datetime) -> str:
        """The beacon of that moment."""
        return Tokens(str(self.home.app.secret_key)).beacon(attempt.id, now)

    def receive_in(self, session: Session, attempt: Attempt, delivery: Delivery, now: datetime = NOW) -> Reply:
        """What the page would be told, in a transaction that somebody else ends."""
        return receive(session, self.holder, attempt.id, delivery, arrival=self.arrival(attempt, now))

    def deliver(self, attempt: Attempt, delivery: Delivery, now: datetime = NOW) -> Reply:
        """What the page is told of its delivery."""
        with self.home.database.write() as session:
            return self.receive_in(session, attempt, delivery, now)

    def keep(self, attempt: Attempt, *entries: Entry, now: datetime = NOW, device: str = DEVICE) -> Reply:
        """The same, of entries given at `now` where they do not tell."""
        return self.deliver(attempt, Delivery(device, entries), now)

    def given(self, attempt: Attempt) -> dict[int, object]:
        """What counts as the answer of each item, by item version."""
        with self.home.database.read() as session:
            return {version: given.response for version, given in given_of(session, attempt).items()}

    def answer_all(self, attempt: Attempt, *, right: int) -> None:
        """The first `right` items of the paper are answered by their key, the others left open."""
        for place in self.paper(attempt)[:right]:
            self.keep(attempt, Entry(place.version_id, 1, key_response(place.item)))

    def hand_in(self, attempt: Attempt, now: datetime = NOW, *, device: str = DEVICE, **claims: int) -> Reply:
        """The attempt is submitted when nothing is missing of the claims (as `i7=1`); it is not scored yet."""
        claimed = {int(item[1:]): seq for item, seq in claims.items()}
        with self.home.database.write() as session:
            delivery = Delivery(device, claims=claimed)
            return hand_in(session, self.holder, attempt.id, delivery, arrival=self.arrival(attempt, now))

    def close(self, attempt: Attempt, now: datetime) -> bool:
        """Whether the attempt was closed because its time is up."""
        with self.home.database.write() as session:
            return close_if_over(session, session.get_one(Attempt, attempt.id), now)

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

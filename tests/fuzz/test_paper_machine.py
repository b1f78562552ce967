"""Pages, invigilators and the clock do what they like to a paper; what is stored follows a few simple rules.

Everything goes over HTTP, the quick ways of a save and a hand-in included. The model knows no database.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from flask.testing import FlaskClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.items import Kind
from tests.fuzz.effort import tries
from tests.support.databases import Databases
from tests.support.house import House
from tests.support.school import NOW, school
from tests.support.sitting_down import Candidate, candidate
from training_app.exams.day_models import LateEvent, Receipt
from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.paper import clockwork
from training_app.exams.paper.deciding import DELAYED
from training_app.exams.paper.handing_in import close_overdue, submit
from training_app.exams.paper.receipts import recompute
from training_app.exams.paper.standing import TRANSPORT_GRACE

JSON = {"Accept": "application/json"}
PAGES = ("profile/one", "profile/two", "other/one")
SECOND = timedelta(seconds=1)
Number = tuple[int, int]

given_answers = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 6), st.integers(0, 2), st.none() | st.integers(0, 400)),
    max_size=4,
)
"""Of each: item, number, answer, and how many seconds ago it was given as the page says."""


@dataclass
class Model:
    """What a paper must be. piled: numbers on the late pile, each with the answer and the page."""

    deadline: datetime
    state: str = "running"
    holder: str | None = None
    paused_at: datetime | None = None
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    stored: dict[Number, list[str]] = field(default_factory=dict)
    piled: set[tuple[Number, str, tuple[str, ...]]] = field(default_factory=set)

    def close_when_over(self, now: datetime) -> None:
        if self.state == "running" and now > self.deadline + TRANSPORT_GRACE:
            self.state = "submitted"

    def deliver(
        self, page: str, entries: list[tuple[Number, list[str], datetime]], now: datetime, *, takes_over: bool
    ) -> set[Number]:
        """The numbers that the page must hear to be stored."""
        self.close_when_over(now)
        if self.state != "submitted" and (self.holder is None or takes_over):
            self.holder = page
        before, seen, heard = dict(self.stored), dict[Number, list[str]](), set()
        # pauses that are over are looked at only where an answer was long on its way
        pauses = self.pauses if any(now - said_at >= DELAYED for _, _, said_at in entries) else []
        for number, answer, said_at in entries:
            at = min(max(said_at, NOW), now)
            if before.get(number) == answer:
                heard.add(number)
            elif number in before or (number in seen and seen[number] != answer):
                self.piled.add((number, page, tuple(answer)))
            elif number not in seen:
                seen[number] = answer
                if self.counts(page, at, pauses):
                    self.stored[number] = answer
                    heard.add(number)
                else:
                    self.piled.add((number, page, tuple(answer)))
        return heard

    def counts(self, page: str, at: datetime, pauses: list[tuple[datetime, datetime]]) -> bool:
        if self.state == "submitted" or page != self.holder:
            return False
        if self.state == "paused":
            assert self.paused_at is not None
            return at <= self.paused_at
        return at <= self.deadline and not any(begun < at < ended for begun, ended in pauses)


@dataclass
class World:
    """Where the papers are sat, by whom, and what time it is."""

    home: House
    me: Candidate
    browser: FlaskClient
    now: datetime = NOW


class Paper(RuleBasedStateMachine):
    """One new paper of the candidate of `world`, in each run."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.world.now = NOW
        self.attempt = self.world.me.start()
        assert self.attempt.deadline_at is not None
        self.model = Model(self.attempt.deadline_at)
        singles = [place for place in self.world.me.paper(self.attempt) if place.item.kind is Kind.SINGLE]
        self.items = [(place.version_id, [option.id for option in place.item.options]) for place in singles[:3]]

    # what happens

    @rule(page=st.sampled_from(PAGES), given=given_answers, takes_over=st.booleans())
    def a_page_saves(self, page: str, given: list, takes_over: bool) -> None:
        self.deliver("saves", page, given, takes_over=takes_over)

    @rule(page=st.sampled_from(PAGES), given=given_answers, lies=st.booleans())
    def a_page_hands_in(self, page: str, given: list, lies: bool) -> None:
        claims = dict(sorted(self.model.stored))
        never_given = {self.items[0][0]: 99} if lies else {}
        reply = self.deliver("hand-in", page, given, claims={**claims, **never_given})
        assert [one["seq"] for one in reply["missing"]] == [99] * lies
        if not lies and page == self.model.holder and self.model.state == "running":
            self.model.state = "submitted"

    @rule(seconds=st.sampled_from([1, 2, 19, 20, 45, 61, 300, 1700]))
    def time_passes(self, seconds: int) -> None:
        self.world.now += seconds * SECOND

    @rule(seconds=st.sampled_from([1, 5, 90]))
    def the_clock_is_set_back(self, seconds: int) -> None:
        self.world.now = max(NOW, self.world.now - seconds * SECOND)

    @precondition(
        lambda self: self.model.state == "running" and self.world.now <= self.model.deadline + TRANSPORT_GRACE
    )
    @rule()
    def an_invigilator_pauses(self) -> None:
        with self.world.home.database.write() as session:
            clockwork.pause(session, self.stands_in(session), reason="x", by=None, now=self.world.now)
        self.model.state, self.model.paused_at = "paused", self.world.now

    @precondition(lambda self: self.model.state == "paused")
    @rule()
    def an_invigilator_resumes(self) -> None:
        with self.world.home.database.write() as session:
            clockwork.resume(session, self.stands_in(session), reason="x", by=None, now=self.world.now)
        begun, now = self.model.paused_at, self.world.now
        assert begun is not None
        added = max(timedelta(), -((begun - now) // SECOND) * SECOND)
        if added:
            self.model.pauses.append((now - added, now))
        self.model.deadline += added
        self.model.state, self.model.paused_at = "running", None

    @precondition(lambda self: self.model.state == "running")
    @rule()
    def the_worker_looks_at_the_clock(self) -> None:
        with self.world.home.database.write() as session:
            close_overdue(session, self.world.now)
        self.model.close_when_over(self.world.now)

    # what must hold

    @invariant()
    def what_is_stored_is_what_must_be(self) -> None:
        with self.world.home.database.read() as session:
            rows = session.scalars(select(ResponseEvent).where(ResponseEvent.attempt_id == self.attempt.id)).all()
            late = session.scalars(select(LateEvent).where(LateEvent.attempt_id == self.attempt.id)).all()
            attempt = session.get_one(Attempt, self.attempt.id)
            assert {(row.item_version_id, row.client_seq): row.payload for row in rows} == self.model.stored
            piled = {((row.item_version_id, row.client_seq), row.device, tuple(row.payload)) for row in late}
            assert {(number, page) for number, page, _ in piled} == {
                (number, page) for number, page, _ in self.model.piled
            }
            assert (attempt.state, attempt.deadline_at) == (self.model.state, self.model.deadline)
            assert (session.get(Receipt, attempt.id) is not None) == (self.model.state == "submitted")
            assert recompute(session, attempt).is_sound

    def teardown(self) -> None:
        with self.world.home.database.write() as session:
            submit(session, self.stands_in(session), reason="the end", by=None, now=self.world.now)

    def stands_in(self, session: Session) -> Attempt:
        return session.get_one(Attempt, self.attempt.id)

    def deliver(self, to: str, page: str, given: list, **fields: object) -> dict:
        now = self.world.now
        entries = []
        for which, seq, choice, ago in given:
            version, options = self.items[which]
            answer = [] if not choice else [options[choice - 1]]
            entries.append(((version, seq), answer, now - (ago or 0) * SECOND))
        takes_over = bool(fields.pop("takes_over", False))
        body = {
            "device": page,
            "entries": [
                {"item": number[0], "seq": number[1], "payload": answer, "at": at.isoformat()}
                for number, answer, at in entries
            ],
            "take_over": takes_over,
            **fields,
        }
        answer_ = self.world.browser.post(f"/attempts/{self.attempt.id}/{to}", json=body, headers=JSON)
        assert answer_.status_code == 200, answer_.get_data(as_text=True)
        reply: dict = answer_.get_json()
        must = self.model.deliver(page, entries, now, takes_over=takes_over)
        assert {(one["item"], one["seq"]) for one in reply["stored"]} == must
        assert not reply["refused"]
        return reply


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[House]:
    with school(databases, tmp_path / "var") as opened:
        yield opened


def test_a_paper_keeps_its_rules_whatever_pages_and_clocks_do(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Paper.world = World(home, candidate(home), home.signed_in("trainee"))
    monkeypatch.setattr("training_app.clock.now", lambda: world.now)
    run_state_machine_as_test(Paper, settings=tries(8, steps=25))

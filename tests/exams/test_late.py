"""The late pile as a person decides it: appended at the end of the chain or refused, once, not after the release."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from question_bank.items import Kind
from tests.support.house import House
from tests.support.school import NOW
from tests.support.sitting_down import Candidate, candidate, first_of
from training_app.errors import Conflict
from training_app.exams.day_models import LateEvent, Receipt
from training_app.exams.invariants import exam_findings
from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.paper.handing_in import close_overdue
from training_app.exams.paper.late import decide_late
from training_app.exams.paper.receipts import recompute
from training_app.exams.paper.standing import TRANSPORT_GRACE
from training_app.exams.sitting_acts import By
from training_app.people.signed import holder_of
from training_app.saves import Entry

AFTER = timedelta(hours=2)


@pytest.fixture
def attempt(me: Candidate) -> Attempt:
    """An attempt with one answer in time and a later one to the same item on the pile."""
    attempt = me.start()
    item = first_of(me.paper(attempt), Kind.SINGLE)
    first, second = (option.id for option in item.item.options[:2])
    me.keep(attempt, Entry(item.version_id, 1, [first]))
    me.hand_in(attempt, **{f"i{item.version_id}": 1})
    me.keep(attempt, Entry(item.version_id, 2, [second]), now=NOW + timedelta(seconds=5))
    return attempt


def decide(home: House, attempt: Attempt, *, accepted: bool) -> None:
    by = By(holder_of(home.person("base.admin")), None, NOW + AFTER)
    with home.database.write() as session:
        event = session.scalars(select(LateEvent).where(LateEvent.attempt_id == attempt.id)).one()
        decide_late(session, event, accepted=accepted, reason="seen on the screen", by=by)


def decided(home: House) -> LateEvent:
    with home.database.read() as session:
        return session.scalars(select(LateEvent)).one()


def test_an_accepted_answer_counts_and_the_receipt_keeps_the_head_of_the_hand_in(
    home: House, me: Candidate, attempt: Attempt
) -> None:
    before = me.given(attempt)
    decide(home, attempt, accepted=True)
    (item, response), *_ = me.given(attempt).items()
    with home.database.read() as session:
        report = recompute(session, session.get_one(Attempt, attempt.id))
        appended = session.scalars(select(ResponseEvent).where(ResponseEvent.late_event_id.is_not(None))).one()
        receipt = session.get_one(Receipt, attempt.id)
        assert list(exam_findings(session)) == []
    assert response != before[item] and (appended.client_seq, appended.server_seq) == (2, 2)
    assert (report.is_sound, report.accepted_later, receipt.head_seq) == (True, 1, 1)


def test_a_refused_answer_changes_nothing_and_keeps_who_said_so_and_why(
    home: House, me: Candidate, attempt: Attempt
) -> None:
    before = me.given(attempt)
    decide(home, attempt, accepted=False)
    found = decided(home)
    assert me.given(attempt) == before
    assert (found.decision, found.reason, found.decided_by) == (
        "refused",
        "seen on the screen",
        home.number("base.admin"),
    )


def test_nobody_decides_twice(home: House, attempt: Attempt) -> None:
    decide(home, attempt, accepted=False)
    with pytest.raises(Conflict, match="already"):
        decide(home, attempt, accepted=True)
    assert decided(home).decision == "refused"


def test_nothing_counts_after_the_release(home: House, me: Candidate, attempt: Attempt) -> None:
    me.score(attempt)
    with pytest.raises(Conflict, match="released"):
        decide(home, attempt, accepted=True)
    assert decided(home).decision is None


def test_a_decision_without_its_answer_is_found(home: House, attempt: Attempt) -> None:
    with home.database.write() as session:
        found = session.scalars(select(LateEvent)).one()
        found.decision, found.decided_at = "accepted", NOW
    with home.database.read() as session:
        assert [finding.message for finding in exam_findings(session)] == [
            "a late answer counts, or does not, against its decision"
        ]


def test_overdue_attempts_are_closed_by_whoever_passes_and_once(home: House, me: Candidate) -> None:
    ran_out, runs = me.start(), candidate(home, "far.trainee")
    later = NOW + timedelta(minutes=20) + TRANSPORT_GRACE + timedelta(seconds=1)
    running = runs.start(later - timedelta(minutes=1))
    with home.database.write() as session:
        assert close_overdue(session, later) == 1
        assert close_overdue(session, later) == 0
    assert [me.stored(ran_out).state, me.stored(running).state] == ["submitted", "running"]
    with home.database.read() as session:
        assert session.get(Receipt, ran_out.id) is not None

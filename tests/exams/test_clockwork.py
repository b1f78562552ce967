"""The clock of an attempt: begun once, moved only by events, stopped and let go on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.support.examination import Examination
from tests.support.house import CRITERIA
from tests.support.school import NOW
from training_app.errors import Conflict
from training_app.exams.day_models import DeadlineEvent
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.paper.clockwork import add_time, begin, change_state, pause, resume
from training_app.exams.paper.standing import TRANSPORT_GRACE, standing
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.seating import allocate_all

LENGTH = timedelta(minutes=90)
MORE = timedelta(minutes=10)


@pytest.fixture
def attempt(exam: Examination) -> int:
    """The id of an attempt that waits for its start."""
    sitting = exam.planned()
    exam.place(sitting, "trainee")
    exam.act(sitting, lambda session, found, by: allocate_all(session, found, "a", by))
    exam.act(sitting, lambda session, found, by: prepare(session, found, CRITERIA, by))
    with exam.home.database.read() as session:
        return session.scalars(select(Attempt.id)).one()


def act(exam: Examination, attempt: int, do: Callable[[Session, Attempt], object]) -> object:
    """What `do` gives, in a transaction of its own."""
    with exam.home.database.write() as session:
        return do(session, session.get_one(Attempt, attempt))


def started(exam: Examination, attempt: int, personal_s: int = 0) -> bool:
    def do(session: Session, found: Attempt) -> bool:
        return begin(session, found, length_s=int(LENGTH.total_seconds()), personal_s=personal_s, now=NOW)

    return bool(act(exam, attempt, do))


def paused(exam: Examination, attempt: int, after: timedelta) -> None:
    act(exam, attempt, lambda session, found: pause(session, found, reason="power", by=None, now=NOW + after))


def resumed(exam: Examination, attempt: int, after: timedelta) -> object:
    return act(exam, attempt, lambda session, found: resume(session, found, reason="power", by=None, now=NOW + after))


def stored(exam: Examination, attempt: int) -> Attempt:
    with exam.home.database.read() as session:
        return session.get_one(Attempt, attempt)


def added(exam: Examination, attempt: int) -> list[tuple[str, int]]:
    with exam.home.database.read() as session:
        rows = session.execute(
            select(DeadlineEvent.kind, DeadlineEvent.seconds)
            .where(DeadlineEvent.attempt_id == attempt)
            .order_by(DeadlineEvent.id)
        )
        return [(row.kind, row.seconds) for row in rows]


def test_it_begins_once_with_the_personal_time(exam: Examination, attempt: int) -> None:
    assert [started(exam, attempt, 600), started(exam, attempt, 600)] == [True, False]
    found = stored(exam, attempt)
    assert (found.state, found.started_at, found.deadline_at) == ("running", NOW, NOW + LENGTH + MORE)
    assert added(exam, attempt) == [("personal", 600)]


def test_time_is_added_at_any_moment_of_the_run(exam: Examination, attempt: int) -> None:
    started(exam, attempt)
    person = exam.home.number("base.admin")
    for seconds in (60, 120):
        act(
            exam,
            attempt,
            lambda session, found, seconds=seconds: add_time(
                session, found, seconds, kind="compensation", reason="line cut", by=person, now=NOW
            ),
        )
    assert stored(exam, attempt).deadline_at == NOW + LENGTH + timedelta(minutes=3)
    assert added(exam, attempt) == [("compensation", 60), ("compensation", 120)]


def test_a_pause_costs_nothing(exam: Examination, attempt: int) -> None:
    started(exam, attempt)
    paused(exam, attempt, timedelta(minutes=20))
    still = stored(exam, attempt)
    assert still.deadline_at and still.paused_at and still.deadline_at - still.paused_at == timedelta(minutes=70)
    assert resumed(exam, attempt, timedelta(minutes=50, milliseconds=1)) == 1801
    assert stored(exam, attempt).deadline_at == NOW + LENGTH + timedelta(seconds=1801)
    assert added(exam, attempt) == [("pause", 1801)]


def test_nothing_moves_the_clock_of_an_attempt_that_does_not_run(exam: Examination, attempt: int) -> None:
    for do in (
        lambda session, found: add_time(session, found, 60, kind="compensation", reason="", by=None, now=NOW),
        lambda session, found: pause(session, found, reason="", by=None, now=NOW),
        lambda session, found: resume(session, found, reason="", by=None, now=NOW),
    ):
        with pytest.raises(Conflict):
            act(exam, attempt, do)
    assert added(exam, attempt) == []


def test_a_clock_that_was_set_back_in_a_pause_takes_no_time_away(exam: Examination, attempt: int) -> None:
    started(exam, attempt)
    deadline = stored(exam, attempt).deadline_at
    paused(exam, attempt, timedelta(minutes=10))
    assert resumed(exam, attempt, timedelta(minutes=4)) == 0
    assert (stored(exam, attempt).state, stored(exam, attempt).deadline_at) == ("running", deadline)


def test_it_is_paused_once_and_not_after_its_time(exam: Examination, attempt: int) -> None:
    started(exam, attempt)
    with pytest.raises(Conflict):
        paused(exam, attempt, LENGTH + TRANSPORT_GRACE + timedelta(seconds=1))
    paused(exam, attempt, timedelta(minutes=1))
    with pytest.raises(Conflict):
        paused(exam, attempt, timedelta(minutes=2))


def test_a_state_changes_once_and_stands_in_the_log(exam: Examination, attempt: int) -> None:
    moved = [
        act(
            exam,
            attempt,
            lambda session, found: change_state(session, found, "created", "waiting", "entered", by=None, at=NOW),
        )
        for _ in range(2)
    ]
    assert moved == [True, False]
    with exam.home.database.read() as session:
        reasons = session.scalars(select(AttemptEvent.reason).where(AttemptEvent.to_state == "waiting")).all()
    assert reasons == ["entered"]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(), "running"),
        (LENGTH, "running"),
        (LENGTH + timedelta(seconds=1), "closing"),
        (LENGTH + TRANSPORT_GRACE, "closing"),
        (LENGTH + TRANSPORT_GRACE + timedelta(microseconds=1), "over"),
    ],
)
def test_the_deadline_is_read_from_the_clock(exam: Examination, attempt: int, after: timedelta, expected: str) -> None:
    started(exam, attempt)
    assert standing(stored(exam, attempt), NOW + after) == expected


def test_the_log_of_deadlines_only_grows(exam: Examination, attempt: int) -> None:
    started(exam, attempt, 600)
    with pytest.raises(Exception, match="append-only"), exam.home.database.write() as session:
        session.execute(text("DELETE FROM deadline_event"))

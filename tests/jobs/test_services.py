"""Jobs from beginning to end: each step is taken by one, and only by who holds the job."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from question_bank.texts import Text
from tests.support.house import House
from training_app.db import Database
from training_app.errors import Conflict
from training_app.jobs import services
from training_app.jobs.models import Job
from training_app.jobs.services import MOST_ATTEMPTS, STALE_AFTER, Claimed, LostClaim

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
LATER = NOW + STALE_AFTER
KINDS = ("count",)


def claimed(home: House, claim: str = "me", now: datetime = NOW) -> Claimed | None:
    with home.app.app_context(), home.database.write() as session:
        return services.claim_next(session, claim, KINDS, now)


def taken_back(home: House, now: datetime, unrepeatable: tuple[str, ...] = ()) -> int:
    with home.app.app_context(), home.database.write() as session:
        return services.take_back_lost(session, unrepeatable, now)


def test_the_oldest_waiting_job_is_taken_first_and_once(home: House, order, stored) -> None:
    first, second = order("count", NOW, arguments={"to": 3}), order("count", NOW)
    taken = claimed(home)
    assert taken == Claimed(first, "count", "me", {"to": 3})
    assert (stored(first).state, stored(first).attempts, stored(second).state) == ("running", 1, "waiting")
    assert [job.id for job in (claimed(home),) if job] == [second] and claimed(home) is None


def test_of_many_workers_each_job_is_taken_by_one(home: House, order) -> None:
    wanted = {order("count", NOW) for _ in range(20)}
    barrier, taken = threading.Barrier(6), []

    def work(number: int) -> None:
        own = Database(home.database.url.render_as_string(hide_password=False))  # as another process has it
        barrier.wait(30)
        with home.app.app_context():
            while True:
                with own.write() as session:
                    job = services.claim_next(session, f"worker {number}", KINDS, NOW)
                if job is None:
                    break
                taken.append(job.id)
        own.dispose()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == sorted(wanted)


def test_a_second_job_for_the_same_subject_is_refused_while_the_first_stands(home: House, order, stored) -> None:
    first = order("count", NOW, subject="form 3")
    other = order("count", NOW, subject="form 4")
    with pytest.raises(Conflict, match="waits or runs already"):
        order("count", NOW, subject="form 3")
    with home.database.read() as session:
        assert services.standing(session, "count", "form 3").id == first
        assert services.standing(session, "count").id == other
        assert services.standing(session, "other") is None
    with home.database.write() as session:
        services.ask_to_cancel(session, session.get_one(Job, first), NOW)
    assert stored(order("count", NOW, subject="form 3")).state == "waiting"


def test_work_of_an_unknown_kind_fails_with_a_sentence(home: House, order, stored) -> None:
    number = order("of another version", NOW)
    assert claimed(home) is None
    assert (stored(number).state, stored(number).message_en) == (
        "failed",
        "This version of the site does not know this kind of work.",
    )


# workers that die


def test_the_job_of_a_worker_without_a_sign_of_life_waits_again(home: House, order, stored) -> None:
    number = order("count", NOW)
    claimed(home)
    assert taken_back(home, LATER - timedelta(seconds=1)) == 0
    assert taken_back(home, LATER) == 1 and taken_back(home, LATER) == 0
    assert (stored(number).state, stored(number).claim) == ("waiting", None)


def test_a_dead_worker_is_found_dead_also_after_the_clock_was_set_back(home: House, order, stored) -> None:
    number = order("count", NOW)
    claimed(home, now=NOW + timedelta(days=1))
    assert (taken_back(home, NOW), stored(number).state) == (1, "waiting")


def test_a_sign_of_life_keeps_it(home: House, order) -> None:
    order("count", NOW)
    job = claimed(home)
    with home.database.write() as session:
        assert services.beat(session, job, LATER - timedelta(seconds=1))
    assert taken_back(home, LATER) == 0


def test_a_worker_that_lost_its_job_writes_nothing_of_it_any_more(home: House, order, stored) -> None:
    number = order("count", NOW)
    slow = claimed(home, "slow")
    taken_back(home, LATER)
    claimed(home, "other", LATER)
    for write in (
        lambda session: services.beat(session, slow, LATER),
        lambda session: services.report(session, slow, 1, total=2, message=Text(zh="", en="")),
        lambda session: services.end(session, slow, "done", LATER),
        lambda session: services.give_back(session, slow),
    ):
        with pytest.raises(LostClaim), home.database.write() as session:
            write(session)
    assert (stored(number).state, stored(number).claim, stored(number).progress) == ("running", "other", 0)


def test_a_job_that_ends_its_worker_again_and_again_fails_with_a_sentence(home: House, order, stored) -> None:
    number, moment = order("count", NOW), NOW
    for _ in range(MOST_ATTEMPTS):
        claimed(home, now=moment)
        moment += STALE_AFTER
        taken_back(home, moment)
    job = stored(number)
    assert (job.state, job.attempts, job.ended_at) == ("failed", MOST_ATTEMPTS, moment)
    assert "The worker ended 3 times" in job.message_en and job.message_zh != ""


def test_what_cannot_be_begun_again_fails_with_a_sentence(home: House, order, stored) -> None:
    number = order("count", NOW)
    claimed(home)
    assert taken_back(home, LATER, ("count",)) == 1
    assert stored(number).state == "failed" and "cannot be begun a second time" in stored(number).message_en


def test_two_who_look_after_the_dead_at_once_take_a_job_back_once(home: House, order, stored) -> None:
    number = order("count", NOW)
    claimed(home)
    barrier, counts = threading.Barrier(4), []

    def look() -> None:
        barrier.wait(30)
        counts.append(taken_back(home, LATER))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counts) == [0, 0, 0, 1] and stored(number).state == "waiting"


# cancelling


def test_a_waiting_job_is_cancelled_at_once(home: House, order, stored) -> None:
    number = order("count", NOW)
    with home.database.write() as session:
        services.ask_to_cancel(session, session.get_one(Job, number), NOW)
    assert stored(number).state == "cancelled" and claimed(home) is None


def test_a_running_job_hears_of_it_at_its_next_sign_of_life(home: House, order, stored) -> None:
    number = order("count", NOW)
    job = claimed(home)
    with home.database.write() as session:
        services.ask_to_cancel(session, session.get_one(Job, number), NOW)
        assert stored(number).state == "running"
    with home.database.write() as session:
        assert not services.beat(session, job, NOW)


def test_a_cancelled_job_of_a_dead_worker_is_not_begun_again(home: House, order, stored) -> None:
    number = order("count", NOW)
    claimed(home)
    with home.database.write() as session:
        services.ask_to_cancel(session, session.get_one(Job, number), NOW)
    taken_back(home, LATER)
    assert stored(number).state == "cancelled"


def test_what_has_ended_cannot_be_cancelled(home: House, order) -> None:
    number = order("count", NOW)
    job = claimed(home)
    with home.database.write() as session:
        services.end(session, job, "done", NOW, result={"counted": 3})
    with pytest.raises(Conflict, match="is done or was ended"), home.database.write() as session:
        services.ask_to_cancel(session, session.get_one(Job, number), NOW)


# afterwards


def test_results_are_kept_for_a_year(home: House, order, stored) -> None:
    number = order("count", NOW)
    job = claimed(home)
    with home.database.write() as session:
        services.end(session, job, "done", NOW, result={"counted": 3})
    waiting = order("count", NOW)
    with home.database.write() as session:
        assert services.forget_old(session, NOW + timedelta(days=364)) == 0
    assert stored(number).result == {"counted": 3}
    with home.database.write() as session:
        assert services.forget_old(session, NOW + timedelta(days=365)) == 1
        assert list(session.scalars(select(Job.id))) == [waiting]

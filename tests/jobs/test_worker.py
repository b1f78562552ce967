"""The worker: jobs done, refused, cancelled, lost, given back; signs of life; nothing ends it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from tests.jobs import children_at_work as at_work
from tests.support.house import House
from training_app.errors import Refused
from training_app.installation import Installation
from training_app.jobs import holding, worker
from training_app.jobs.children import Limits, run_in_child
from training_app.jobs.models import Job
from training_app.jobs.services import ask_to_cancel
from training_app.jobs.worker import run_one
from training_app.registry import JobKind, Turn

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)


def one(loop, home: House) -> bool:
    with home.app.app_context():
        return run_one(loop)


def cancel(home: House, number: int) -> None:
    with home.database.write() as session:
        ask_to_cancel(session, session.get_one(Job, number), NOW)


def test_a_job_is_done_and_its_result_kept(home: House, loop_with, order, stored) -> None:
    def count(work):
        for number in range(1, work.arguments["to"] + 1):
            work.step(number, work.arguments["to"], _l("Home"))
        return {"counted": work.arguments["to"]}

    loop = loop_with(count=JobKind("Counting", count))
    number = order("count", NOW, arguments={"to": 3})
    assert one(loop, home) and not one(loop, home)
    job = stored(number)
    assert (job.state, job.progress, job.total, job.result) == ("done", 3, 3, {"counted": 3})
    assert job.started_at and job.ended_at and job.claim is None


def test_progress_and_words_are_seen_meanwhile_in_both_languages(home: House, loop_with, order, stored) -> None:
    seen = []

    def count(work):
        work.step(1, 3, _l("Home"))
        job = stored(number)
        seen.append((job.state, job.progress, job.total, job.message_zh, job.message_en))

    number = order("count", NOW)
    one(loop_with(count=JobKind("Counting", count)), home)
    assert seen == [("running", 1, 3, "首页", "Home")]


def test_a_refusal_is_told_and_an_error_is_not_shown(home: House, loop_with, order, stored) -> None:
    def refuse(work):
        raise Refused(_l("Home"))

    def break_down(work):
        raise RuntimeError("a value of somebody")

    refused, broken = order("refuse", NOW), order("break_down", NOW)
    loop = loop_with(refuse=JobKind("", refuse), break_down=JobKind("", break_down))
    assert one(loop, home) and one(loop, home)
    assert (stored(refused).state, stored(refused).message_zh, stored(refused).message_en) == ("failed", "首页", "Home")
    assert stored(broken).state == "failed" and "the site's log says why" in stored(broken).message_en


def test_a_cancelled_job_ends_at_its_next_step(home: House, loop_with, order, stored) -> None:
    steps = []

    def count(work):
        for step in range(1, 1000):
            steps.append(step)
            work.step(step, 1000)
            cancel(home, number)
            work._told = float("-inf")

    number = order("count", NOW)
    one(loop_with(count=JobKind("", count)), home)
    assert stored(number).state == "cancelled" and steps == [1, 2]


def test_a_cancelled_job_ends_its_child(home: House, loop_with, order, stored) -> None:
    def compute(work):
        cancel(home, number)
        run_in_child(at_work.wait_for_ever, limits=Limits(stop=work.is_over))

    number = order("compute", NOW)
    one(loop_with(beats_each_s=0.05, compute=JobKind("", compute)), home)
    assert stored(number).state == "cancelled"


def test_a_worker_that_stops_gives_its_job_back(home: House, loop_with, order, stored) -> None:
    def count(work):
        loop.stop.set()
        work.step(1)

    number = order("count", NOW)
    loop = loop_with(count=JobKind("", count))
    one(loop, home)
    assert (stored(number).state, stored(number).attempts) == ("waiting", 0)


def test_signs_of_life_go_out_while_a_job_computes(home: House, loop_with, order, stored) -> None:
    heard = threading.Event()

    def compute(work):
        with home.database.write() as session:
            session.execute(update(Job).values(heartbeat_at=LONG_AGO))
        while stored(number).heartbeat_at == LONG_AGO:
            assert not heard.wait(0.02)

    number = order("compute", NOW)
    one(loop_with(beats_each_s=0.05, compute=JobKind("", compute)), home)
    assert stored(number).state == "done"


def test_who_lost_a_job_undoes_what_it_was_writing(home: House, loop_with, order, stored) -> None:
    """A worker stood still for long, and another has taken its job: the first one's transaction comes to nothing."""

    def write(work):
        with home.database.write() as session:
            session.execute(update(Job).values(claim="another"))
        with work.write() as session:
            session.add(Installation(id=1, demonstration=True, created_at=NOW))

    number = order("write", NOW)
    one(loop_with(write=JobKind("", write)), home)
    with home.database.read() as session:
        assert session.scalars(select(Installation)).all() == []
    assert (stored(number).state, stored(number).claim) == ("running", "another")


def test_a_job_of_a_dead_worker_is_done_by_the_next(home: House, loop_with, order, stored) -> None:
    number = order("count", NOW)
    loop = loop_with(count=JobKind("", lambda _work: {"counted": 1}))
    with home.database.write() as session:
        session.execute(
            update(Job).values(state="running", claim="dead", heartbeat_at=LONG_AGO, started_at=LONG_AGO, attempts=1)
        )
    assert one(loop, home)
    assert (stored(number).state, stored(number).attempts, stored(number).result) == ("done", 2, {"counted": 1})


def test_a_job_is_left_for_later_when_the_database_goes_away(home: House, loop_with, order, stored) -> None:
    def lose(work):
        raise OperationalError("SELECT", {}, Exception("gone"))

    number = order("lose", NOW)
    one(loop_with(lose=JobKind("", lose)), home)
    assert stored(number).state == "running", "without signs of life it is taken up again"


def test_two_workers_never_run_one_job_twice(home: House, loop_with, order, stored) -> None:
    ran = []
    loops = [loop_with(count=JobKind("", lambda work: ran.append(work.arguments["n"]))) for _ in range(2)]
    numbers = [order("count", NOW, arguments={"n": n}) for n in range(12)]

    def work(loop) -> None:
        with home.app.app_context():
            while run_one(loop):
                pass

    threads = [threading.Thread(target=work, args=(loop,)) for loop in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(ran) == list(range(12)) and {stored(number).state for number in numbers} == {"done"}


@pytest.mark.parametrize("error", [RuntimeError("broke"), OperationalError("SELECT", {}, Exception("gone"))])
def test_an_error_of_the_worker_itself_does_not_end_it(
    home: House, loop_with, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    took = threading.Event()
    loop = loop_with()
    loop.registry.turns["turn"] = Turn(lambda _session, _now: took.set() or 0, every_s=0)
    rounds = iter([error])

    def raise_first(_loop) -> bool:
        for found in rounds:
            raise found
        loop.stop.set()
        return False

    monkeypatch.setattr(worker, "run_one", raise_first)
    monkeypatch.setattr(worker, "WAITS_WHEN_FAILING_S", 0.01)
    for thread in worker.start(loop):
        thread.join(30)
        assert not thread.is_alive()
    assert took.is_set()


def test_a_fast_job_writes_now_and_then_only(home: House, loop_with, order, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(holding.services, "report", lambda *_a, **_k: told.append(1))
    monkeypatch.setattr(holding, "TELLS_EACH_S", 3600)

    def count(work):
        for step in range(1, 101):
            work.step(step, 100)

    order("count", NOW)
    one(loop_with(count=JobKind("", count)), home)
    assert len(told) == 2, "the first step and the last"

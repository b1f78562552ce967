"""Turns: due at their time, taken by one, and what fails in one stops no other."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from training_app.db import Database
from training_app.jobs.models import JobTurn
from training_app.jobs.turns import state_of_turns, take
from training_app.registry import Turn

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def health(database: Database, turns: dict[str, Turn], now: datetime) -> dict[str, object]:
    with database.read() as session:
        return state_of_turns(session, turns, now)


def test_a_turn_is_taken_at_once_and_then_at_its_time(database: Database) -> None:
    moments = []
    turn = Turn(lambda _session, now: moments.append(now) or 0)
    for now in (NOW, NOW + timedelta(seconds=59), NOW + MINUTE, NOW + MINUTE):
        take(database, "tidy", turn, now)
    assert moments == [NOW, NOW + MINUTE]


def test_a_clock_that_is_set_back_stops_no_turn(database: Database) -> None:
    moments = []
    turn = Turn(lambda _session, now: moments.append(now) or 0)
    for now in (NOW + timedelta(days=1), NOW, NOW + timedelta(seconds=59), NOW + MINUTE):
        take(database, "tidy", turn, now)
    assert moments == [NOW + timedelta(days=1), NOW, NOW + MINUTE]


def test_it_is_called_again_while_it_finds_something(database: Database) -> None:
    left = [3, 2, 0, 9]
    assert take(database, "tidy", Turn(lambda _session, _now: left.pop(0)), NOW) == 5
    assert left == [9]


def test_what_it_does_is_written_in_a_transaction_of_its_own(database: Database) -> None:
    def half(session, _now):
        session.add(JobTurn(name="half", begun_at=NOW))
        session.flush()
        raise RuntimeError("in the middle")

    take(database, "breaks", Turn(half), NOW)
    with database.read() as session:
        (row,) = session.scalars(select(JobTurn)).all()
    assert (row.name, row.failed_at, row.fault, row.ended_at) == ("breaks", NOW, "RuntimeError", None)


def test_a_turn_that_fails_stops_no_other_and_is_taken_again(database: Database) -> None:
    done, rounds = [], iter([RuntimeError("first")])

    def fail_once(_session, _now) -> int:
        for error in rounds:
            raise error
        return 0

    turns = {"breaks": Turn(fail_once), "tidy": Turn(lambda _session, now: done.append(now) or 0)}
    for name, turn in turns.items():
        take(database, name, turn, NOW)
    assert done == [NOW] and health(database, turns, NOW)["failing"] == ["breaks"]
    take(database, "breaks", turns["breaks"], NOW + MINUTE)
    assert health(database, turns, NOW + MINUTE)["failing"] == []


def test_of_many_workers_one_takes_a_turn(database: Database) -> None:
    barrier, taken = threading.Barrier(6), []
    turn = Turn(lambda _session, now: taken.append(now) or 0)

    def work() -> None:
        for now in (NOW, NOW + MINUTE):
            barrier.wait(30)
            take(database, "tidy", turn, now)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert taken == [NOW, NOW + MINUTE]


@pytest.mark.parametrize(("after_s", "state"), [(0, "up"), (180, "up"), (181, "late")])
def test_health_tells_when_turns_are_late(database: Database, after_s: int, state: str) -> None:
    turns = {"tidy": Turn(lambda _session, _now: 0)}
    take(database, "tidy", turns["tidy"], NOW)
    found = health(database, turns, NOW + timedelta(seconds=after_s))
    assert (found["state"], found["last_turn"]) == (state, NOW.isoformat())
    assert found["late"] == {"up": [], "late": ["tidy"]}[state]


def test_health_tells_when_no_turn_was_taken_yet(database: Database) -> None:
    turns = {"tidy": Turn(lambda _session, _now: 0)}
    assert health(database, turns, NOW) == {"state": "waiting", "last_turn": None, "late": [], "failing": []}

"""Long computing in a child: what comes back, what is refused, and that it always ends."""

import os

import pytest

from tests.jobs import children_at_work as at_work
from training_app.errors import Refused
from training_app.jobs.children import ChildFailed, Limits, Stopped, run_in_child
from training_app.jobs.parcels import NotPicklable


def test_what_the_function_returns_comes_back() -> None:
    found = run_in_child(at_work.doubled, [1, 2, 3])
    assert found == {"doubled": [2, 4, 6], "frozen": {"a": 1}}


def test_it_runs_in_another_process() -> None:
    assert run_in_child(at_work.process) != os.getpid()


def test_much_goes_there_and_much_comes_back() -> None:
    many = list(range(500_000))
    assert run_in_child(at_work.doubled, many)["doubled"][-1] == 999_998


def test_what_it_refuses_is_refused_here() -> None:
    with pytest.raises(Refused, match="because of this") as refused:
        run_in_child(at_work.refuse, "because of this")
    assert refused.value.message == "because of this"


@pytest.mark.parametrize("function", [at_work.raise_what_does_not_travel, at_work.return_what_does_not_travel])
def test_what_cannot_travel_is_told(function) -> None:
    with pytest.raises(NotPicklable, match=r"Local: of here only|lock"):
        run_in_child(function)


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(ChildFailed, match=r"longer than it may \(0.5 s\)"):
        run_in_child(at_work.wait_for_ever, limits=Limits(seconds=0.5))


def test_what_takes_too_much_memory_is_ended() -> None:
    assert run_in_child(at_work.take_memory, 10, limits=Limits(memory_mb=256)) == 10 << 20
    with pytest.raises(ChildFailed, match="more memory than it may"):
        run_in_child(at_work.take_memory, 400, limits=Limits(memory_mb=256))


def test_what_nobody_wants_any_more_is_ended() -> None:
    answers = iter([False, True])
    with pytest.raises(Stopped):
        run_in_child(at_work.wait_for_ever, limits=Limits(stop=lambda: next(answers)))


def test_a_child_that_is_killed_is_told() -> None:
    with pytest.raises(ChildFailed, match="ended before it had an outcome"):
        run_in_child(at_work.die)


def test_a_child_opens_no_database_and_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere")
    assert not {"SECRET_KEY", "DATABASE_URL", "DATA_DIR"} & set(run_in_child(at_work.environment))
    with pytest.raises(PermissionError, match="a child process opens no database"):
        run_in_child(at_work.open_the_database)

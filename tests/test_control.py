"""One writer on SQLite: the lock of a folder, and the private socket on which a running site takes orders."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.site import Installation
from training_app import control
from training_app.config import Settings
from training_app.control import Act, Order, Say, SiteBusy, carry_out, listen, site_lock
from training_app.db import Database
from training_app.errors import Refused


def greet(_database: Database, _settings: Settings, arguments: Mapping[str, str], say: Say) -> int:
    say(f"你好, {arguments['name']}")
    say("and again")
    return 7


def refuse(_database: Database, _settings: Settings, _arguments: Mapping[str, str], _say: Say) -> int:
    raise Refused("Not this way.")


def crash(_database: Database, _settings: Settings, _arguments: Mapping[str, str], say: Say) -> int:
    say("so far")
    raise RuntimeError("inside")


ACTS: dict[str, Act] = {"greet": greet, "refuse": refuse, "crash": crash}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environ({"DATA_DIR": str(tmp_path / "var")})


@pytest.fixture
def serving(settings: Settings) -> Iterator[Settings]:
    """A process that holds the lock and takes orders, as a running site does."""
    database = Database(settings.database_url)
    with site_lock(settings.data_dir) as ours:
        assert ours
        listen(database, settings, ACTS)
        yield settings
    database.dispose()


def order(settings: Settings, act: str, **arguments: str) -> tuple[int, list[str]]:
    said: list[str] = []
    return carry_out(settings, ACTS, Order(act, arguments), said.append), said


def tell(settings: Settings, words: bytes) -> list[dict[str, object]]:
    """What the socket answers to `words`."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(settings.data_dir / "control.sock"))
        connection.sendall(words)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("r", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


# where an order is carried out


def test_without_a_running_site_an_order_is_carried_out_here(settings: Settings) -> None:
    assert order(settings, "greet", name="沈知夏") == (7, ["你好, 沈知夏", "and again"])


def test_a_running_site_carries_an_order_out_and_tells_every_line(serving: Settings) -> None:
    assert order(serving, "greet", name="沈知夏") == (7, ["你好, 沈知夏", "and again"])


def test_the_socket_is_for_its_owner_alone(serving: Settings) -> None:
    assert (serving.data_dir / "control.sock").stat().st_mode & 0o777 == 0o600
    assert (serving.data_dir / "site.lock").stat().st_mode & 0o777 == 0o600


def test_a_refusal_comes_back_as_its_sentence(serving: Settings) -> None:
    assert order(serving, "refuse") == (1, ["Not this way."])


def test_a_failure_of_an_act_is_told_without_its_inside(serving: Settings) -> None:
    status, said = order(serving, "crash")
    assert status == 1 and said[0] == "so far" and "the site's log says why" in said[1] and "inside" not in str(said)


def test_after_a_failure_the_next_order_is_heard(serving: Settings) -> None:
    order(serving, "crash")
    assert order(serving, "greet", name="a")[0] == 7


def test_a_long_name_of_the_folder_is_no_obstacle(tmp_path: Path) -> None:
    settings = Settings.from_environ({"DATA_DIR": str(tmp_path / ("a" * 60) / ("b" * 60))})
    database = Database(settings.database_url)
    with site_lock(settings.data_dir):
        listen(database, settings, ACTS)
        assert order(settings, "greet", name="a")[0] == 7
    database.dispose()


def test_orders_of_many_at_once_are_all_carried_out(serving: Settings) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(order(serving, "greet", name="a")[0])) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [7] * 20


# who is no command of ours


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"\n",
        b"garbage\n",
        b"\xff\xfe\x00\n",
        b"[1, 2]\n",
        b'"greet"\n',
        b"{}\n",
        b'{"act": "greet"}\n',
        b'{"act": ["greet"], "arguments": {}}\n',
        b'{"act": "shutdown", "arguments": {}}\n',
        b'{"act": "greet", "arguments": []}\n',
        b"[" * 60_000 + b"\n",
        b"x" * 200_000,
    ],
    ids=range(13),
)
def test_garbage_on_the_socket_does_nothing_and_no_harm(serving: Settings, words: bytes) -> None:
    try:
        answer = tell(serving, words)
    except ConnectionError:  # more than an order can be: the site has gone on to the next
        answer = [{"exit": 1}]
    assert answer[-1] == {"exit": 1}
    assert order(serving, "greet", name="a")[0] == 7


def test_who_connects_and_says_nothing_does_not_block_the_others(
    serving: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "SAY_IT_WITHIN_S", 0.1)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(serving.data_dir / "control.sock"))
        assert order(serving, "greet", name="a")[0] == 7


def test_who_leaves_before_the_answer_does_no_harm(serving: Settings) -> None:
    with socket.socket(socket.AF_UNIX) as hasty:
        hasty.connect(str(serving.data_dir / "control.sock"))
        hasty.sendall(b'{"act": "greet", "arguments": {"name": "a"}}\n')
    assert order(serving, "greet", name="a")[0] == 7


# the lock


def test_the_lock_is_given_to_one(settings: Settings) -> None:
    with site_lock(settings.data_dir) as first, site_lock(settings.data_dir) as second:
        assert first and not second
    with site_lock(settings.data_dir) as third:
        assert third


def test_a_command_waits_for_another_command(settings: Settings) -> None:
    holding, found = threading.Event(), []
    with site_lock(settings.data_dir):
        waiting = threading.Thread(target=lambda: (holding.set(), found.append(order(settings, "greet", name="a")[0])))
        waiting.start()
        assert holding.wait(30) and found == []
    waiting.join(30)
    assert found == [7]


def test_a_holder_that_never_answers_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "WAIT_S", 0.2)
    with site_lock(settings.data_dir), pytest.raises(SiteBusy, match="does not answer"):
        order(settings, "greet", name="a")


def test_a_site_that_stops_in_the_middle_of_an_act_is_told(settings: Settings) -> None:
    settings.data_dir.mkdir()
    with socket.socket(socket.AF_UNIX) as dying, site_lock(settings.data_dir):
        dying.bind(str(settings.data_dir / "control.sock"))
        dying.listen(1)

        def die() -> None:
            dying.accept()[0].close()

        threading.Thread(target=die).start()
        with pytest.raises(SiteBusy, match="stopped before it told how the act ended"):
            order(settings, "greet", name="a")


def test_what_a_killed_site_left_behind_is_no_obstacle(settings: Settings) -> None:
    code = (
        "import os, signal; from training_app.config import Settings; from training_app.control import *;"
        "from training_app.db import Database; s = Settings.from_environ();"
        "lock = site_lock(s.data_dir); lock.__enter__(); listen(Database(s.database_url), s, {});"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    environ = Installation(settings.data_dir).environ()
    killed = subprocess.run([sys.executable, "-c", code], env=environ, check=False)
    assert killed.returncode == -9 and (settings.data_dir / "control.sock").exists()
    assert order(settings, "greet", name="a")[0] == 7
    database = Database(settings.database_url)
    with site_lock(settings.data_dir) as ours:
        listen(database, settings, ACTS)
        assert ours and order(settings, "greet", name="a")[0] == 7
    database.dispose()

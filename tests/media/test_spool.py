"""Events of streams: told only once they are on the disk, numbered for ever, given up when they were taken."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from training_app.media.protocol import Kind
from training_app.media.spool import Spool


def written(folder: Path, act: Callable[[Spool], object]) -> Spool:
    """The spool after `act`, when all is on the disk; it ends there, as if the process were killed."""
    spool = Spool(folder)
    act(spool)
    spool.close()
    asyncio.run(spool.run())
    return spool


def emit(spool: Spool, *names: str) -> None:
    for name in names:
        spool.emit(Kind.VIEWER_JOINED, "o1/program", name, {"transport": "udp"})


def subs(spool: Spool) -> list[str]:
    return [event.sub for event in spool.waiting(100)]


def numbers(spool: Spool) -> list[int]:
    return [event.number for event in spool.waiting(100)]


def test_an_event_is_told_only_when_it_is_on_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    emit(spool, "p1")
    assert subs(spool) == [] and spool.length == 1
    spool.close()
    asyncio.run(spool.run())
    assert subs(spool) == ["p1"]


def test_events_wait_for_who_fetches_them_over_every_kill(tmp_path: Path) -> None:
    first = written(tmp_path, lambda spool: emit(spool, "p1", "p2"))
    second = written(tmp_path, lambda spool: emit(spool, "p3"))
    assert subs(Spool(tmp_path)) == ["p1", "p2", "p3"] and numbers(second) == [1, 2, 3]
    assert first.name == second.name and second.waiting(1)[0].details == {"transport": "udp"}


def test_what_was_taken_does_not_come_again_and_its_number_neither(tmp_path: Path) -> None:
    written(tmp_path, lambda spool: emit(spool, "p1", "p2"))
    spool = written(tmp_path, lambda spool: emit(spool, "p3"))
    assert spool.take(spool.name, 2) == 2 and numbers(spool) == [3]
    assert spool.take(spool.name, 3) == 1
    written(tmp_path, lambda _spool: None)
    again = written(tmp_path, lambda spool: emit(spool, "p4"))
    assert again.waiting(9)[-1].number == 4 and [path.name for path in tmp_path.glob("*1.jsonl")] == []


def test_nobody_gives_up_events_of_another_spool(tmp_path: Path) -> None:
    spool = written(tmp_path, lambda spool: emit(spool, "p1"))
    assert spool.take("another", 9) == 0 and subs(Spool(tmp_path)) == ["p1"]


def test_a_line_that_a_kill_tore_is_no_event_and_harms_no_other(tmp_path: Path) -> None:
    written(tmp_path, lambda spool: emit(spool, "p1"))
    written(tmp_path, lambda _spool: None)
    torn = tmp_path / "000000000002.jsonl"
    torn.write_text('{"spool": "x", "number": 2, "a')
    after = written(tmp_path, lambda spool: emit(spool, "p2"))
    assert subs(after) == subs(Spool(tmp_path)) == ["p1", "p2"]

"""Who watches: after a kill it is told for whom it ended, with what was watched so far."""

import asyncio
from pathlib import Path
from typing import Any

from training_app.media.presence import Presence, Watched
from training_app.media.protocol import Kind

HALL = [
    Watched("o1/program", "p1", "token-of-p1", "udp", 61.5),
    Watched("o1/program", "p2", "token-of-p2", "hls", 40.0),
]
Told = tuple[Kind, str, str, dict[str, Any]]


def kept(folder: Path, watching: list[Watched]) -> None:
    """A process that kept them and was killed."""

    async def work() -> None:
        task = asyncio.create_task(Presence(folder, lambda: watching, each_s=0).run())
        while not (folder / "watching.json").exists():
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(work())


def after_a_start(folder: Path) -> list[Told]:
    told: list[Told] = []
    Presence(folder, list).end_those_before(lambda *event: told.append(event))
    return told


def test_after_a_kill_everybody_who_watched_has_left_with_what_was_watched(tmp_path: Path) -> None:
    kept(tmp_path, HALL)
    details = [
        {"transport": one.transport, "jti": one.jti, "seconds": one.seconds, "reason": "stopped"} for one in HALL
    ]
    assert after_a_start(tmp_path) == [
        (Kind.VIEWER_LEFT, "o1/program", "p1", details[0]),
        (Kind.VIEWER_LEFT, "o1/program", "p2", details[1]),
    ]


def test_it_is_told_again_until_it_is_on_the_disk_as_events(tmp_path: Path) -> None:
    kept(tmp_path, HALL)
    assert after_a_start(tmp_path) == after_a_start(tmp_path) != []
    Presence(tmp_path, list).forget()
    assert after_a_start(tmp_path) == []


def test_what_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "watching.json").write_text('[{"path": "o1')
    assert after_a_start(tmp_path) == []

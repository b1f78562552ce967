"""What the site said of an occasion: the latest holds, also for a media process that was killed."""

import asyncio
from dataclasses import replace
from pathlib import Path

from training_app.media.protocol import Stage, State, Venue
from training_app.media.stages import Stages

STAGE = Stage("o7", 3, State.ON_AIR, "v1", (Venue("v1", ("l1",), consented=True, recorded=True),))


def stages(folder: Path, applied: list[Stage]) -> Stages:
    found = Stages(folder, applied.append)
    found.recall()
    return found


def told(folder: Path, *said: Stage) -> tuple[list[bool], list[Stage]]:
    """Which of them were taken, and which were made true."""

    async def tell() -> list[bool]:
        found = stages(folder, applied)
        return [await found.set(stage) for stage in said]

    applied: list[Stage] = []
    return asyncio.run(tell()), applied


def test_a_later_stage_holds_and_an_older_one_is_refused(tmp_path: Path) -> None:
    later, older = replace(STAGE, version=4, state=State.HELD), replace(STAGE, version=2)
    taken, applied = told(tmp_path, STAGE, later, older, later)
    assert taken == [True, True, False, True] and applied == [STAGE, later]


def test_it_holds_again_after_a_kill(tmp_path: Path) -> None:
    told(tmp_path, STAGE)
    applied: list[Stage] = []
    assert stages(tmp_path, applied).versions == {"o7": 3} and applied == [STAGE]


def test_what_cannot_be_read_stops_nothing_else(tmp_path: Path) -> None:
    told(tmp_path, STAGE)
    (tmp_path / "o1.json").write_text('{"occasion": "o1"')
    applied: list[Stage] = []
    stages(tmp_path, applied)
    assert applied == [STAGE]


def test_an_occasion_is_forgotten_when_its_recording_was_due_to_go_long_ago(tmp_path: Path) -> None:
    told(tmp_path, replace(STAGE, state=State.ENDED, keep_until="2020-01-01"), replace(STAGE, occasion="o8"))
    assert stages(tmp_path, []).versions == {"o8": 3} and not (tmp_path / "o7.json").exists()

"""The private door of a media process that streams nothing: its orders, stages and events, in a thread of the test."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from training_app.config import Settings
from training_app.media.control import Control
from training_app.media.protocol import CONTROL_SOCKET, FOLDER, STAGES, Kind, Stage
from training_app.media.spool import Spool
from training_app.media.stages import Stages
from training_app.processes import private_socket


@dataclass(frozen=True, slots=True)
class Door:
    """What stands behind the socket. told: the stages in their order."""

    settings: Settings
    spool: Spool
    told: list[Stage]
    loop: asyncio.AbstractEventLoop

    def emit(self, *subs: str) -> None:
        """Somebody joined, and it is on the disk."""
        asyncio.run_coroutine_threadsafe(self._emit(subs), self.loop).result(30)

    async def _emit(self, subs: tuple[str, ...]) -> None:
        for sub in subs:
            self.spool.emit(Kind.VIEWER_JOINED, "o7/program", sub, {"transport": "udp"})
        while len(self.spool.waiting(1000)) < self.spool.length:
            await asyncio.sleep(0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environ({"DATA_DIR": str(tmp_path)})


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="media")
    thread.start()
    try:
        opened, runner = asyncio.run_coroutine_threadsafe(_opened(settings, loop), loop).result(30)
        yield opened
        asyncio.run_coroutine_threadsafe(_closed(opened, runner), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _opened(settings: Settings, loop: asyncio.AbstractEventLoop) -> tuple[Door, web.AppRunner]:
    told: list[Stage] = []
    spool, stages = Spool(settings.data_dir / "events"), Stages(settings.data_dir / FOLDER / STAGES, told.append)
    control = Control(
        stages, spool, figures=lambda _o: {"o7/v1": {"live": True}}, health=dict, delete=lambda o: o == "o7"
    )
    runner = web.AppRunner(control.application(), access_log=None)
    await runner.setup()
    await web.SockSite(runner, private_socket(settings.data_dir / CONTROL_SOCKET)).start()
    opened = Door(settings, spool, told, loop)
    asyncio.get_running_loop().create_task(spool.run(), name="spool")
    return opened, runner


async def _closed(door: Door, runner: web.AppRunner) -> None:
    await runner.cleanup()
    door.spool.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait(others, timeout=10)

"""FFmpeg's WHIP client publishes as OBS does: no browser, its own DTLS, keyframes when it likes."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.media.clients import House, in_house, until
from tests.support.paths import ROOT


@asynccontextmanager
async def encoder(house: House, folder: Path, options: dict[str, str]) -> AsyncIterator[None]:
    """Publishes until the end. options: of the H.264 encoder."""
    address = str(house.http.make_url("/whip/o1/v1"))
    command = [sys.executable, "-m", "tests.media.encoding", address, str(folder), json.dumps(options)]
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        yield
    finally:
        process.kill()
        await process.wait()


def test_an_encoder_is_taken_and_seen(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        async with encoder(house, tmp_path, {}):
            await until(lambda: house.studio.is_live("o1/v1"), 30)
            wire = await house.watch()
            await wire.pictures(8)
            assert set(wire.sizes) == {(320, 240)}
            assert house.studio.figures("o1")["o1/v1"]["warnings"] == []

    in_house(scenario)


def test_an_encoder_with_rare_keyframes_is_told_soon(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        async with encoder(house, tmp_path, {"g": "1000"}):
            await until(lambda: house.studio.is_live("o1/v1"), 30)
            await until(lambda: house.studio.figures("o1")["o1/v1"]["warnings"] == ["keyframe_interval"])

    in_house(scenario)

"""All parts of the media process, joined: what publishes, what watches, what is kept, and what the site says."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from training_app import clock
from training_app.config import Settings
from training_app.media.changes import PUBLISHERS, STAGE, Changes
from training_app.media.control import Control
from training_app.media.cors import init_cors
from training_app.media.presence import Presence
from training_app.media.protocol import FOLDER, STAGES, Claims, Kind, Stage, State, occasion_of, paths_of
from training_app.media.recorder import Recorder
from training_app.media.refusals import in_words
from training_app.media.spool import Spool
from training_app.media.stages import Stages
from training_app.media.studio import Studio
from training_app.media.synthetic.venue import SyntheticVenues
from training_app.media.tokens import Tokens

LARGEST_REQUEST: Final = 1 << 17
CARRIED: Final = (State.OPEN, State.ON_AIR, State.HELD)
"""States in which something can be published."""


class Media:
    """The parts, and how they reach each other. Made on the running event loop."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.data_dir / FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._started_at = clock.now()
        self._tokens = Tokens(settings.data_dir / "keys")
        self._spool = Spool(folder / "events")
        self._stages = Stages(folder / STAGES, self._apply)
        self._studio = Studio(self._emit, self._verify, addresses=settings.media_addresses)
        self._recorder = Recorder(
            folder,
            reserve=settings.recording_reserve_gb << 30,
            emit=self._emit,
            verify=self._verify,
            is_secure=settings.secure_cookies,
        )
        self._synthetic = SyntheticVenues(self._studio.path)
        self._changes = Changes(self._stages, self._recorder.allowed, self._studio.is_live)
        self._presence = Presence(folder, lambda: [*self._studio.watched(), *self._recorder.watched()])
        self._keeping: asyncio.Task[None] | None = None
        self._writing = asyncio.create_task(self._spool.run(), name="spool")

    def application(self) -> web.Application:
        """What browsers and OBS reach."""
        app = web.Application(middlewares=[in_words], client_max_size=LARGEST_REQUEST)
        init_cors(app)
        app.router.add_get("/health", _health)
        self._studio.add_routes(app)
        self._recorder.add_routes(app)
        self._changes.add_routes(app)
        return app

    def control(self) -> web.Application:
        """What the site reaches."""
        control = Control(
            self._stages, self._spool, figures=self._figures, health=self._state, delete=self._recorder.delete
        )
        return control.application()

    async def begin(self) -> None:
        """What the site said before holds again, and who watched when an earlier process was killed has left."""
        self._presence.end_those_before(self._emit)
        self._spool.emit(Kind.MEDIA_STARTED, "")
        await self._spool.flush()
        self._presence.forget()
        self._keeping = asyncio.create_task(self._presence.run(), name="presence")
        self._stages.recall()

    async def close(self) -> None:
        """Every publisher and viewer is sent away, and what they sent is kept."""
        if self._keeping is not None:
            self._keeping.cancel()
        self._changes.close()
        self._synthetic.close()
        await self._studio.close()
        await self._recorder.close()

    async def end(self) -> None:
        """All that happened is on the disk."""
        self._spool.close()
        await self._writing
        self._presence.forget()

    def _verify(self, bearer: str) -> Claims:
        return self._tokens.claims_of(bearer, clock.now())

    def _emit(self, kind: Kind, path: str, sub: str, details: Mapping[str, Any]) -> None:
        self._spool.emit(kind, path, sub, details)
        if kind in {Kind.PUBLISHER_JOINED, Kind.PUBLISHER_LEFT}:
            self._changes.note(occasion_of(path), PUBLISHERS)

    def _apply(self, stage: Stage) -> None:
        self._studio.set_stage(stage)
        self._recorder.set_stage(stage)
        change = self._recorder.attach if stage.state in CARRIED else self._recorder.detach
        for name in paths_of(stage):
            change(self._studio.path(name))
        self._synthetic.set_stage(stage)
        self._changes.note(stage.occasion, STAGE)

    def _figures(self, occasion: str) -> Mapping[str, Any]:
        stage = self._stages.of(occasion)
        live = self._studio.figures(occasion)
        paths = paths_of(stage) if stage is not None else ()
        return {path: _joined(live.get(path, {}), self._recorder.figures(path)) for path in paths}

    def _state(self) -> dict[str, Any]:
        return {
            "state": "up",
            "started_at": self._started_at.isoformat(),
            "pid": os.getpid(),
            "disk": self._recorder.disk(),
            **self._studio.health(),
        }


def _joined(live: Mapping[str, Any], recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What is measured of a path: by those who carry it live, and by those who cut and keep it."""
    return {
        **live,
        "viewers": {"udp": live.get("viewers", {}).get("udp", 0), "hls": recorded["hls"]},
        "watchers": [*live.get("watchers", ()), *recorded["watchers"]],
        "warnings": sorted({*live.get("warnings", ()), *recorded["warnings"]}),
        "recording": recorded["recording"],
    }


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"state": "up"})

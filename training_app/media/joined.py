"""All parts of the media process, joined: what publishes, what watches, what is kept, and what the site says."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from training_app import clock
from training_app.config import Settings
from training_app.media.changes import PUBLISHERS, STAGE, Changes
from training_app.media.control import Control
from training_app.media.cors import init_cors
from training_app.media.protocol import FOLDER, Claims, Kind, Stage, occasion_of
from training_app.media.refusals import in_words
from training_app.media.spool import Spool
from training_app.media.stages import Stages
from training_app.media.tokens import BadToken, Tokens


class Media:
    """The parts, and how they reach each other."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.data_dir / FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._started_at = clock.now()
        self._tokens = Tokens(settings.data_dir / "keys")
        self.spool = Spool(folder / "events")
        self.stages = Stages(folder / "stages", self._apply)
        self.changes = Changes(self.stages, self._allows, lambda _path: False)
        self._writing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """What the site said before holds again, and events are written."""
        self._writing = asyncio.create_task(self.spool.run(), name="spool")
        self.stages.recall()
        self.spool.emit(Kind.MEDIA_STARTED, "")

    async def close(self) -> None:
        """Every publisher and viewer is sent away."""
        self.changes.close()

    async def end(self) -> None:
        """All that happened is on the disk."""
        self.spool.close()
        if self._writing is not None:
            await self._writing

    def application(self) -> web.Application:
        """What browsers and OBS reach."""
        app = web.Application(middlewares=[in_words], client_max_size=1 << 17)
        init_cors(app)
        app.router.add_get("/health", _health)
        for part in (self.changes,):
            part.add_routes(app)
        return app

    def control(self) -> web.Application:
        """What the site reaches."""
        control = Control(
            self.stages, self.spool, figures=self._figures, health=self._state, delete=lambda _occasion: False
        )
        return control.application()

    def verify(self, bearer: str) -> Claims:
        """What the token says. Raises BadToken."""
        return self._tokens.claims_of(bearer, clock.now())

    def _emit(self, kind: Kind, path: str, sub: str, details: Mapping[str, Any]) -> None:
        self.spool.emit(kind, path, sub, details)
        if kind in {Kind.PUBLISHER_JOINED, Kind.PUBLISHER_LEFT}:
            self.changes.note(occasion_of(path), PUBLISHERS)

    def _apply(self, stage: Stage) -> None:
        self.changes.note(stage.occasion, STAGE)

    def _allows(self, _request: web.Request) -> str:
        raise BadToken("This address is not signed.")

    def _figures(self, _occasion: str) -> Mapping[str, Any]:
        return {}

    def _state(self) -> dict[str, Any]:
        return {"state": "up", "started_at": self._started_at.isoformat(), "pid": os.getpid()}


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"state": "up"})

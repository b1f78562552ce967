"""Orders of the site: HTTP on a private socket, which nobody but the account of the site can open."""

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from training_app.media.protocol import OCCASION, Unreadable, event_line, stage_from
from training_app.media.refusals import in_words
from training_app.media.spool import Spool
from training_app.media.stages import Stages

MOST_EVENTS: Final = 1000
NUMBER: Final = re.compile(r"[0-9]{1,9}")

Figures = Callable[[str], Mapping[str, Any]]
"""Occasion -> path -> what is measured of it."""


class Control:
    """The orders. figures, health: what is told. delete: whether there was a recording of the occasion to delete."""

    def __init__(
        self,
        stages: Stages,
        spool: Spool,
        *,
        figures: Figures,
        health: Callable[[], dict[str, Any]],
        delete: Callable[[str], bool],
    ) -> None:
        self._stages = stages
        self._spool = spool
        self._figures = figures
        self._health = health
        self._delete = delete

    def application(self) -> web.Application:
        """What listens on the private socket."""
        app = web.Application(middlewares=[in_words], client_max_size=1 << 20)
        app.router.add_put("/occasions/{occasion}", self.set_stage)
        app.router.add_get("/occasions/{occasion}", self.get_figures)
        app.router.add_delete("/occasions/{occasion}/recording", self.delete_recording)
        app.router.add_get("/events", self.get_events)
        app.router.add_post("/events/taken", self.take_events)
        app.router.add_get("/health", self.get_health)
        return app

    async def set_stage(self, request: web.Request) -> web.Response:
        """200 when the stage holds and is kept, 409 when a later one is known."""
        stage = stage_from(await _json(request))
        if stage.occasion != _occasion(request):
            raise Unreadable("the stage of another occasion")
        is_set = await self._stages.set(stage)
        held = self._stages.of(stage.occasion)
        version = held.version if held is not None else stage.version
        return web.json_response({"version": version}, status=HTTPStatus.OK if is_set else HTTPStatus.CONFLICT)

    async def get_figures(self, request: web.Request) -> web.Response:
        """The version of the stage, and what is measured of each path."""
        occasion = _occasion(request)
        stage = self._stages.of(occasion)
        if stage is None:
            raise web.HTTPNotFound(text="{}", content_type="application/json")
        return web.json_response({"version": stage.version, "state": stage.state, "paths": self._figures(occasion)})

    async def delete_recording(self, request: web.Request) -> web.Response:
        """200 when it is deleted, 404 when there was none."""
        was_there = self._delete(_occasion(request))
        return web.json_response({}, status=HTTPStatus.OK if was_there else HTTPStatus.NOT_FOUND)

    async def get_events(self, request: web.Request) -> web.Response:
        """The oldest events that nobody took, after a number if one is given."""
        most = min(_number(request, "limit", 500), MOST_EVENTS)
        after = _number(request, "after", 0)
        events = [event for event in self._spool.waiting(most) if event.number > after]
        lines = ",".join(event_line(event) for event in events)
        text = f'{{"spool":{json.dumps(self._spool.name)},"events":[{lines}]}}'
        return web.json_response(text=text)

    async def take_events(self, request: web.Request) -> web.Response:
        """The events of that spool up to that number are given up."""
        said = await _json(request)
        try:
            spool, until = str(said["spool"]), int(said["until"])
        except (KeyError, TypeError, ValueError):
            raise Unreadable("not what was taken") from None
        return web.json_response({"taken": self._spool.take(spool, until)})

    async def get_health(self, _request: web.Request) -> web.Response:
        """How the process is, with the version of each stage."""
        return web.json_response(
            {**self._health(), "stages": dict(self._stages.versions), "events": self._spool.length}
        )


def _occasion(request: web.Request) -> str:
    occasion = request.match_info["occasion"]
    if not OCCASION.fullmatch(occasion):
        raise web.HTTPNotFound(text="{}", content_type="application/json")
    return occasion


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not NUMBER.fullmatch(text):
        raise Unreadable(f"{name} is a number")
    return int(text)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        found = await request.json()
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("not an object")
    return found

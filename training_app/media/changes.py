"""One stream of events for each page that watches: that something has changed, never what. The page then asks."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from training_app.media.hls import WHERE
from training_app.media.protocol import occasion_of, paths_of
from training_app.media.stages import Stages

STAGE: Final = "stage"
PUBLISHERS: Final = "publishers"
SIGN_OF_LIFE_S: Final = 15.0
COMES_AGAIN_MS: Final = 2000
MOST_LISTENERS: Final = 5000

Allows = Callable[[web.Request], str]
"""The path for which the address of this request was signed, and the cookie brought; raises what refuses it."""


class Changes:
    """Who listens for changes of an occasion. is_live: whether anybody publishes on a path."""

    def __init__(self, stages: Stages, allows: Allows, is_live: Callable[[str], bool]) -> None:
        self._stages = stages
        self._allows = allows
        self._is_live = is_live
        start = int(time.time())  # so that versions go on growing over a restart
        self._versions: defaultdict[tuple[str, str], int] = defaultdict(lambda: start)
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._count = 0
        self._is_closed = False

    def add_routes(self, app: web.Application) -> None:
        """`/changes` and `/state`."""
        app.router.add_get(f"/changes/{WHERE}", self.listen)
        app.router.add_get(f"/state/{WHERE}", self.state)

    def note(self, occasion: str, topic: str) -> None:
        """The topic has changed; whoever listens is told."""
        self._versions[occasion, topic] += 1
        for listener in self._listeners.get(occasion, ()):
            listener.set()

    def close(self) -> None:
        """Every stream of events ends."""
        self._is_closed = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.set()

    async def state(self, request: web.Request) -> web.Response:
        """What the page shows: the state, which venue is the program, and who publishes."""
        occasion = occasion_of(self._allows(request))
        stage = self._stages.of(occasion)
        if stage is None:
            raise web.HTTPNotFound(text="There is no such observation.\n")
        live = {path: {"live": self._is_live(path)} for path in paths_of(stage)}
        return web.json_response({"state": stage.state, "program": stage.program, "paths": live})

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """A line for each topic that has changed, with its version; at first all of them."""
        occasion = occasion_of(self._allows(request))
        if self._count >= MOST_LISTENERS:
            raise web.HTTPServiceUnavailable(text="Too many pages listen.\n", headers={"Retry-After": "10"})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        changed = asyncio.Event()
        self._listeners[occasion].add(changed)
        self._count += 1
        try:
            await response.write(f"retry: {COMES_AGAIN_MS}\n\n".encode())
            await self._tell(response, occasion, changed)
        except ConnectionError:
            pass  # the page is gone
        finally:
            self._count -= 1
            self._listeners[occasion].discard(changed)
            if not self._listeners[occasion]:
                del self._listeners[occasion]
        return response

    async def _tell(self, response: web.StreamResponse, occasion: str, changed: asyncio.Event) -> None:
        told: dict[str, int] = {}
        while not self._is_closed:
            changed.clear()
            now = {topic: self._versions[occasion, topic] for topic in (STAGE, PUBLISHERS)}
            lines = [_line({"topic": topic, "version": now[topic]}) for topic in now if told.get(topic) != now[topic]]
            told = now
            await response.write("".join(lines).encode() or b": so far\n\n")
            try:
                await asyncio.wait_for(changed.wait(), SIGN_OF_LIFE_S)
            except TimeoutError:
                continue


def _line(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"

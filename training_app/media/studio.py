"""All that is live: paths by name, who publishes and watches them, and what the site said of their occasions."""

import asyncio
import logging
import resource
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from aiohttp import web

from training_app.media import gates, gso, patchpoints, whip
from training_app.media.admission import Admission
from training_app.media.doors import PLAIN, Doors, Way
from training_app.media.fanout import Fanout
from training_app.media.outlets import Outlet
from training_app.media.packets import PlainViewer, decode_nothing
from training_app.media.paths import Emit, Stream, VenuePath
from training_app.media.peers import background_done, know_more_profiles, reach_by
from training_app.media.presence import Watched
from training_app.media.program import Program
from training_app.media.protocol import PROGRAM, TALKBACK, Act, Claims, Stage, State, occasion_of
from training_app.media.sessions import WATCHING, Session, Sessions
from training_app.media.viewers import Viewer

log = logging.getLogger(__name__)

TICK_S: Final = 1.0
_AT_ONCE: Final = 25
"""So many viewers are told their reports in a row; then packets have their turn."""


class Studio:
    """The live part of the media process; all of it runs on one event loop, and begins when there is one.

    verify: a token -> what it says, raises errors.Refused. addresses: under which it is reached by UDP, all of the
    machine where empty. links: values of the header Link for ICE servers.
    """

    def __init__(
        self, emit: Emit, verify: Callable[[str], Claims], *, addresses: Sequence[str] = (), links: Sequence[str] = ()
    ) -> None:
        self.sessions = Sessions()
        self.emit = emit
        self.verify = verify
        self._addresses = tuple(addresses)
        self._links = tuple(links)
        self._stages: dict[str, Stage] = {}
        self._paths: dict[str, Stream] = {}
        self._fanouts: dict[Outlet, Fanout] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.has_gso = False
        self.admission = Admission()

    def add_routes(self, app: web.Application) -> None:
        """WHIP and WHEP are answered, from the start of `app` on."""
        app.on_startup.append(self._start)
        self._doors = Doors(self, reach_by(self._addresses))
        for name, begin in (("whip", self._doors.publish), ("whep", self._doors.watch)):
            whip.Resource(name, begin, self.sessions.get, self._links).add_routes(app)

    def use(self, way: Way) -> None:
        """Clients are made of these parts. Before the start."""
        self._doors.way = way

    def set_stage(self, stage: Stage) -> None:
        """The occasion is like this from now on: what must not go out any more is cut before this returns."""
        self._stages[stage.occasion] = stage
        for venue in stage.venues:
            self.path(f"{stage.occasion}/{venue.path}")
        program = self._program(stage.occasion)
        chosen = self.path(f"{stage.occasion}/{stage.program}") if stage.program else None
        self._close_gates(stage, program)
        program.choose(chosen if isinstance(chosen, VenuePath) else None, may_wait=self._may_show(stage, program.shown))
        for stream in self.paths(stage.occasion):
            stream.set_open(is_open=gates.goes_out(stage, _stream(stream)))
        self._send_away(stage)

    def stage(self, occasion: str) -> Stage | None:
        """What the site said of the occasion last."""
        return self._stages.get(occasion)

    def path(self, name: str) -> Stream:
        """The path of this name. Raises Unreadable for what is no name."""
        found = self._paths.get(name)
        if found is None:
            occasion = occasion_of(name)
            is_program = name == f"{occasion}/{PROGRAM}"
            found = self._paths[name] = Program(name) if is_program else VenuePath(name, self.emit)
            stage = self._stages.get(occasion)
            if stage is not None:
                found.set_open(is_open=gates.goes_out(stage, _stream(found)))
        return found

    def paths(self, occasion: str) -> list[Stream]:
        """All paths of an occasion that were spoken of."""
        return [one for name, one in self._paths.items() if name.startswith(f"{occasion}/")]

    def is_live(self, name: str) -> bool:
        """Whether anybody publishes this path."""
        return name in self._paths and self._paths[name].is_live

    def fanout(self, outlet: Outlet) -> Fanout:
        """What sends to the viewers of this outlet."""
        if outlet not in self._fanouts:
            self._fanouts[outlet] = Fanout(outlet, has_gso=self.has_gso)
        return self._fanouts[outlet]

    def figures(self, occasion: str) -> dict[str, dict[str, Any]]:
        """Of each path of the occasion: what its publisher sends, and who watches by UDP."""
        figures = {}
        for stream in self.paths(occasion):
            watchers = [{"sub": one.claims.sub, "transport": "udp"} for one in self._watching(stream.name)]
            told = stream.figures() if isinstance(stream, VenuePath) else {"live": stream.is_live, "warnings": []}
            figures[stream.name] = {**told, "viewers": {"udp": len(watchers), "hls": 0}, "watchers": watchers}
        return figures

    def watched(self) -> list[Watched]:
        """Who watches by UDP, and how long so far."""
        seated = [
            (one.claims, one.client)
            for one in self.sessions
            if one.claims.act is Act.VIEW and isinstance(one.client, WATCHING) and one.client.is_seated
        ]
        return [
            Watched(claims.path, claims.sub, claims.jti, "udp", round(viewer.watched_s)) for claims, viewer in seated
        ]

    def health(self) -> dict[str, Any]:
        """How busy it is."""
        return {
            "sessions": len(self.sessions),
            "lag_ms": round(self.admission.lag_s * 1000, 1),
            "cpu_percent": round(self.admission.cpu * 100, 1),
            "gso": self.has_gso,
        }

    async def close(self) -> None:
        """Everybody is sent away, and nothing goes on."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        for session in self.sessions:
            session.client.close("stopped")
        for stream in self._paths.values():
            if isinstance(stream, VenuePath):
                stream.send_away("stopped")
        await background_done()

    async def _start(self, _: web.Application) -> None:
        _allow_many_sockets()
        for name in patchpoints.missing():
            log.error("aiortc is not what it was; streams cost more than they should", extra={"fields": {"name": name}})
            self.use(PLAIN)
        if self._doors.way is PLAIN:
            decode_nothing()
        else:
            patchpoints.share_context(self._doors.reach.certificate)
        know_more_profiles()
        self.has_gso = gso.is_to_be_had()
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self.admission.run()), loop.create_task(self._tick())]

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self._tick_once(time.monotonic())
            except Exception:
                log.exception("a second went wrong")

    async def _tick_once(self, now: float) -> None:
        losses: dict[VenuePath, float] = {}
        viewers: list[Viewer | PlainViewer] = []
        for session in self.sessions:
            if isinstance(session.client, WATCHING):
                viewers.append(session.client)
            else:
                losses[session.client.path] = session.client.tick(now)
        for stream in tuple(self._paths.values()):
            if isinstance(stream, VenuePath) and stream.is_live:
                stream.tick(losses.get(stream, 0.0))
        for fanout in tuple(self._fanouts.values()):
            fanout.tick()
        for index, viewer in enumerate(viewers):
            viewer.tick(time.monotonic())
            if index % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)

    def _program(self, occasion: str) -> Program:
        found = self.path(f"{occasion}/{PROGRAM}")
        assert isinstance(found, Program)
        return found

    def _close_gates(self, stage: Stage, program: Program) -> None:
        """First of all: what must not be seen any more is not."""
        for stream in self.paths(stage.occasion):
            if not gates.goes_out(stage, _stream(stream)):
                stream.set_open(is_open=False)
        if stage.program is None:
            program.set_open(is_open=False)

    def _may_show(self, stage: Stage, shown: Stream | None) -> bool:
        """Whether what the program shows may go on until the other venue has a keyframe."""
        return shown is not None and gates.goes_out(stage, _stream(shown))

    def _send_away(self, stage: Stage) -> None:
        for session in self.sessions:
            is_here = occasion_of(session.path) == stage.occasion
            if is_here and not gates.may_stay(stage, session.claims, session.path.partition("/")[2]):
                session.client.close("ended" if stage.state is State.ENDED else "not allowed")
        known = {*(one.path for one in stage.venues), TALKBACK}
        is_over = stage.state in {State.CLOSED, State.ENDED}
        for stream in self.paths(stage.occasion):
            if isinstance(stream, VenuePath) and (is_over or _stream(stream) not in known):
                stream.send_away("ended" if is_over else "not allowed")

    def _watching(self, name: str) -> list[Session]:
        """Viewers; hosts who look after a venue are none."""
        return [
            one
            for one in self.sessions
            if one.path == name
            and one.claims.act is Act.VIEW
            and isinstance(one.client, WATCHING)
            and one.client.is_seated
        ]


def _stream(stream: Stream) -> str:
    return stream.name.partition("/")[2]


def _allow_many_sockets() -> None:
    """Each viewer has two or three."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

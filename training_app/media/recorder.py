"""Everything that players get by HLS and everything that is recorded, for all paths of the process."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from training_app import clock
from training_app.media.audience import Audience
from training_app.media.channel import Channel, Surroundings
from training_app.media.flow import Path as Stream
from training_app.media.hls import Hls
from training_app.media.links import Links, kept_secret
from training_app.media.paths import Emit
from training_app.media.presence import Watched
from training_app.media.program import Program
from training_app.media.protocol import PATH, PROGRAM, Claims, Kind, Stage, State, occasion_of, paths_of
from training_app.media.room import Room
from training_app.media.shelf import Writing, is_complete

log = logging.getLogger(__name__)

FOLDER: Final = "recordings"
"""Below the folder of the media process."""
_SWEEP_S: Final = 5.0
_OLD_EVERY_S: Final = 600.0
_FORGET_AFTER_S: Final = 300.0


class Recorder:
    """A channel for each path. folder: of the media process. reserve: bytes that recordings leave free.

    verify: what a token says. is_secure: whether browsers come over TLS. Made while the event loop runs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        reserve: int,
        emit: Emit,
        verify: Callable[[str], Claims],
        is_secure: bool = False,
    ) -> None:
        recordings = folder / FOLDER
        recordings.mkdir(parents=True, exist_ok=True, mode=0o750)
        self._emit = emit
        self._stages: dict[str, Stage] = {}
        self._channels: dict[str, Channel] = {}
        self._writing = Writing(asyncio.get_running_loop().call_soon_threadsafe)
        self.room = Room(recordings, reserve, self._room_changed)
        self._around = Surroundings(recordings, self.room, self._writing, emit)
        self._audience = Audience(emit)
        self._hls = Hls(
            links=Links(kept_secret(folder)),
            audience=self._audience,
            verify=verify,
            channel_of=self.channel,
            stage_of=self._stages.get,
            is_secure=is_secure,
        )
        self._sweeping = asyncio.get_running_loop().create_task(self._sweep(), name="recordings")

    def add_routes(self, app: web.Application) -> None:
        """What browsers ask for."""
        self._hls.add_routes(app)

    def allowed(self, request: web.Request) -> str:
        """The path for which the address of a request was signed (`{sig}/{exp}/{path}`). Raises what refuses it."""
        return self._hls.allowed(request)

    def attach(self, path: Stream) -> None:
        """What `path` carries on the air goes to players and, where it may, into the recording."""
        found = PATH.fullmatch(path.name)
        if found is not None and found["stream"] != "talkback":
            self.channel(path.name).attach(path)

    def detach(self, path: Stream) -> None:
        """Nothing comes from `path` any more."""
        channel = self._channels.get(path.name)
        if channel is not None and channel.path is path:
            channel.detach()

    def set_stage(self, stage: Stage) -> None:
        """What the site says of an occasion holds from now on."""
        self._stages[stage.occasion] = stage
        for name in paths_of(stage):
            if stage.state is not State.ENDED:
                self.channel(name).look_again()
            elif name in self._channels or not is_complete(self._around.folder / name):
                self.channel(name).finish()
                self._audience.close(name, "ended")
            for sub in stage.banned:
                self._audience.close(name, "banned", sub)

    def figures(self, name: str) -> dict[str, Any]:
        """What hosts are told of a path: its recording, who watches by HLS, and what is wrong."""
        watchers = self._audience.watchers(name)
        warnings = [] if self.room.is_enough() else ["disk"]
        return {
            "hls": len(watchers),
            "watchers": watchers,
            "recording": self.channel(name).figures(),
            "warnings": warnings,
        }

    def watched(self) -> list[Watched]:
        """Who watches by HLS, and how long so far."""
        return self._audience.watched()

    def disk(self) -> dict[str, Any]:
        """What is free for recordings, in hours of one stream."""
        return {"free": self.room.free(), "reserve": self.room.reserve, "hours": round(self.room.hours(), 1)}

    def delete(self, occasion: str) -> bool:
        """Whether there was a recording of the occasion; nothing is left of it."""
        folders = self._around.folder.glob(f"{occasion}/*/")
        names = {f"{occasion}/{folder.name}" for folder in folders} | {
            name for name in self._channels if occasion_of(name) == occasion
        }
        deleted = [self.channel(name).delete() for name in sorted(names) if PATH.fullmatch(name)]
        return any(deleted)

    async def close(self) -> None:
        """All that came is on the disk, and every viewer has left."""
        self._sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._sweeping
        for channel in self._channels.values():
            channel.detach()
            channel.window.finish()
        self._audience.close_all("closed")
        await asyncio.to_thread(self._writing.close)

    def channel(self, name: str) -> Channel:
        """The channel of a path; made when it is asked for first."""
        found = self._channels.get(name)
        if found is None:
            found = self._channels[name] = Channel(name, self._around, self._may_record)
        found.used_at = time.monotonic()
        return found

    def _may_record(self, name: str, path: Stream) -> bool:
        """Whether the venue that `path` shows at this moment consented to be recorded."""
        stage = self._stages.get(occasion_of(name))
        shown = path.shown.name if isinstance(path, Program) and path.shown is not None else name
        if stage is None or shown.endswith(f"/{PROGRAM}"):
            return False
        return any(f"{stage.occasion}/{venue.path}" == shown and venue.recorded for venue in stage.venues)

    def _room_changed(self, is_enough: bool) -> None:
        for channel in self._channels.values():
            if channel.path is not None:
                self._emit(Kind.WARNING, channel.name, "", {"name": "disk", "is_over": is_enough})
        if not is_enough:
            # not at once: this is found out in the middle of a packet
            asyncio.get_running_loop().call_soon(self._keep_reserve)

    def _keep_reserve(self) -> None:
        for channel in self._channels.values():
            if channel.is_recording and not self.room.is_enough():
                channel.look_again()
                channel.stop("reserve")

    async def _sweep(self) -> None:
        look_at = 0.0
        while True:
            now = time.monotonic()
            self._audience.sweep(now)
            self._forget()
            if now >= look_at:
                look_at = now + _OLD_EVERY_S
                self.delete_old(clock.shanghai_day(clock.now()))
            await asyncio.sleep(_SWEEP_S)

    def delete_old(self, today: date) -> None:
        """Recordings whose last day is over are deleted."""
        for stage in list(self._stages.values()):
            if stage.keep_until is not None and stage.keep_until < today.isoformat() and stage.state is State.ENDED:
                self.delete(stage.occasion)

    def _forget(self) -> None:
        """What nobody has published or asked for lately leaves memory."""
        old = time.monotonic() - _FORGET_AFTER_S
        for name, channel in list(self._channels.items()):
            if channel.path is None and channel.used_at < old:
                del self._channels[name]

"""A media server in a thread of the test: the test picture on the air by HLS, with a page to play it on."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from aiohttp import web

from tests.support.paths import ROOT
from training_app.media.paths import VenuePath
from training_app.media.protocol import Act, Claims, Kind, Stage, State, Venue
from training_app.media.recorder import Recorder
from training_app.media.refusals import in_words
from training_app.media.synthetic.tone import second_of_tone
from training_app.media.synthetic.venue import SyntheticVenue
from training_app.web.headers import CONTENT_SECURITY_POLICY

PATH = "o12/v1"
STAGE = Stage("o12", 1, State.ON_AIR, "v1", (Venue("v1", ("l1",), consented=True, recorded=True),))
PAGE = '<!doctype html><title>Play</title><link rel="icon" href="data:,"><video muted playsinline></video>'
ENTER = """async ({kind}) => {
    const answer = await fetch("/enter", {method: "POST", headers: {Authorization: "Bearer any"}})
    const links = await answer.json()
    const {play} = await import("/static/streams/hls.js")
    const video = document.querySelector("video")
    globalThis.shown = 0
    globalThis.playing = play(video, links[kind === "live" ? "hls" : "recording"], {[kind]: true})
    globalThis.playing.onframe = () => { globalThis.shown += 1 }
    await video.play()
}"""
_Found = TypeVar("_Found")


class Airing:
    """The server. url: of its page. events: kinds of what happened."""

    def __init__(self, folder: Path) -> None:
        self.events: list[str] = []
        self.url = ""
        self.recorder: Recorder
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="airing")
        self._port = 0

    def __enter__(self) -> "Airing":
        self._thread.start()
        self.run(self.start)
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, act: Callable[[], Awaitable[_Found]]) -> _Found:
        """What `act` gives, called in the server's thread."""

        async def acted() -> _Found:
            return await act()

        return asyncio.run_coroutine_threadsafe(acted(), self._loop).result(30)

    async def start(self) -> None:
        """The test picture is on the air, at the port of before."""
        self.recorder = Recorder(self._folder, reserve=0, emit=self._emit, verify=_anybody)
        self.path = VenuePath(PATH, self._emit)
        self.recorder.attach(self.path)
        self.path.set_open(is_open=True)
        self.recorder.set_stage(STAGE)
        self._venue = SyntheticVenue(self.path)
        self._venue.start(second_of_tone(440))
        app = web.Application(middlewares=[in_words])
        app.router.add_get("/", _page)
        app.router.add_static("/static", ROOT / "static")
        self.recorder.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}/"

    async def stop(self) -> None:
        """Nothing answers any more."""
        self._venue.stop("stopped")
        await self._runner.cleanup()
        await self.recorder.close()

    async def hold(self) -> None:
        """The picture is held for a moment."""
        self.path.set_open(is_open=False)
        self.path.set_open(is_open=True)

    async def recorded(self, seconds: float) -> None:
        """So much is recorded."""
        while self.recorder.figures(PATH)["recording"]["seconds"] < seconds:
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        """The occasion is over."""
        self._venue.stop("over")
        self.recorder.set_stage(replace(STAGE, version=2, state=State.ENDED))
        while Kind.RECORDING_ENDED not in self.events:
            await asyncio.sleep(0.01)

    def _emit(self, kind: Kind, _path: str, _sub: str, _details: Mapping[str, Any]) -> None:
        self.events.append(kind)


@contextlib.contextmanager
def airing(folder: Path) -> Iterator[Airing]:
    """A server with the test picture on the air."""
    with Airing(folder) as found:
        yield found


async def _page(_request: web.Request) -> web.Response:
    policy = CONTENT_SECURITY_POLICY.format(media="")
    return web.Response(text=PAGE, content_type="text/html", headers={"Content-Security-Policy": policy})


def _anybody(_bearer: str) -> Claims:
    return Claims("p37", PATH, Act.VIEW, 4_000_000_000, "jti-of-37")

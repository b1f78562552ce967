"""HLS over HTTP: entering with a token, then playlists, segments and parts by signed addresses.

Segments that are recorded stand as files below `recordings`, so that nginx can serve them; playlists, parts and what is
not recorded come from here.
"""

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import ClassVar, Final

from aiohttp import hdrs, web

from training_app.errors import Refused
from training_app.media.audience import Audience
from training_app.media.channel import Channel
from training_app.media.links import Links
from training_app.media.protocol import COOKIE, Act, Claims, Stage, State, occasion_of
from training_app.media.tokens import BadToken, WrongPath, bearer_of
from training_app.media.window import Window

BLOCKED_S: Final = 5.0
"""A playlist that does not change is given so late as it is; a player then asks again."""
WHERE: Final = "{sig:[A-Za-z0-9_-]{22}}/{exp:[0-9]{1,11}}/{path:o[1-9][0-9]{0,9}/(?:v[1-9][0-9]{0,9}|program)}"
_PLAYLIST: Final = "application/vnd.apple.mpegurl"
_SEGMENT: Final = "video/mp4"
_FOR_EVER: Final = {hdrs.CACHE_CONTROL: "private, max-age=31536000, immutable"}
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


class NotHeld(Refused):
    """The address is not for this browser, or was changed."""

    status: ClassVar[int] = 403


class Expired(Refused):
    """The address was good and is no more."""

    status: ClassVar[int] = 410


class NotHere(Refused):
    """There is no such thing, or not yet."""

    status: ClassVar[int] = 404


class Hls:
    """The handlers. channel_of: a path's channel. stage_of: what the site said of an occasion. is_secure: over TLS."""

    def __init__(
        self,
        *,
        links: Links,
        audience: Audience,
        verify: Callable[[str], Claims],
        channel_of: Callable[[str], Channel],
        stage_of: Callable[[str], Stage | None],
        is_secure: bool,
    ) -> None:
        self._links = links
        self._audience = audience
        self._verify = verify
        self._channel_of = channel_of
        self._stage_of = stage_of
        self._is_secure = is_secure

    def add_routes(self, app: web.Application) -> None:
        """`/enter` and `/hls`."""
        app.router.add_post("/enter", self.enter)
        app.router.add_get(f"/hls/{WHERE}/live.m3u8", self.live)
        app.router.add_get(f"/hls/{WHERE}/recording.m3u8", self.recording)
        app.router.add_get(f"/hls/{WHERE}/{{init:init[0-9]{{1,9}}}}.mp4", self.init)
        app.router.add_get(f"/hls/{WHERE}/seg{{number:[0-9]{{1,9}}}}.m4s", self.segment)
        app.router.add_get(f"/hls/{WHERE}/part{{number:[0-9]{{1,9}}}}.{{place:[0-9]{{1,4}}}}.m4s", self.part)

    def allowed(self, request: web.Request) -> str:
        """The path for which the address of the request was signed. Raises NotHeld or Expired."""
        said = request.match_info
        path, exp, cookie = said["path"], int(said["exp"]), request.cookies.get(COOKIE, "")
        sub = self._links.sub_of(cookie)
        if sub is None or not self._links.holds(said["sig"], exp, path, cookie):
            raise NotHeld("This address is for another browser. Open the page again.")
        if exp <= time.time():
            raise Expired("The time of this address is over. Open the page again.")
        stage = self._stage_of(occasion_of(path))
        if stage is not None and sub in stage.banned:
            raise NotHeld("This account may not watch any more.")
        return path

    async def enter(self, request: web.Request) -> web.Response:
        """The addresses of a path for the bearer of a token, and the cookie by which they hold."""
        token = bearer_of(request.headers.get(hdrs.AUTHORIZATION))
        if token is None:
            raise BadToken("A token is needed.")
        claims = self._verify(token)
        if claims.act not in {Act.VIEW, Act.MONITOR}:
            raise WrongPath("This token is not for watching.")
        stage = self._stage_of(occasion_of(claims.path))
        if stage is not None and claims.sub in stage.banned:
            raise NotHeld("This account may not watch any more.")
        cookie = self._links.cookie(claims.sub, request.cookies.get(COOKIE, ""))
        self._audience.enter(cookie, claims.jti)
        exp = max(claims.until, claims.exp)
        hls = self._links.address("hls", exp, claims.path, cookie)
        answer = web.json_response(
            {
                "hls": f"{hls}/live.m3u8",
                "recording": f"{hls}/recording.m3u8",
                "changes": self._links.address("changes", exp, claims.path, cookie),
                "state": self._links.address("state", exp, claims.path, cookie),
            }
        )
        answer.set_cookie(COOKIE, cookie, path="/", httponly=True, samesite="Lax", secure=self._is_secure)
        return answer

    async def live(self, request: web.Request) -> web.Response:
        """The playlist of what is on the air; when a part is asked for that is not there yet, as soon as it is."""
        path = self.allowed(request)
        number, place = _asked(request, "_HLS_msn"), _asked(request, "_HLS_part")
        stage = self._stage_of(occasion_of(path))
        window = self._channel_of(path).window
        if number is None:
            is_over = stage is not None and stage.state is State.ENDED
            if not is_over and stage is not None and stage.state is not State.ON_AIR:
                raise NotHere("This is not on the air.")
            if not await window.wait(lambda: bool(window.segments), 0 if is_over else BLOCKED_S):
                raise NotHere("There is no picture.")
        elif window.is_far(number):
            return web.Response(status=HTTPStatus.BAD_REQUEST, text="Nobody knows of this segment yet.\n")
        else:
            await window.wait(lambda: window.has(number, place), BLOCKED_S)
        self._see(request, path, window)
        return web.Response(body=window.text(), content_type=_PLAYLIST)

    async def recording(self, request: web.Request) -> web.Response:
        """The playlist of all that was recorded; while more comes, as far as it is."""
        path = self.allowed(request)
        channel = self._channel_of(path)
        if not channel.shelf.index.rows:
            raise NotHere("There is no recording.")
        stage = self._stage_of(occasion_of(path))
        response = web.Response(
            body=channel.recording(is_over=stage is None or stage.state is State.ENDED), content_type=_PLAYLIST
        )
        response.enable_compression()
        return response

    async def init(self, request: web.Request) -> web.StreamResponse:
        """What players need before the segments."""
        channel = self._channel_of(self.allowed(request))
        name = request.match_info["init"]
        return self._given(channel, channel.window.init(int(name[4:])), f"{name}.mp4")

    async def segment(self, request: web.Request) -> web.StreamResponse:
        """A whole segment."""
        channel = self._channel_of(self.allowed(request))
        number = int(request.match_info["number"])
        segment = channel.window.segment(number)
        if segment is not None and segment.is_open:
            raise NotHere("This segment is not complete.")
        return self._given(channel, segment.data if segment else None, f"seg{number}.m4s")

    async def part(self, request: web.Request) -> web.StreamResponse:
        """A part; the next one, of which a playlist gave a hint, as soon as it is there."""
        channel = self._channel_of(self.allowed(request))
        window = channel.window
        number, place = int(request.match_info["number"]), int(request.match_info["place"])
        if not window.is_far(number):
            await window.wait(lambda: window.has(number, place), BLOCKED_S)
        data = window.part(number, place)
        if data is None:
            raise NotHere("There is no such part.")
        return web.Response(body=data, content_type=_SEGMENT, headers=_FOR_EVER)

    def _see(self, request: web.Request, path: str, window: Window) -> None:
        cookie = request.cookies.get(COOKIE, "")
        sub = self._links.sub_of(cookie)
        if sub is not None and not window.is_over:
            self._audience.see(path, cookie, sub, published_s=window.published_s, now=time.monotonic())

    def _given(self, channel: Channel, data: bytes | None, name: str) -> web.StreamResponse:
        if data is not None:
            return web.Response(body=data, content_type=_SEGMENT, headers=_FOR_EVER)
        file = channel.shelf.folder / name
        if not file.is_file():
            raise NotHere("There is no such segment.")
        return web.FileResponse(file, headers={**_FOR_EVER, hdrs.CONTENT_TYPE: _SEGMENT})


def _asked(request: web.Request, name: str) -> int | None:
    text = request.query.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else None

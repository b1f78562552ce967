"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep-04) as HTTP: what requests look like, and what is answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from training_app.media import offers
from training_app.media.protocol import PATH
from training_app.media.sessions import Session
from training_app.media.tokens import bearer_of

SDP: Final = "application/sdp"
FRAGMENT: Final = "application/trickle-ice-sdpfrag"
ENDPOINT_METHODS: Final = "OPTIONS, POST"
SESSION_METHODS: Final = "DELETE, OPTIONS, PATCH"


class Declined(Exception):
    """A request that is not carried out. retry_s: when it may be, 0 for never. instead: the address of another way."""

    def __init__(self, status: int, message: str, *, retry_s: int = 0, instead: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers: dict[str, str] = {}
        if retry_s:
            self.headers[hdrs.RETRY_AFTER] = str(retry_s)
        if instead:
            self.headers["Link"] = f'<{instead}>; rel="alternate"; type="application/vnd.apple.mpegurl"'
        if status == HTTPStatus.UNAUTHORIZED:
            self.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has begun, and the answer to its offer."""

    session: Session
    answer: str


Begin = Callable[[str, str, bytes], Awaitable[Begun]]
"""(path, bearer, body of the offer) -> what has begun. Raises Declined, BadOffer."""


class Resource:
    """One of the two: `/whip/<path>` or `/whep/<path>`, and the sessions below it."""

    def __init__(self, name: str, begin: Begin, find: Callable[[str], Session | None], links: tuple[str, ...]) -> None:
        self._name = name
        self._begin = begin
        self._find = find
        self._links = links

    def add_routes(self, app: web.Application) -> None:
        """Requests to it are answered."""
        base = f"/{self._name}/{{occasion}}/{{stream}}"
        app.router.add_route("*", base, self._guarded(self._endpoint))
        app.router.add_route("*", f"{base}/{{session}}", self._guarded(self._session))

    def _guarded(
        self, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            try:
                return await handler(request)
            except Declined as refusal:
                return web.Response(status=refusal.status, text=f"{refusal.message}\n", headers=refusal.headers)
            except offers.BadOffer as fault:
                return web.Response(status=fault.status, text=f"{fault.message}\n")

        return guarded

    async def _endpoint(self, request: web.Request) -> web.Response:
        path = _path(request)
        if request.method == hdrs.METH_OPTIONS:
            return _options(ENDPOINT_METHODS, {"Accept-Post": SDP})
        if request.method != hdrs.METH_POST:
            return _not_allowed(ENDPOINT_METHODS)
        bearer = bearer_of(request.headers.get(hdrs.AUTHORIZATION))
        if bearer is None:
            raise Declined(401, "This needs a token.")
        if request.content_type != SDP:
            raise Declined(415, f"An offer is sent as {SDP}.")
        begun = await self._begin(path, bearer, await _body(request))
        session = begun.session
        response = web.Response(status=HTTPStatus.CREATED, body=begun.answer.encode(), content_type=SDP)
        response.headers[hdrs.LOCATION] = f"/{self._name}/{path}/{session.id}"
        response.headers[hdrs.ETAG] = f'"{session.etag}"'
        for link in self._links:
            response.headers.add("Link", link)
        return response

    async def _session(self, request: web.Request) -> web.Response:
        path = _path(request)
        if request.method == hdrs.METH_OPTIONS:
            return _options(SESSION_METHODS, {"Accept-Patch": FRAGMENT})
        if request.method not in {hdrs.METH_PATCH, hdrs.METH_DELETE}:
            return _not_allowed(SESSION_METHODS)
        session = self._find(request.match_info["session"])
        if session is None or session.path != path:
            raise Declined(404, "There is no such session.")
        if not session.belongs_to(bearer_of(request.headers.get(hdrs.AUTHORIZATION))):
            raise Declined(401, "This session began with another token.")
        if request.method == hdrs.METH_DELETE:
            session.client.close("left")
            return web.Response(status=HTTPStatus.OK)
        return await _patch(request, session)


async def _patch(request: web.Request, session: Session) -> web.Response:
    """Candidates that came later are taken; ICE is not begun anew, for which clients make a session of their own."""
    if request.content_type != FRAGMENT:
        raise Declined(415, f"Candidates are sent as {FRAGMENT}.")
    match = request.headers.get(hdrs.IF_MATCH)
    if match is None:
        raise Declined(428, "If-Match must name the session.")
    if match == "*":
        raise Declined(422, "ICE cannot be begun again here. Begin a new session.")
    if match != f'"{session.etag}"':
        raise Declined(412, "If-Match names an earlier session.")
    fragment = offers.read_fragment(await _body(request))
    if fragment.ufrag and fragment.ufrag != session.ufrag:
        raise Declined(422, "ICE cannot be begun again here. Begin a new session.")
    for mid, candidate in fragment.candidates:
        await session.client.peer.add_candidate(mid, candidate)
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _path(request: web.Request) -> str:
    path = f"{request.match_info['occasion']}/{request.match_info['stream']}"
    if not PATH.fullmatch(path):
        raise Declined(404, "There is no such stream.")
    return path


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > offers.LARGEST:
        raise Declined(413, "This is too large.")
    body = await request.content.read(offers.LARGEST + 1)
    while len(body) <= offers.LARGEST and not request.content.at_eof():
        body += await request.content.read(offers.LARGEST + 1 - len(body))
    if len(body) > offers.LARGEST:
        raise Declined(413, "This is too large.")
    return body


def _options(methods: str, more: Mapping[str, str]) -> web.Response:
    return web.Response(status=HTTPStatus.OK, headers={hdrs.ALLOW: methods, **more})


def _not_allowed(methods: str) -> web.Response:
    return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={hdrs.ALLOW: methods})

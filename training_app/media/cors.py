"""Pages of the site may ask the media process, which listens on another port of the same host; no other page may."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

EXPOSED: Final = "Location, ETag, Link, Retry-After"
METHODS: Final = "GET, POST, PATCH, DELETE, OPTIONS"
ASKED: Final = "Authorization, Content-Type, If-Match"
PREFLIGHT_LASTS_S: Final = 600

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def init_cors(app: web.Application) -> None:
    """Every answer of `app` says which pages may read it; pages of other hosts are refused."""
    app.middlewares.append(only_pages_of_this_host)
    app.on_response_prepare.append(add_headers)


def is_of_host(origin: str, host: str) -> bool:
    """Whether a page of `origin` is of the host by which it asks, at whatever port."""
    try:
        page, asked = urlsplit(origin), urlsplit(f"//{host}")
        names = page.hostname, asked.hostname
    except ValueError:
        return False
    return page.scheme in {"http", "https"} and names[0] is not None and names[0] == names[1]


@web.middleware
async def only_pages_of_this_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 to pages of other hosts; what browsers ask beforehand is answered for every address that there is."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and not is_of_host(origin, request.host):
        return web.Response(status=HTTPStatus.FORBIDDEN, text="This page is not of the site.\n")
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed:
        if request.method != hdrs.METH_OPTIONS:
            raise
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The page that asked may read the answer, if it is of this host."""
    headers = response.headers
    headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    headers["X-Content-Type-Options"] = "nosniff"
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None or not is_of_host(origin, request.host):
        return
    headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
    headers[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"
    headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = EXPOSED
    headers[hdrs.VARY] = hdrs.ORIGIN
    if request.method == hdrs.METH_OPTIONS:
        headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = METHODS
        headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = ASKED
        headers[hdrs.ACCESS_CONTROL_MAX_AGE] = str(PREFLIGHT_LASTS_S)

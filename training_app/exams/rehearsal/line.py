"""HTTP/1.1 over connections that are kept, for thousands of simulated candidates in one process with little CPU."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

PATIENCE_S: Final = 15.0
"""As long as a page waits for an answer."""
END_OF_HEAD: Final = b"\r\n\r\n"


class Unreachable(Exception):
    """The site gave no whole answer."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the site is. context: None over plain HTTP."""

    host: str
    port: int
    context: ssl.SSLContext | None

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a browser names them."""
        scheme, usual = ("https", 443) if self.context else ("http", 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" + ("" if self.port == usual else f":{self.port}")


def site_of(url: str, *, authority: str | None = None, trusting: bool = False) -> Site:
    """The site at `url`. authority: file of a private one. trusting: any certificate will do, as for this machine."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url} is no address of a site, such as https://exam.example:8443")
    context = None
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=authority)
        if trusting:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return Site(parts.hostname, parts.port or (443 if context else 80), context)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site said. took_s: from the first byte sent to the last one received."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes
    took_s: float

    @property
    def location(self) -> str:
        """Path of the page to go on to; empty when there is none."""
        parts = urlsplit(self.headers.get("location", ""))
        return parts.path + (f"?{parts.query}" if parts.query else "")


class _Wire(asyncio.Protocol):
    """One connection with at most one request on it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[tuple[int, dict[str, str], tuple[str, ...], bytes]] | None = None
        self._got = bytearray()
        self._head: tuple[int, dict[str, str], tuple[str, ...]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        try:
            self._read()
        except ValueError:
            self._fail("an answer that is not HTTP")

    def eof_received(self) -> None:
        self._fail("closed in the middle")

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._fail(str(exc or "closed"))

    def _fail(self, why: str) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(Unreachable(why))
        if self.transport is not None:
            self.transport.abort()

    def _read(self) -> None:
        if self._head is None:
            end = self._got.find(END_OF_HEAD)
            if end < 0:
                return
            self._head = _head_of(bytes(self._got[:end]))
            del self._got[: end + len(END_OF_HEAD)]
        body = _body_of(self._got, self._head[1])
        if body is None or self.answer is None or self.answer.done():
            return
        head, self._head = self._head, None
        self._got.clear()
        self.answer.set_result((*head, body))


def _head_of(head: bytes) -> tuple[int, dict[str, str], tuple[str, ...]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    cookies = tuple(value.partition(";")[0] for name, value in pairs if name == "set-cookie")
    return int(first.split(" ", 2)[1]), dict(pairs), cookies


def _body_of(got: bytearray, headers: Mapping[str, str]) -> bytes | None:
    """The body when all of it is there."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _unchunked(got)
    length = int(headers.get("content-length", "0"))
    return bytes(got[:length]) if len(got) >= length else None


def _unchunked(got: bytearray) -> bytes | None:
    whole, at = bytearray(), 0
    while (end := got.find(b"\r\n", at)) >= 0:
        size = int(got[at:end].split(b";")[0], 16)
        at = end + 2
        if len(got) < at + size + 2:
            return None
        if size == 0:
            return bytes(whole)
        whole += got[at : at + size]
        at += size + 2
    return None


class Line:
    """A connection of one candidate, opened when it is first needed and again after it broke."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._wire: _Wire | None = None

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """The answer to one request. Raises Unreachable.

        A kept connection that the site had closed meanwhile is opened once more, as browsers do it.
        """
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.site.origin.partition('//')[2]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join(lines).encode() + END_OF_HEAD + body
        begun = time.perf_counter()
        was_kept = self._wire is not None and self._wire.transport is not None
        try:
            found = await self._exchange(request)
        except Unreachable:
            if not was_kept or time.perf_counter() - begun > 1:
                raise
            found = await self._exchange(request)
        if found[1].get("connection", "").lower() == "close":
            self.close()
        return Answer(*found, time.perf_counter() - begun)

    async def _exchange(self, request: bytes) -> tuple[int, dict[str, str], tuple[str, ...], bytes]:
        loop = asyncio.get_running_loop()
        wire = self._wire
        if wire is None or wire.transport is None:
            wire = await self._connected(loop)
        wire.answer = loop.create_future()
        transport = wire.transport
        if transport is None:
            raise Unreachable("closed")
        transport.write(request)
        patience = loop.call_later(PATIENCE_S, wire._fail, "no answer in time")
        try:
            return await wire.answer
        finally:
            patience.cancel()

    async def _connected(self, loop: asyncio.AbstractEventLoop) -> _Wire:
        opening = loop.create_connection(_Wire, self.site.host, self.site.port, ssl=self.site.context)
        try:
            _, wire = await asyncio.wait_for(opening, PATIENCE_S)
        except (OSError, TimeoutError) as error:
            raise Unreachable(str(error) or "no connection") from None
        self._wire = wire
        return wire

    def close(self) -> None:
        """The connection ends."""
        if self._wire is not None and self._wire.transport is not None:
            self._wire.transport.abort()
        self._wire = None


class Lines:
    """Connections for everybody: one each, or at most `most` that are lent for one request at a time."""

    def __init__(self, site: Site, most: int | None = None) -> None:
        self._site = site
        self._all: list[Line] = []
        self._idle: asyncio.LifoQueue[Line] | None = None
        if most is not None:
            self._idle = asyncio.LifoQueue()
            for _ in range(most):
                self._idle.put_nowait(self._new())

    def line(self) -> "Line | LentLine":
        """The connection of one candidate."""
        return self._new() if self._idle is None else LentLine(self._site, self._idle)

    def _new(self) -> Line:
        self._all.append(Line(self._site))
        return self._all[-1]

    async def close(self) -> None:
        """Every connection ends."""
        for line in self._all:
            line.close()
        await asyncio.sleep(0)  # the loop takes them off its list


@dataclass(frozen=True, slots=True)
class LentLine:
    """Any idle connection of a few; how long one waited for it does not count as the site's time."""

    site: Site
    idle: "asyncio.LifoQueue[Line]"

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """The answer to one request. Raises Unreachable."""
        line = await self.idle.get()
        try:
            return await line.ask(method, path, headers, body)
        finally:
            self.idle.put_nowait(line)

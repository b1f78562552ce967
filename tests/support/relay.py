"""A relay on loopback between two parties, which cuts their connections or swallows the answers."""

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
Target = tuple[str, int] | Path
"""Host and port, or a socket."""
Pair = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


class Relay:
    """Passes on what comes to `port`. target: where it goes, may change; None: nobody answers there."""

    def __init__(self) -> None:
        self.target: Target | None = None
        self.swallows = False
        """Whether questions pass and answers do not: what was done, nobody hears."""
        self._pairs: set[Pair] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _do(self, what: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    def cut(self) -> None:
        """Every connection is broken off, in the middle of whatever is said."""
        self._do(self._cut())

    async def _cut(self) -> None:
        for pair in list(self._pairs):
            for writer in pair:
                writer.transport.abort()

    def close(self) -> None:
        """Nobody listens any more."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        await self._cut()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        if passing:
            await asyncio.wait(passing, timeout=10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await self._reached()
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, far_writer)
        self._pairs.add(pair)
        passing = [
            asyncio.ensure_future(self._pass_on(reader, far_writer, answers=False)),
            asyncio.ensure_future(self._pass_on(far_reader, writer, answers=True)),
        ]
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for one in (writer, far_writer):
            one.transport.abort()
        await asyncio.wait(passing)
        self._pairs.discard(pair)

    async def _reached(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.target is None:
            raise ConnectionRefusedError
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection(*self.target)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        try:
            while said := await reader.read(1 << 16):
                if not (answers and self.swallows):
                    writer.write(said)
                    await writer.drain()
        except OSError:
            pass

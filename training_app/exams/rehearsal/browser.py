"""What a browser does for a simulated candidate: cookies, redirects, forms, requests repeated after growing pauses."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Final
from urllib.parse import urlencode

from training_app.exams.rehearsal.line import Answer, LentLine, Line, Unreachable
from training_app.exams.rehearsal.sheets import Unreadable
from training_app.exams.rehearsal.tally import Tally

PAUSES_S: Final = (1, 2, 4, 8, 15)
"""Before a request is repeated, as the paper does it."""


class Failed(Exception):
    """A request had no good answer; the message is short and the same for like faults."""


class Browser:
    """One person's connection with its cookies. random: for pauses."""

    def __init__(self, line: Line | LentLine, tally: Tally, random: Random) -> None:
        self.line = line
        self.tally = tally
        self.random = random
        self.cookies: dict[str, str] = {}

    async def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """The answer to a page or a form. Raises Failed."""
        body = urlencode(fields).encode() if fields is not None else b""
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if fields is not None else {}
        return await self.send(method, path, {"Accept": "text/html", **kind, **headers}, body)

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to any request, with cookies kept and time and faults noted. Raises Failed."""
        origin = self.line.site.origin
        cookie = (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        )
        self.tally.requests += 1
        try:
            answer = await self.line.ask(method, path, {**cookie, "Referer": f"{origin}{path}", **headers}, body)
        except Unreachable as fault:
            raise Failed("no answer") from fault
        self.tally.slowest_s = max(self.tally.slowest_s, answer.took_s)
        for one in answer.cookies:
            name, _, value = one.partition("=")
            self.cookies[name] = value
        if answer.status >= 400:
            raise Failed(f"status {answer.status}")
        return answer

    async def page(self, path: str) -> Answer:
        """The page at that address, redirects followed."""
        answer = await self.ask("GET", path)
        for _ in range(3):
            if answer.status not in {301, 302, 303}:
                return answer
            answer = await self.ask("GET", answer.location)
        raise Failed("led around in circles")

    async def submit(self, path: str, fields: Mapping[str, str]) -> tuple[str, Answer]:
        """Address and page to which a form leads."""
        answer = await self.ask("POST", path, fields)
        if answer.status not in {302, 303}:
            raise Failed("form not taken")
        return answer.location, await self.page(answer.location)

    async def until_done(self, step: str, act: Callable[[], Awaitable[None]], until: float) -> bool:
        """Whether `act` succeeded before the moment `until` of the loop's clock; repeated after growing pauses."""
        for tries in range(10_000):
            try:
                await act()
            except (Failed, Unreadable) as fault:
                self.tally.fail(step, str(fault))
            except (ValueError, KeyError) as fault:
                self.tally.fail(step, f"unreadable answer: {type(fault).__name__}")
            else:
                return True
            pause = PAUSES_S[min(tries, len(PAUSES_S) - 1)] * self.random.uniform(0.8, 1.2)
            if asyncio.get_running_loop().time() + pause > until:
                return False
            await asyncio.sleep(pause)
        return False

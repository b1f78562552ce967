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


class ToldToWait(Failed):
    """The site asks to come again after some seconds: a crowd at the door, and no fault."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"told to wait {seconds:g} s")
        self.seconds = seconds


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
        if answer.status >= 400 and answer.headers.get("retry-after", "").isdecimal():
            raise ToldToWait(float(answer.headers["retry-after"]))
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
        loop, tries = asyncio.get_running_loop(), 0
        while True:
            pause: float = PAUSES_S[min(tries, len(PAUSES_S) - 1)]
            try:
                await act()
            except ToldToWait as crowd:
                self.tally.told_to_wait += 1
                pause = crowd.seconds
            except (Failed, Unreadable) as fault:
                self.tally.fail(step, str(fault))
                tries += 1
            except (ValueError, KeyError) as fault:
                self.tally.fail(step, f"unreadable answer: {type(fault).__name__}")
                tries += 1
            else:
                return True
            pause *= self.random.uniform(0.8, 1.2)
            if loop.time() + pause > until:
                return False
            await asyncio.sleep(pause)

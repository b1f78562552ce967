"""One simulated candidate: signs in, comes in, waits, begins, answers, hands in, over the same pages as people."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from training_app.exams.rehearsal.browser import Browser, Failed
from training_app.exams.rehearsal.line import LentLine, Line
from training_app.exams.rehearsal.sheets import (
    HASH,
    PAPER,
    SOUND,
    WAITING,
    Answers,
    answers_on,
    data_of,
    token_of,
)
from training_app.exams.rehearsal.tally import Tally

POLL_S: Final = (3.5, 6.5)
"""Between two looks of the waiting room at how things stand."""
JSON: Final = {"Accept": "application/json", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Account:
    """Who is simulated. place: id of the roster place."""

    username: str
    password: str
    ticket: str
    seat: str
    place: int


class Candidate(Browser):
    """An account at a computer. stored: what was acknowledged, (item, number) -> answer. share: 0 to 1, of a spread."""

    def __init__(self, account: Account, line: Line | LentLine, tally: Tally, *, seed: str) -> None:
        super().__init__(line, tally, Random(seed))  # noqa: S311 - think times, no secret
        self.account = account
        self.stored: dict[tuple[int, int], object] = {}
        self.attempt: int | None = None
        self.is_handed_in = False
        self._csrf = ""
        self._waiting: dict[str, Any] = {}
        self._paper: dict[str, Any] = {}
        self._answers: Answers = {}
        self._unsent: dict[tuple[int, int], object] = {}
        self._given = 0
        self._device = f"rehearsal-{account.place}/{self.random.randrange(1 << 40):x}"
        self._beacon: str | None = None
        self._head = ""
        self._seen: set[int] = set()
        self.share = self.random.random()

    # before the paper

    async def sign_in(self) -> None:
        """Name and password; on to the door."""
        self.cookies.clear()
        page = await self.ask("GET", "/sign-in?next=/door")
        begun = time.perf_counter()
        fields = {"username": self.account.username, "password": self.account.password, "next": "/door"}
        _, page = await self.submit("/sign-in", {**fields, "csrf_token": token_of(page.body)})
        self.tally.note("sign_in", time.perf_counter() - begun)
        self._csrf = token_of(page.body)

    async def enter(self) -> None:
        """Ticket at the door, seat confirmed on the screen; then the waiting room is there."""
        door = await self.ask("GET", "/door")
        begun = time.perf_counter()
        fields = {"ticket": self.account.ticket, "csrf_token": token_of(door.body)}
        place, page = await self.submit("/door", fields)
        if WAITING.search(page.body) is None:
            fields = {"seat": self.account.seat, "csrf_token": token_of(page.body)}
            _, page = await self.submit(f"{place}/seat", fields)
        self.tally.note("entry", time.perf_counter() - begun)
        self._csrf = token_of(page.body)
        self._waiting = data_of(page.body, WAITING)

    async def look(self) -> None:
        """How things stand, as the waiting room asks."""
        answer = await self.ask("GET", self._waiting["poll"], Accept="application/json")
        self._waiting.update(json.loads(answer.body))

    async def wait(self, opened: asyncio.Event, most_s: float) -> None:
        """In the waiting room until it is opened, and then for the own part of the spread, `most_s` at the longest."""
        while not opened.is_set():
            try:
                async with asyncio.timeout(self.random.uniform(*POLL_S)):
                    await opened.wait()
            except TimeoutError:
                await self.until_done("waiting", self.look, 0)
        first, start = (datetime.fromisoformat(self._waiting[name]) for name in ("first_page_at", "start_at"))
        await asyncio.sleep(min(max(0.0, (first - start).total_seconds()), most_s))

    # the paper

    async def begin(self) -> None:
        """The clock of the paper starts, once."""
        begun = time.perf_counter()
        path = f"/places/{self.account.place}/start"
        answer = await self.ask("POST", path, {"csrf_token": self._csrf}, Accept="application/json")
        self.tally.note("start", time.perf_counter() - begun)
        self.attempt = int(json.loads(answer.body)["url"].rpartition("/")[2])

    async def open(self, known: dict[tuple[int, ...], Answers]) -> None:
        """The page of the paper. known: answers by form, so that one page of each form is read closely."""
        begun = time.perf_counter()
        page = await self.ask("GET", f"/attempts/{self.attempt}")
        data = data_of(page.body, PAPER)
        self.tally.note("page", time.perf_counter() - begun)
        form = tuple(one["item"] for one in data["items"])
        if form not in known:
            known[form] = answers_on(page.body, data["items"])
        self._answers, self._paper, self._csrf, self._beacon = known[form], data, data["csrf"], data["beacon"]
        self._head = data["head"]["hash"]

    async def arrive(self) -> None:
        """The page takes the paper, as it does when it was loaded."""
        await self._deliver(
            "saves",
            take_over=self._paper["holder"] is not None,
            facts=[{"kind": "opened", "at": _now(), "seconds": None}],
        )

    def give(self) -> None:
        """One more answer is given: item after item, then again and changed."""
        items = [one["item"] for one in self._paper["items"]]
        position, turn = self._given % len(items), self._given // len(items)
        choices = self._answers[items[position]]
        self._given += 1
        self._seen.add(position + 1)
        self._unsent[items[position], turn + 1] = choices[(turn + self.account.place) % len(choices)]

    async def save(self) -> None:
        """What is not acknowledged is sent, as the page does it."""
        begun = time.perf_counter()
        await self._deliver("saves")
        self.tally.note("save", time.perf_counter() - begun)

    async def beat(self) -> None:
        """A sign of life."""
        await self._deliver("saves")

    async def _deliver(self, to: str, **more: object) -> dict[str, Any]:
        sent = list(self._unsent.items())[:200]
        at = _now()
        entries = [
            {"item": item, "seq": seq, "at": at, "beacon": self._beacon, "payload": payload}
            for (item, seq), payload in sent
        ]
        body = {
            "position": 1 + (self._given - 1) % len(self._paper["items"]) if self._given else 1,
            "marks": {"flagged": [], "seen": sorted(self._seen)},
            "full_screen": True,
            "device": self._device,
            "beacon": self._beacon,
            "sent_at": at,
            "unsent": len(self._unsent) - len(sent),
            "secure": self.line.site.context is not None,
            "take_over": False,
            "entries": entries,
            "facts": [],
            **more,
        }
        path = f"/attempts/{self.attempt}/{to}"
        answer = await self.send("POST", path, {**JSON, "X-CSRFToken": self._csrf}, json.dumps(body).encode())
        reply: dict[str, Any] = json.loads(answer.body)
        self._hear(reply)
        return reply

    def _hear(self, reply: Mapping[str, Any]) -> None:
        for one in reply["stored"]:
            number = (one["item"], one["seq"])
            if number in self._unsent:
                self.stored[number] = self._unsent.pop(number)
                self.tally.saves += 1
        for one in [*reply["refused"], *reply["piled"]]:
            if self._unsent.pop((one["item"], one["seq"]), None) is not None:
                self.tally.fail("save", f"not taken: {one['why']}")
        self._beacon = reply["beacon"] or self._beacon
        self._head = reply["head"]["hash"]

    async def answer_until(self, until: float, think_s: float) -> None:
        """Answers each `think_s` or so, with signs of life between, until that moment of the loop's clock.

        Who begins too late for that has time for one answer.
        """
        loop = asyncio.get_running_loop()
        until = max(until, loop.time() + think_s)
        beats_s = float(self._paper["heartbeat_s"])
        next_answer = loop.time() + self.random.uniform(0, think_s)
        while loop.time() < until:
            next_beat = loop.time() + beats_s * self.random.uniform(0.8, 1.2)
            await asyncio.sleep(max(0.0, min(next_answer, next_beat, until) - loop.time()))
            if loop.time() >= min(next_answer, until):
                if loop.time() >= until:
                    return
                next_answer = loop.time() + think_s * self.random.uniform(0.5, 1.5)
                self.give()
                await self.until_done("save", self.save, until)
            else:
                await self.until_done("alive", self.beat, 0)

    async def hand_in(self) -> None:
        """What waits is delivered; then the paper is handed in, and its receipt is there."""
        begun = time.perf_counter()
        while self._unsent:
            await self._deliver("saves")
        claims: dict[str, int] = {}
        for item, seq in self.stored:
            claims[str(item)] = max(seq, claims.get(str(item), 0))
        reply = await self._deliver("hand-in", claims=claims)
        if reply["state"] != "submitted":
            raise Failed(f"hand-in answered {reply['state']}")
        await self.page(f"/attempts/{self.attempt}/receipt")
        self.tally.note("hand_in", time.perf_counter() - begun)
        self.is_handed_in = True

    # afterwards

    async def count_lost(self) -> int:
        """How many acknowledged answers the site no longer shows: by the receipt, recomputed, or by the paper."""
        answer = await self.page(f"/attempts/{self.attempt}")
        if PAPER.search(answer.body):
            return self._missing_on(data_of(answer.body, PAPER))
        fields = {"csrf_token": token_of(answer.body)}
        proof = await self.ask("POST", f"/attempts/{self.attempt}/receipt", fields)
        is_sound = SOUND in proof.body and self._head.encode() in HASH.findall(proof.body)
        return 0 if is_sound else len(self.stored)

    def _missing_on(self, data: Mapping[str, Any]) -> int:
        latest: dict[int, int] = {}
        for item, seq in self.stored:
            latest[item] = max(seq, latest.get(item, 0))
        shown = data["answers"]
        gone = [
            item
            for item, seq in latest.items()
            if str(item) not in shown
            or shown[str(item)]["seq"] < seq
            or (shown[str(item)]["seq"] == seq and shown[str(item)]["payload"] != self.stored[item, seq])
        ]
        return max(len(gone), len(self.stored) - int(data["head"]["server_seq"]))


def _now() -> str:
    return datetime.now(UTC).isoformat()

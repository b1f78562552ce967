"""Candidates who save over HTTP as the page does, whatever happens to the site, and remember what they were told."""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tests.support.saving import DATA, JSON, Sitter

PAUSES_S: Final = (0.1, 0.2, 0.4, 0.8, 1.5)
"""A tenth of the page's: what matters is their order."""
PATIENCE_S: Final = 5
THINKS_S: Final = 0.08
RELOADS: Final = 0.02
BROKEN: Final = (OSError, http.client.HTTPException, ValueError)
OVER: Final = {"submitted", "marking", "marked", "released"}
Number = tuple[int, int]
"""Item version and number of an answer."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was sent. at: when it was given, by the page's estimate of the server's time."""

    payload: object
    at: str | None


@dataclass
class Memory:
    """What a candidate gave, and what the site said of it. complaints: what must never happen."""

    unsent: dict[Number, Given] = field(default_factory=dict)
    acknowledged: dict[Number, object] = field(default_factory=dict)
    piled: dict[Number, object] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    failures: int = 0


class Candidate(threading.Thread):
    """Somebody at a paper. hands_in_after: so many answers; None: when the room is told to."""

    def __init__(self, sitter: Sitter, port: int, seed: str, *, hands_in_after: int | None) -> None:
        super().__init__(daemon=True)
        self.sitter = sitter
        self.memory = Memory()
        self.is_over = False
        self.told_to_end = threading.Event()
        self._left = threading.Event()
        self._port = port
        self._random = random.Random(seed)
        self._hands_in_after = hands_in_after
        self._connection: http.client.HTTPConnection | None = None
        self._csrf = self._token = self._beacon = ""
        self._server_now: tuple[datetime, float] | None = None
        self._highest = dict.fromkeys(sitter.answers, 0)
        self._tries = 0

    def leave(self) -> None:
        """The candidate goes home, whatever is unsent."""
        self._left.set()

    def run(self) -> None:
        """To the hand-in, or until it leaves."""
        while not (self.is_over or self._left.is_set()):
            pause = PAUSES_S[min(self._tries, len(PAUSES_S)) - 1] if self._tries else THINKS_S
            self._left.wait(pause * self._random.uniform(0.5, 1.5))
            try:
                self._go_on()
                self._tries = 0
            except BROKEN:
                self._tries += 1
                self.memory.failures += 1
                self._hang_up()
        self._hang_up()

    # what a page does

    def _go_on(self) -> None:
        if not self._csrf or self._random.random() < RELOADS:
            self._load()
            return
        given = sum(self._highest.values())
        ends = self.told_to_end.is_set() or (self._hands_in_after is not None and given >= self._hands_in_after)
        if not ends:
            self._give(given)
            self._heard(self._post("saves"))
        elif self.memory.unsent:
            self._heard(self._post("saves"))
        else:
            claims = {str(item): seq for item, seq in sorted(self.memory.acknowledged)}
            self._heard(self._post("hand-in", claims=claims))

    def _give(self, given: int) -> None:
        item = self._random.choice(sorted(self.sitter.answers))
        self._highest[item] += 1
        payload = self.sitter.answers[item] if given % 3 else None
        self.memory.unsent[item, self._highest[item]] = Given(payload, self._reckoned())

    def _reckoned(self) -> str | None:
        if self._server_now is None:
            return None
        at, heard = self._server_now
        return (at + timedelta(seconds=time.monotonic() - heard)).isoformat()

    def _heard(self, reply: dict[str, object]) -> None:
        self._server_now = (datetime.fromisoformat(str(reply["server_now"])), time.monotonic())
        self._beacon = str(reply["beacon"])
        for number in _numbers(reply["stored"]):
            self.memory.acknowledged[number] = self.memory.unsent.pop(number).payload
        for number in _numbers(reply["piled"]):
            self.memory.piled[number] = self.memory.unsent.pop(number).payload
        for what in ("refused", "missing", "elsewhere"):
            if reply[what]:
                self.memory.complaints.append(f"{what}: {reply[what]}")
        if reply["state"] in OVER and not self.memory.unsent:
            self.is_over = True

    # the wire

    def _load(self) -> None:
        """The page is loaded again, and shows what was acknowledged; when it is over, what is left is delivered."""
        status, page, headers = self._ask("GET", "")
        found = DATA.search(page)
        if status in (302, 303) and "/sign-in" not in headers.get("location", ""):
            self._deliver()
            return
        if status in (302, 303, 401, 403, 404):
            self.memory.complaints.append(f"the page answered {status} {headers.get('location', '')}")
        if status != 200 or not found:
            raise ConnectionError(status)
        self.sitter.cookie = headers.get("set-cookie", self.sitter.cookie).partition(";")[0]
        data = json.loads(found[1])
        self._csrf, self._token = data["csrf"], data["token"]
        self._server_now = (datetime.fromisoformat(data["server_now"]), time.monotonic())
        shown = {int(item): one["seq"] for item, one in data["answers"].items()}
        lost = {number for number in self.memory.acknowledged if number[1] > shown.get(number[0], 0)}
        if lost:
            self.memory.complaints.append(f"a page loaded anew lacks {sorted(lost)}")

    def _deliver(self) -> None:
        """What is left here goes to the late pile by the token of the paper."""
        if self.memory.unsent:
            body = {"token": self._token, "device": f"{self._seat}/left", "entries": self._entries()}
            reply = self._read(*self._send("/deliveries", body)[:2])
            for number in _numbers(reply["kept"]):
                self.memory.piled[number] = self.memory.unsent.pop(number).payload
            if reply["refused"]:
                self.memory.complaints.append(f"refused: {reply['refused']}")
        self.is_over = not self.memory.unsent

    def _post(self, to: str, **more: object) -> dict[str, object]:
        body = {"device": f"{self._seat}/tab", "entries": self._entries(), "beacon": self._beacon, **more}
        status, said, _ = self._send(f"/attempts/{self.sitter.attempt_id}/{to}", body)
        return self._read(status, said)

    @property
    def _seat(self) -> str:
        return f"seat-{self.sitter.attempt_id}"

    def _entries(self) -> list[dict[str, object]]:
        waiting = list(self.memory.unsent.items())[:200]
        return [{"item": item, "seq": seq, "payload": one.payload, "at": one.at} for (item, seq), one in waiting]

    def _read(self, status: int, said: str) -> dict[str, object]:
        """The reply. Raises ConnectionError for an answer after which a page sends again."""
        if status in (400, 401, 403, 404, 413):
            self.memory.complaints.append(f"a delivery was answered {status}: {said[:200]}")
        if status != 200:
            raise ConnectionError(status)
        reply: dict[str, object] = json.loads(said)
        return {"missing": [], "elsewhere": None, **reply}

    def _send(self, path: str, body: object) -> tuple[int, str, dict[str, str]]:
        return self._ask("POST", path, json.dumps(body))

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, dict[str, str]]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        headers = {"Cookie": self.sitter.cookie}
        if body is not None:
            headers |= {**JSON, "X-CSRFToken": self._csrf}
        self._connection.request(method, path or f"/attempts/{self.sitter.attempt_id}", body, headers)
        answer = self._connection.getresponse()
        said = answer.read().decode()
        return answer.status, said, {name.lower(): value for name, value in answer.getheaders()}

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _numbers(found: object) -> list[Number]:
    assert isinstance(found, list)
    return [(one["item"], one["seq"]) for one in found]

"""Each hot request of an exam day against its floor: CPU of server and database a request, on PostgreSQL.

A save, a start and a hand-in are held against one raw upsert of a bare Flask view, a page against a bare Jinja page of
the same items; both on the same server, driver and database, in turns with them.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import psycopg
from sqlalchemy.engine import make_url

from benchmarks.floor import TABLE
from benchmarks.measuring import Figure
from benchmarks.served import Ask, Measured, Seated, measured
from question_bank.scoring import key_response

DEVICE: Final = "bench/1"
ROUNDS: Final = 5
SAVES_EACH: Final = 4
UPSERT, PAGE = "one raw upsert", "a bare Jinja page"
JSON: Final = {"Accept": "application/json", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Step:
    """One request of everybody in a group, so many times. ask: of a candidate at a turn."""

    what: str
    floor: str
    ask: Callable[[Measured, Seated, int], Ask]
    times: int = 1


def figures(*, short: bool) -> Iterator[Figure]:
    """Waiting poll, start, page, sign of life, save, hand-in: in the order of an exam."""
    rounds, each = (1, 16) if short else (ROUNDS, 160)
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with measured((rounds + 1) * each) as bench:
        _make_table(bench)
        for first in range(0, len(bench.seated), each):
            group = bench.seated[first : first + each]
            for step in STEPS:
                pair = _pair(bench, step, group)
                if first:  # the first group warms both up
                    pairs[step.what].append(pair)
    for step in STEPS:
        mine, theirs = (median(column) for column in zip(*pairs[step.what], strict=True))
        yield Figure(step.what, mine, mine / theirs, step.floor)


def _pair(bench: Measured, step: Step, group: Sequence[Seated]) -> tuple[float, float]:
    """CPU ms of the step and of its floor."""
    assert bench.floor is not None
    floor = _bare_page if step.floor == PAGE else _raw_upsert
    whole = [(one, turn) for turn in range(step.times) for one in group]
    mine = bench.cpu_ms(bench.site, [step.ask(bench, one, turn) for one, turn in whole])
    return mine, bench.cpu_ms(bench.floor, [floor(bench, one, turn) for one, turn in whole])


def _make_table(bench: Measured) -> None:
    address = make_url(str(bench.site.installation.database_url)).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(TABLE)


def _look(_bench: Measured, one: Seated, _turn: int) -> Ask:
    return Ask("GET", f"/places/{one.place}/waiting", headers={"Cookie": one.cookie, "Accept": "application/json"})


def start_of(_bench: Measured, one: Seated, _turn: int) -> Ask:
    """The start of a paper."""
    return Ask("POST", f"/places/{one.place}/start", headers=_signed(one))


def page_of(_bench: Measured, one: Seated, _turn: int) -> Ask:
    """The page of a paper."""
    return Ask("GET", f"/attempts/{one.attempt}", headers={"Cookie": one.cookie, "Accept": "text/html"})


def sign_of_life(_bench: Measured, one: Seated, turn: int) -> Ask:
    """A sign of life of the page."""
    return Ask("POST", f"/attempts/{one.attempt}/saves", _delivery(one, turn, ()), _signed(one))


def save_of(bench: Measured, one: Seated, turn: int) -> Ask:
    """A save of one new answer."""
    version, item = bench.items[turn % len(bench.items)]
    entry = {"item": version, "seq": turn // len(bench.items) + 1, "payload": key_response(item)}
    return Ask("POST", f"/attempts/{one.attempt}/saves", _delivery(one, turn, (entry,)), _signed(one))


def _hand_in(bench: Measured, one: Seated, _turn: int) -> Ask:
    claims = {str(version): 1 for version, _ in bench.items[:SAVES_EACH]}
    body = json.dumps({"device": DEVICE, "claims": claims}).encode()
    return Ask("POST", f"/attempts/{one.attempt}/hand-in", body, _signed(one))


def _raw_upsert(bench: Measured, one: Seated, turn: int) -> Ask:
    version, item = bench.items[turn % len(bench.items)]
    entry = {"item": version, "seq": 1, "payload": key_response(item)}
    return Ask("POST", "/upsert", _delivery(one, turn, (entry,)), _signed(one))


def _bare_page(_bench: Measured, one: Seated, _turn: int) -> Ask:
    return Ask("GET", "/page", headers={"Cookie": one.cookie, "Accept": "text/html"})


def _signed(one: Seated) -> dict[str, str]:
    return {**JSON, "Cookie": one.cookie, "X-CSRFToken": one.csrf}


def _delivery(one: Seated, turn: int, entries: Sequence[object]) -> bytes:
    body = {
        "attempt": one.attempt,
        "device": DEVICE,
        "position": turn + 1,
        "marks": {"flagged": [], "seen": list(range(1, turn + 2))},
        "full_screen": True,
        "unsent": 0,
        "entries": entries,
    }
    return json.dumps(body).encode()


STEPS: Final = (
    Step("a look from the waiting room", UPSERT, _look),
    Step("a start", UPSERT, start_of),
    Step("a page of the paper", PAGE, page_of),
    Step("a first sign of life, which takes the paper", UPSERT, sign_of_life),
    Step("a sign of life", UPSERT, sign_of_life),
    Step("a save", UPSERT, save_of, SAVES_EACH),
    Step("a hand-in", UPSERT, _hand_in),
)

"""The media process beside a real site: it comes back by itself, forgets nothing, and lets in who has a token."""

import http.client
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from tests.support.family import descendants, runs
from tests.support.processes import free_port
from tests.support.site import Site
from training_app import clock
from training_app.config import Settings
from training_app.db import Database
from training_app.signing import Keys
from training_app.streams import control
from training_app.streams.control import MediaAway
from training_app.streams.models import StreamEvent
from training_app.streams.names import Act, Kind, Stage, State, Venue
from training_app.streams.tokens import claims_for, signed

STAGE = Stage("o900", 3, State.OPEN, None, (Venue("v1", ("l1",), consented=False, recorded=False),))


@dataclass(frozen=True, slots=True)
class Streaming:
    """A site with its media process."""

    site: Site
    settings: Settings

    def pid(self) -> int | None:
        """Of the media process; None while it is away."""
        try:
            return int(control.health(self.settings)["pid"])
        except MediaAway:
            return None

    def kill(self) -> int:
        """The media process is gone; which one it was."""
        pid = self.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        return pid

    def until(self, holds: Callable[[], bool]) -> None:
        self.site.server.wait_until(holds)

    def until_back(self, killed: int) -> None:
        self.until(lambda: self.pid() not in {None, killed})

    def token(self, sub: str = "p37", path: str = "o900/program", act: Act = Act.VIEW, *, late_s: int = 0) -> str:
        now = clock.now() - timedelta(seconds=late_s)
        return signed(claims_for(sub, path, act, now), Keys(self.settings.data_dir / "keys"), now)

    @contextmanager
    def asking(self, method: str, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
        """An answer whose body is still to be read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.site.media_port, timeout=20)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            yield connection.getresponse()
        finally:
            connection.close()

    def ask(self, method: str, path: str, **headers: str) -> "Answer":
        with self.asking(method, path, **headers) as answer:
            return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())

    def enter(self, token: str, **headers: str) -> "Answer":
        return self.ask("POST", "/enter", Authorization=f"Bearer {token}", **headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody got."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def cookie(self) -> str:
        return self.headers["set-cookie"].partition(";")[0]


@pytest.fixture(scope="module")
def streaming(sqlite_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streaming]:
    data_dir = tmp_path_factory.mktemp("streaming") / "var"
    with demonstration(sqlite_databases, data_dir) as installation, installation.serving(MEDIA="yes") as site:
        settings = Settings.from_environ(installation.environ(MEDIA="yes"))
        found = Streaming(site, settings)
        found.until(lambda: found.pid() is not None)
        control.tell(settings, STAGE)
        yield found


# it falls and comes back


def media_part(site: Site) -> dict[str, object]:
    part: dict[str, object] = json.loads(site.get("/healthz")[2])["parts"]["media"]
    return part


def test_killed_it_comes_back_knowing_what_it_was_told_and_the_site_goes_on(streaming: Streaming) -> None:
    killed = streaming.kill()
    assert streaming.site.answers() and streaming.site.get("/sign-in")[0] == http.HTTPStatus.OK
    streaming.until_back(killed)
    assert control.health(streaming.settings)["stages"]["o900"] == 3
    assert media_part(streaming.site)["state"] == "up"


def test_what_happens_while_the_site_is_away_arrives_when_it_is_back(streaming: Streaming) -> None:
    web = descendants(streaming.site.server.pid)[0]
    os.kill(web, signal.SIGKILL)
    killed = streaming.kill()
    streaming.until_back(killed)
    streaming.until(lambda: not runs(web) and streaming.site.answers())
    database = Database(streaming.site.installation.database_url or "")
    begun = datetime.fromisoformat(control.health(streaming.settings)["started_at"])
    streaming.until(lambda: any(row.at >= begun for row in told(database)))
    numbers = [row.number for row in told(database)]
    database.dispose()
    assert numbers == list(range(1, len(numbers) + 1))


def told(database: Database) -> list[StreamEvent]:
    """All that the site was told, in order; each was dealt with."""
    with database.read() as session:
        rows = list(session.scalars(select(StreamEvent).order_by(StreamEvent.number)))
    assert rows == [] or rows[0].kind == Kind.MEDIA_STARTED
    return rows


def test_a_port_that_is_taken_is_told(streaming: Streaming) -> None:
    taken = str(streaming.site.media_port)
    installation = streaming.site.installation
    elsewhere = {"DATA_DIR": str(installation.data_dir.with_name("elsewhere")), "HOST": "127.0.0.1"}
    done = installation.run("serve", MEDIA="yes", PORT=str(free_port()), MEDIA_PORT=taken, **elsewhere)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"Port {taken} of 127.0.0.1 is taken by another program." in done.stdout
    assert "set MEDIA_PORT, or MEDIA=no for a site without streams" in done.stdout


# who is let in


def test_who_brings_a_token_gets_addresses_for_the_own_browser_alone(streaming: Streaming) -> None:
    entered, other = streaming.enter(streaming.token("p37")), streaming.enter(streaming.token("p38"))
    addresses = json.loads(entered.body)
    assert set(addresses) == {"hls", "recording", "changes", "state"} and "HttpOnly" in entered.headers["set-cookie"]
    asked = [
        streaming.ask("GET", addresses["state"], Cookie=cookie).status for cookie in (entered.cookie, other.cookie, "")
    ]
    assert asked == [200, 403, 403]
    state = json.loads(streaming.ask("GET", addresses["state"], Cookie=entered.cookie).body)
    assert state == {
        "state": "open",
        "program": None,
        "paths": {"o900/v1": {"live": False}, "o900/program": {"live": False}},
    }


@pytest.mark.parametrize("way", ["/enter", "/whip/o900/v1", "/whep/o900/program"])
@pytest.mark.parametrize("kind", ["none", "late", "foreign", "changed"])
def test_without_a_good_token_nobody_is_let_in(streaming: Streaming, way: str, kind: str) -> None:
    good = streaming.token()
    payload, key_id, signature = good.split(".")
    foreign = Keys(streaming.settings.data_dir.with_name("others")).sign("media", 2026, payload.encode())
    bearer = {
        "none": "",
        "late": f"Bearer {streaming.token(late_s=100)}",
        "foreign": f"Bearer {payload}.{foreign.key_id}.{foreign.signature}",
        "changed": f"Bearer {payload[:-2]}AA.{key_id}.{signature}",
    }
    answer = streaming.ask("POST", way, Authorization=bearer[kind], Content_Type="application/sdp")
    assert answer.status == http.HTTPStatus.UNAUTHORIZED and b"token" in answer.body


def test_a_token_to_publish_lets_nobody_watch(streaming: Streaming) -> None:
    token = streaming.token("l1", "o900/v1", Act.PUBLISH)
    assert streaming.enter(token).status == http.HTTPStatus.FORBIDDEN


def test_pages_of_the_own_host_may_ask_and_no_others(streaming: Streaming) -> None:
    ours, others = "http://127.0.0.1:8000", "http://evil.example"
    asked = streaming.ask("OPTIONS", "/enter", Origin=ours, Access_Control_Request_Method="POST")
    entered = streaming.enter(streaming.token(), Origin=ours)
    assert (
        asked.status == http.HTTPStatus.NO_CONTENT and "Authorization" in asked.headers["access-control-allow-headers"]
    )
    for answer in (asked, entered):
        assert answer.headers["access-control-allow-origin"] == ours
        assert answer.headers["access-control-allow-credentials"] == "true"
    refused = streaming.enter(streaming.token(), Origin=others)
    assert refused.status == http.HTTPStatus.FORBIDDEN and "access-control-allow-origin" not in refused.headers


def test_a_page_hears_that_something_has_changed_and_nothing_else(streaming: Streaming) -> None:
    entered = streaming.enter(streaming.token(path="o901/program"))
    with streaming.asking("GET", json.loads(entered.body)["changes"], Cookie=entered.cookie) as answer:
        assert answer.getheader("Content-Type") == "text/event-stream"
        first = changes(answer, 2)
        control.tell(streaming.settings, Stage("o901", 1, State.OPEN, None, ()))
        (later,) = changes(answer, 1)
    assert [set(line) for line in (*first, later)] == [{"topic", "version"}] * 3
    assert later["topic"] == "stage" and later["version"] > first[0]["version"]


def changes(answer: http.client.HTTPResponse, most: int) -> list[dict[str, int]]:
    """The next lines that tell of a change."""
    found: list[dict[str, int]] = []
    while len(found) < most:
        line = answer.readline()
        assert line, "the stream has ended"
        found += [json.loads(line.removeprefix(b"data: "))] if line.startswith(b"data: ") else []
    return found

"""`/healthz`, and the site while its database is away: it says so, in words, and comes back by itself."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.support.components import missing
from tests.support.databases import Databases
from tests.support.inner_site import InnerSite, inner_site
from tests.support.postgres import NoPostgres
from tests.support.site import Installation
from tests.support.stoppable import stoppable_postgres
from tests.support.visitor import Visitor
from training_app.people.rules import Role


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[InnerSite]:
    with inner_site(databases, tmp_path / "var") as opened:
        yield opened


def test_a_healthy_site_tells_the_state_of_each_part(site: InnerSite) -> None:
    answer = site.guest().get("/healthz")
    found = answer.json or {}
    assert answer.status_code == 200 and found["state"] == "up"
    states = {name: part["state"] for name, part in found["parts"].items()}
    up = dict.fromkeys(("web", "database", "disk", "bank"), "up")
    assert states == {**up, "worker": "waiting", "https": "low", "media": "low"}
    assert (
        "everything else goes on" in found["parts"]["media"]["why"] and "certificate" in found["parts"]["https"]["why"]
    )
    assert found["parts"]["database"]["kind"] == ("sqlite" if site.database.on_sqlite else "postgresql")
    assert found["parts"]["bank"]["items"] >= 120 and found["parts"]["disk"]["free_bytes"] > 0


def test_a_disk_that_is_nearly_full_is_told_while_the_site_is_up(
    site: InnerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=(1 << 30) - 1))
    answer = site.guest().get("/healthz")
    assert answer.status_code == 200 and (answer.json or {})["parts"]["disk"] == {
        "state": "low",
        "free_bytes": (1 << 30) - 1,
    }


def test_a_folder_that_is_gone_is_down(site: InnerSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_path: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(shutil, "disk_usage", gone)
    answer = site.guest().get("/healthz")
    assert answer.status_code == 503 and (answer.json or {})["parts"]["disk"] == {"state": "down"}


def test_a_bank_without_items_is_down(site: InnerSite) -> None:
    with site.database.write() as session:
        session.execute(text("UPDATE item_version SET superseded_at = loaded_at"))
    answer = site.guest().get("/healthz")
    assert answer.status_code == 503 and (answer.json or {})["parts"]["bank"] == {"state": "down", "items": 0}


def test_a_part_that_cannot_ask_the_database_is_down(site: InnerSite) -> None:
    def part() -> dict[str, object]:
        raise OperationalError("SELECT", {}, Exception("gone"))

    site.app.extensions["registry"].health_parts["bank"] = part
    answer = site.guest().get("/healthz")
    assert answer.status_code == 503 and (answer.json or {})["parts"]["bank"] == {"state": "down"}


# a database that is stopped


@dataclass
class Seen:
    """Answers of one site, by path: (status, text)."""

    member: dict[str, tuple[int, str]] = field(default_factory=dict)
    guest: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outage:
    """What a site answered while its database was stopped, and afterwards; what it logged."""

    during: Seen
    after: Seen
    log: list[dict[str, object]]


PATHS = ("/healthz", "/", "/criteria", "/people", "/nothing/here", "/sign-in", "/static/site.css")


def look(member: Visitor, guest: Visitor) -> Seen:
    seen = Seen()
    for visitor, answers in ((member, seen.member), (guest, seen.guest)):
        for path in PATHS:
            visitor.get(path)
            answers[path] = (visitor.status, visitor.text)
    return seen


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    """A site that runs on while its PostgreSQL is stopped and started again."""
    try:
        with stoppable_postgres() as server:
            installation = Installation(tmp_path_factory.mktemp("outage") / "var", server.postgres.create("training"))
            installation.must_run("demo")
            with installation.serving(WEB_WORKERS="1") as site:
                member, guest = Visitor(site, language="en"), Visitor(site, language="en")
                member.sign_in(site.account(Role.BASE_ADMIN))
                server.stop()
                during = look(member, guest)
                server.start()
                site.server.wait_until(site.answers)
                after = look(member, guest)
                log = [line for line in site.server.log.read_text("utf-8").splitlines() if line.startswith("{")]
            yield Outage(during, after, [json.loads(line) for line in log])
    except NoPostgres as absence:
        missing(str(absence))


def test_health_names_the_database_as_down(outage: Outage) -> None:
    for status, said in (outage.during.guest["/healthz"], outage.during.member["/healthz"]):
        found = json.loads(said)
        assert status == 503 and found["state"] == "down"
        assert found["parts"]["database"] == {"state": "down", "kind": "postgresql"}
        assert found["parts"]["web"] == {"state": "up"} and found["parts"]["bank"] == {"state": "unknown"}


@pytest.mark.parametrize("path", ["/", "/criteria", "/people", "/nothing/here"])
def test_who_is_signed_in_reads_that_the_site_cannot_reach_its_records(outage: Outage, path: str) -> None:
    status, page = outage.during.member[path]
    assert status == 503 and "Whatever was confirmed as saved is safe." in page
    assert "Traceback" not in page and "psycopg" not in page and "connection" not in page.lower()


def test_what_needs_no_records_is_served_meanwhile(outage: Outage) -> None:
    assert outage.during.guest["/sign-in"][0] == 200 and outage.during.member["/static/site.css"][0] == 200
    assert outage.during.guest["/nothing/here"][0] == 404


def test_it_comes_back_by_itself_and_nobody_was_signed_out(outage: Outage) -> None:
    statuses = {path: answer[0] for path, answer in outage.after.member.items()}
    assert statuses == {**dict.fromkeys(PATHS, 200), "/nothing/here": 404}
    assert 'action="/sign-out"' in outage.after.member["/"][1]


def test_the_log_says_that_the_database_does_not_answer(outage: Outage) -> None:
    said = [line for line in outage.log if line["message"] == "the database does not answer"]
    assert said and all(line["level"] == "ERROR" and line["request_id"] for line in said)
    assert not [line for line in outage.log if "finalizing failed" in str(line["message"])]

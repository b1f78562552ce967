"""Log lines: one JSON object a line, a line a request, and nothing in them that is for few eyes."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from tests.support.databases import Databases
from tests.support.inner_site import InnerSite, inner_site
from tests.support.site import Installation
from training_app import clock
from training_app.demo import PASSWORD
from training_app.people.models import Person
from training_app.people.rules import Role
from training_app.people.sign_in import issue_code
from training_app.processes import JsonLine
from training_app.signing import key_for
from training_app.web.access import PUBLIC, permit
from training_app.web.requests import write_session

IDENTITY_NUMBER = "11010519491231002X"
NAME = "沈知夏"
PERSON = {
    "username": "shen.zhixia",
    "kind": "staff",
    "name_zh": NAME,
    "name_en": "Shen",
    "email": "shen@example.cn",
    "password_hash": "a-hash-nobody-sees",
    "created_at": clock.now(),
}


def crash() -> str:
    raise RuntimeError("line one\nline two")


def add_twice() -> str:
    with write_session() as session:
        session.execute(insert(Person).values(PERSON))
    return ""


def add_wrong() -> str:
    with write_session() as session:
        session.execute(update(Person).where(Person.id == 1).values(kind="nobody"))
    return ""


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[InnerSite]:
    with inner_site(databases, tmp_path / "var") as opened:
        for view in (crash, add_twice, add_wrong):
            opened.app.add_url_rule(f"/{view.__name__}", view.__name__, permit(PUBLIC)(view))
        yield opened


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged, as the site writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def requests(written: io.StringIO) -> list[dict[str, object]]:
    return [line for line in lines(written) if line["logger"] == "training_app.request"]


def test_a_request_is_one_line_with_what_is_needed_to_find_it(site: InnerSite, written: io.StringIO) -> None:
    answer = site.guest().get("/sign-in")
    (line,) = requests(written)
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["path"], line["endpoint"], line["status"]) == (
        "GET",
        "/sign-in",
        "people.sign_in",
        200,
    )
    assert line["person"] is None and str(line["at"]).endswith("+00:00")


def test_a_line_names_the_person_by_number(site: InnerSite, written: io.StringIO) -> None:
    site.member(Role.TRAINEE).get("/me")
    person = site.person(site.account(Role.TRAINEE).username)
    assert requests(written)[-1]["person"] == person.id


def test_a_sign_in_stands_under_the_person_who_came_in(site: InnerSite, written: io.StringIO) -> None:
    account = site.account(Role.TRAINEE)
    site.guest().sign_in(account.username, account.password)
    assert requests(written)[-1]["person"] == site.person(account.username).id


def test_a_file_asks_the_database_nothing(site: InnerSite, written: io.StringIO) -> None:
    member = site.member(Role.TRAINEE)
    member.get("/static/site.css").close()
    assert requests(written)[-1]["person"] is None and requests(written)[-1]["level"] == "DEBUG"


def test_a_failure_is_logged_with_its_trace_under_the_number_of_the_page(site: InnerSite, written: io.StringIO) -> None:
    answer = site.guest().get("/crash")
    (line,) = [line for line in lines(written) if line["logger"] == "training_app.errors"]
    assert line["request_id"] == answer.headers["X-Request-Id"] and "line one\nline two" in str(line["trace"])


def test_neither_passwords_nor_codes_nor_names_are_logged(site: InnerSite, written: io.StringIO) -> None:
    key = key_for(str(site.app.secret_key), "door", 0)
    with site.database.write() as session:
        person = session.get_one(Person, 1)
        code = issue_code(session, person, issuer_id=None, key=key, now=clock.now())
    guest = site.guest()
    guest.sign_in(person.username, PASSWORD)
    site.guest().sign_in(person.username, "wrong-" + PASSWORD)
    other = site.guest()
    other.get("/sign-in/code")
    other.send(
        "/sign-in/code", username=person.username, code=code, new_password="a new one 123", repeat="a new one 123"
    )
    said = written.getvalue()
    assert not [word for word in (PASSWORD, code, "a new one", person.username, person.name_zh) if word in said]


@pytest.mark.parametrize("path", ["/add_twice", "/add_wrong"])
def test_the_values_of_a_refused_row_are_not_logged(site: InnerSite, written: io.StringIO, path: str) -> None:
    assert site.guest().get(path).status_code == 500
    said = written.getvalue()
    assert "IntegrityError" in said
    assert not [word for word in (NAME, "shen.zhixia", "shen@example.cn", "a-hash", "argon2id") if word in said]


def test_an_identity_number_in_an_address_is_masked(site: InnerSite, written: io.StringIO) -> None:
    site.guest().get(f"/people/{IDENTITY_NUMBER}")
    assert IDENTITY_NUMBER not in written.getvalue() and "*" * 18 in written.getvalue()


def test_what_is_logged_cannot_pretend_to_be_another_line() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 0, 'one\n{"level": "INFO"}\r\u2028two', None, None)
    assert len(JsonLine().format(record).splitlines()) <= 2 and "\n" not in JsonLine().format(record)


def test_the_level_is_the_one_that_was_set() -> None:
    code = (
        "import logging; from training_app.processes import configure_logging; configure_logging('WARNING');"
        "logging.info('quiet'); logging.warning('heard')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=Installation(Path("nowhere")).environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line)["message"] for line in done.stderr.splitlines()] == ["heard"]

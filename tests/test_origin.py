"""A site over plain HTTP works, and says to those who can change it what it lacks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.databases import SqliteDatabases
from tests.support.inner_site import InnerSite, inner_site
from tests.support.paths import ROOT
from training_app.config import PLAIN_HTTP, Settings
from training_app.web.origin import is_secure_origin

NAME = "exam.base.example"
WARNED = "You reach this site over plain HTTP."


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://exam.base.example", True),
        ("http://exam.base.example:8000", False),
        ("http://10.1.2.3", False),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
    ],
)
def test_https_and_this_computer_are_secure(url: str, secure: bool) -> None:
    with Flask(__name__).test_request_context(base_url=url):
        assert is_secure_origin() is secure


@pytest.mark.parametrize(
    ("environ", "secure"),
    [
        ({}, False),
        ({"HOST": "127.0.0.1"}, True),
        ({"HOST": "127.0.0.1", "PROXY_HOPS": "1"}, False),
        ({"HOST": "127.0.0.1", "PROXY_HOPS": "1", "SECURE_COOKIES": "yes"}, True),
        ({"TLS_CERT": __file__, "TLS_KEY": __file__}, True),
    ],
)
def test_settings_tell_whether_people_come_by_https(environ: dict[str, str], secure: bool) -> None:
    assert Settings.from_environ(environ).secure is secure


def test_the_steps_that_the_site_names_are_there() -> None:
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    assert "steps 4 and 5" in PLAIN_HTTP and "## 4. A certificate" in text and "## 5. nginx in front" in text


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[InnerSite]:
    with inner_site(sqlite_databases, tmp_path / "var", PROXY_HOPS="1") as opened:
        yield opened


@pytest.mark.parametrize("role", ["base_admin", "programme_admin"])
def test_administrators_are_told_at_home_that_the_site_needs_a_certificate(site: InnerSite, role: str) -> None:
    member = site.member(role)
    assert WARNED in member.get("/", X_Forwarded_Host=NAME).text
    assert WARNED not in member.get("/", X_Forwarded_Host=NAME, X_Forwarded_Proto="https").text


def test_a_trainee_is_not_troubled_with_it(site: InnerSite) -> None:
    assert WARNED not in site.member("trainee").get("/", X_Forwarded_Host=NAME).text


def test_it_stands_where_a_sitting_is_set_up(site: InnerSite) -> None:
    member = site.member("base_admin", base="suzhou")
    paths = set(re.findall(r'href="(/sittings/\d+)"', member.get("/sittings").text))
    pages = [member.get(path, X_Forwarded_Host=NAME).text for path in paths]
    assert any(WARNED in page and "Before it can be prepared" in page for page in pages)

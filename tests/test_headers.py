"""Headers of every kind of answer: what browsers must refuse, what caches must not keep."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.support.databases import Databases
from tests.support.inner_site import InnerSite, inner_site
from tests.support.site import Site
from training_app.people.rules import Role
from training_app.web.access import PUBLIC, permit

POLICY = {
    "default-src": "'self'",
    "worker-src": "'self' blob:",
    "img-src": "'self' data:",
    "media-src": "'self' blob: http://localhost:8001",
    "connect-src": "'self' http://localhost:8001",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}


@pytest.fixture(scope="module")
def site(sqlite_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InnerSite]:
    """A site with an address that always fails."""
    with inner_site(sqlite_databases, tmp_path_factory.mktemp("headers") / "var") as opened:
        opened.app.add_url_rule("/broken", "broken", permit(PUBLIC)(lambda: 1 // 0))
        yield opened


def answers(site: InnerSite) -> dict[str, TestResponse]:
    """An answer of each kind, by what it is."""
    guest, trainee, admin = site.guest(), site.member(Role.TRAINEE), site.member(Role.BASE_ADMIN)
    found = {
        "page": guest.get("/sign-in"),
        "form with faults": guest.send("/sign-in", username="", password=""),
        "form without token": site.guest().send("/sign-in"),
        "redirect": guest.get("/"),
        "home": trainee.get("/"),
        "not allowed": trainee.get("/audit"),
        "not found": guest.get("/nothing/here"),
        "wrong method": guest.get("/sign-out"),
        "too large": guest.send("/sign-in", username="x" * (2 << 20)),
        "failure": guest.get("/broken"),
        "health": guest.get("/healthz"),
        "file": guest.get("/static/site.css"),
        "file that is not there": guest.get("/static/nothing.css"),
        "list": admin.get("/people"),
        "options": guest.browser.options("/sign-in"),
    }
    found["file"].close()
    return found


def policy_of(answer: TestResponse) -> dict[str, str]:
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, _, sources in (directive.partition(" ") for directive in directives)}


def test_every_answer_carries_the_content_security_policy(site: InnerSite) -> None:
    assert {kind: policy_of(answer) for kind, answer in answers(site).items() if policy_of(answer) != POLICY} == {}


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("exam.base.example", " http://exam.base.example:8001"),
        ("10.1.2.3:8000", " http://10.1.2.3:8001"),
        ("[fe80::1]:8000", " http://[fe80::1]:8001"),
        ("a b", ""),
        ("x;script-src *", ""),
    ],
)
def test_pages_may_ask_the_media_process_of_their_own_host(site: InnerSite, host: str, origin: str) -> None:
    answer = site.app.test_client().get("/healthz", environ_overrides={"HTTP_HOST": host})
    assert policy_of(answer)["connect-src"] == f"'self'{origin}"


def test_an_origin_that_was_set_is_named_and_none_without_a_media_process(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    named = {}
    for name, setting in (("MEDIA_URL", "https://streams.example"), ("MEDIA", "no")):
        with inner_site(sqlite_databases, tmp_path / name, **{name: setting}) as site:
            named[name] = policy_of(site.guest().get("/healthz"))["media-src"]
    assert named == {"MEDIA_URL": "'self' blob: https://streams.example", "MEDIA": "'self' blob:"}


def test_every_answer_forbids_guessing_types_and_telling_addresses(site: InnerSite) -> None:
    for kind, answer in answers(site).items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", kind
        assert answer.headers["Referrer-Policy"] == "same-origin", kind
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", kind


def test_every_answer_has_an_id_of_its_own(site: InnerSite) -> None:
    ids = [answer.headers["X-Request-Id"] for answer in answers(site).values()]
    assert len(set(ids)) == len(ids)


def test_no_cache_keeps_anything_but_files(site: InnerSite) -> None:
    kept = {kind for kind, answer in answers(site).items() if answer.headers.get("Cache-Control") != "no-store"}
    assert kept == {"file", "file that is not there"}


def test_the_answers_are_those_that_were_meant(site: InnerSite) -> None:
    assert {kind: answer.status_code for kind, answer in answers(site).items()} == {
        "page": 200,
        "form with faults": 422,
        "form without token": 400,
        "redirect": 302,
        "home": 200,
        "not allowed": 403,
        "not found": 404,
        "wrong method": 405,
        "too large": 413,
        "failure": 500,
        "health": 200,
        "file": 200,
        "file that is not there": 404,
        "list": 200,
        "options": 200,
    }


def test_over_https_the_browser_is_told_to_stay_there(sqlite_databases: Databases, tmp_path) -> None:
    with inner_site(sqlite_databases, tmp_path / "var", PROXY_HOPS="1") as site:
        plain = site.guest().get("/sign-in")
        secure = site.guest().get("/sign-in", X_Forwarded_Proto="https")
    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_real_server_sends_the_same_headers(sqlite_site: Site) -> None:
    for path in ("/sign-in", "/static/site.css", "/nothing", "/healthz"):
        _, headers, _ = sqlite_site.get(path)
        assert headers["content-security-policy"].startswith("default-src 'self';"), path
        assert headers["x-content-type-options"] == "nosniff" and headers["x-request-id"], path

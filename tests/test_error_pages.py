"""Error pages: in both languages what happened and what to do, the number of the request, never a trace."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.support.databases import Databases
from tests.support.inner_site import InnerSite, inner_site
from training_app.errors import Conflict, NotFound, Refused, TooMany
from training_app.people.rules import Role
from training_app.web.access import PUBLIC, permit
from training_app.web.requests import read_session, write_session

HIDDEN = "a detail that nobody may see"


class Failure:
    """Views that fail, each in its way."""

    @staticmethod
    def crash() -> str:
        raise RuntimeError(HIDDEN)

    @staticmethod
    def statement() -> str:
        read_session().execute(text("SELECT nothing FROM nowhere"))
        return ""

    @staticmethod
    def written() -> str:
        with write_session() as session:
            session.execute(text("DELETE FROM posting"))
            raise RuntimeError(HIDDEN)

    @staticmethod
    def refused() -> str:
        raise Refused("Say it otherwise.")

    @staticmethod
    def conflict() -> str:
        raise Conflict("Somebody was faster.")

    @staticmethod
    def out_of_reach() -> str:
        raise NotFound("There is no such thing.")

    @staticmethod
    def too_many() -> str:
        raise TooMany("Wait.", retry_after_s=60)


FAILURES = (
    Failure.crash,
    Failure.statement,
    Failure.written,
    Failure.refused,
    Failure.conflict,
    Failure.out_of_reach,
    Failure.too_many,
)


@pytest.fixture(scope="module", params=["sqlite_databases", "postgres_databases"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InnerSite]:
    """A site with addresses that fail."""
    databases: Databases = request.getfixturevalue(request.param)
    with inner_site(databases, tmp_path_factory.mktemp("errors") / "var") as opened:
        for view in FAILURES:
            opened.app.add_url_rule(f"/{view.__name__}", view.__name__, permit(PUBLIC)(view))
        yield opened


WORDS = {
    "/nothing/here": (404, "There is no such page", "没有这个页面"),
    "/sign-out": (405, "This cannot be done here", "不能这样操作"),
    "/crash": (500, "Something went wrong on our side", "系统出错了"),
    "/refused": (422, "This could not be done", "未能完成"),
}


@pytest.mark.parametrize("path", WORDS)
def test_an_error_is_told_in_the_language_of_the_reader(site: InnerSite, path: str) -> None:
    status, english, _ = WORDS[path]
    pages = [site.guest(language=language).get(path) for language in ("en", "zh-CN")]
    assert [page.status_code for page in pages] == [status, status]
    assert english in pages[0].text and english not in pages[1].text
    assert '<html lang="zh-CN"' in pages[1].text


def test_what_is_too_large_is_told_in_words(site: InnerSite) -> None:
    guest = site.guest()
    guest.get("/sign-in")
    answer = guest.send("/sign-in", username="x" * (2 << 20))
    assert answer.status_code == 413 and "That is too large" in answer.text


@pytest.mark.parametrize("path", ["/crash", "/statement", "/written"])
def test_a_failure_shows_its_number_and_nothing_of_its_inside(site: InnerSite, path: str) -> None:
    answer = site.guest().get(path)
    assert answer.status_code == 500 and answer.headers["X-Request-Id"] in answer.text
    for inside in (HIDDEN, "Traceback", "File &#34;", "SELECT", "sqlalchemy", "psycopg", "RuntimeError", "nowhere"):
        assert inside not in answer.text


def test_nothing_of_a_failed_change_is_kept(site: InnerSite) -> None:
    site.guest().get("/written")
    assert site.person("shen.zhixia").postings


def test_who_is_signed_in_keeps_the_menu_on_an_error_page(site: InnerSite) -> None:
    page = site.member(Role.TRAINEE).get("/crash").text
    assert 'href="/criteria"' in page and 'action="/sign-out"' in page


def test_a_failed_statement_leaves_the_next_request_alone(site: InnerSite) -> None:
    trainee = site.member(Role.TRAINEE)
    assert trainee.get("/statement").status_code == 500
    assert trainee.get("/").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/refused", 422), ("/conflict", 409), ("/out_of_reach", 404), ("/too_many", 429)]
)
def test_a_refusal_says_its_sentence_with_its_status(site: InnerSite, path: str, status: int) -> None:
    answer = site.guest().get(path)
    assert answer.status_code == status and answer.headers["X-Request-Id"] in answer.text


def test_who_is_too_fast_is_told_when_to_come_again(site: InnerSite) -> None:
    assert site.guest().get("/too_many").headers["Retry-After"] == "60"


def test_a_script_gets_the_sentence_as_json(site: InnerSite) -> None:
    answer = site.guest().get("/refused", Accept="application/json")
    assert answer.json == {"error": "Say it otherwise.", "request_id": answer.headers["X-Request-Id"]}


def test_a_failure_is_not_told_to_a_script_either(site: InnerSite) -> None:
    answer = site.guest().get("/crash", Accept="application/json")
    assert answer.status_code == 500 and HIDDEN not in answer.text


def test_an_unknown_language_is_not_found(site: InnerSite) -> None:
    answer = site.guest().get("/language/fr")
    assert answer.status_code == 404 and "Chinese and English" in answer.text


# what no browser sends


@pytest.mark.parametrize(
    "path", ["/" + "a" * 5000, "/%ff%fe", "/..%2f..%2fetc/passwd", "/static/..%2f..%2fpyproject.toml", "/static/%00"]
)
def test_odd_addresses_are_not_found_or_refused(site: InnerSite, path: str) -> None:
    assert site.guest().get(path).status_code in {400, 404}


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "x" * 5000},
        {"Accept-Language": "en;q=many, *;q="},
        {"Cookie": "training=" + "a" * 4000},
        {"Cookie": "training=..."},
        {"Accept": "nonsense"},
        {"X-Forwarded-For": "'; DROP TABLE person"},
        {"Content-Type": "multipart/form-data; boundary="},
        {"Content-Type": "application/json"},
    ],
)
def test_odd_headers_do_no_harm(site: InnerSite, headers: dict[str, str]) -> None:
    browser = site.app.test_client()
    assert browser.get("/sign-in", headers=headers).status_code == 200
    assert browser.post("/sign-in", headers=headers, data=b"{").status_code == 400

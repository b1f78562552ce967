"""What the door cannot be talked into: forms without token, other hosts, words that nobody types."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support.addresses import calls
from tests.support.databases import Databases
from tests.support.door import TRAINEE, WRONG, use_code
from tests.support.inner_site import InnerSite, inner_site
from training_app.demo import PASSWORD
from training_app.web.requests import local_path

HIDDEN_NEXT = re.compile(r'name="next"[^>]* value="([^"]*)"')


# the token of forms


def test_a_form_without_token_is_refused_in_words(sqlite_house: InnerSite) -> None:
    guest = sqlite_house.guest()
    answer = guest.send("/sign-in", username=TRAINEE, password=PASSWORD)
    assert answer.status_code == 400 and "Load it again and repeat." in answer.text


def test_the_token_of_another_session_is_refused(sqlite_house: InnerSite) -> None:
    one, other = sqlite_house.guest(), sqlite_house.guest()
    other.get("/sign-in")
    one.get("/sign-in")
    one.page = other.page
    assert one.send("/sign-in", username=TRAINEE, password=PASSWORD).status_code == 400


def test_a_token_lives_as_long_as_the_session(house: InnerSite) -> None:
    guest = house.guest()
    guest.sign_in(TRAINEE, PASSWORD)
    guest.get("/me")
    assert house.app.config["WTF_CSRF_TIME_LIMIT"] is None
    assert guest.send("/me/language", language="en").status_code == 302
    assert guest.send("/me/language", language="zh").status_code == 302


def test_every_address_that_takes_a_form_asks_for_the_token(sqlite_house: InnerSite) -> None:
    guest = sqlite_house.guest()
    guest.enter(TRAINEE)
    # a parcel of unsent answers carries a token of its own paper, which proves more
    forms = [call for call in calls(sqlite_house.app) if call.method != "GET" and call.path != "/deliveries"]
    answers = {str(call): guest.browser.open(call.path, method=call.method).status_code for call in forms}
    assert {call: status for call, status in answers.items() if status != 400} == {}


# where a sign-in leads to

LOCAL = ("/", "/criteria", "/criteria?code=A26&edition=x", "/people/%E5%B1%85", "/a#b", "/a//b")
FOREIGN = (
    "http://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/a\\b",
    "https:evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\x00",
    "",
    None,
)


@pytest.mark.parametrize("target", LOCAL)
def test_a_path_of_this_site_is_followed(target: str) -> None:
    assert local_path(target, "/home") == target


@pytest.mark.parametrize("target", FOREIGN)
def test_another_host_is_never_followed(target: str | None) -> None:
    assert local_path(target, "/home") == "/home"


def test_a_sign_in_leads_to_the_page_that_was_asked_for(house: InnerSite) -> None:
    guest = house.guest()
    door = guest.get("/criteria?edition=A26").location or ""
    assert unquote(door) == "/sign-in?next=/criteria?edition=A26"
    guest.get(door)
    onward = HIDDEN_NEXT.search(guest.page)
    assert onward is not None
    answer = guest.send("/sign-in", username=TRAINEE, password=PASSWORD, next=onward[1])
    assert answer.location == "/criteria?edition=A26"


def test_a_sign_in_never_leads_to_another_host(house: InnerSite) -> None:
    guest = house.guest()
    guest.get("/sign-in?next=//evil.example/")
    answer = guest.send("/sign-in", username=TRAINEE, password=PASSWORD, next="//evil.example/")
    assert answer.location == "/"


def test_the_language_switch_never_leads_to_another_host(sqlite_house: InnerSite) -> None:
    assert sqlite_house.guest().get("/language/en?next=https://evil.example/").location == "/"


# what nobody types

ODD = (
    "x" * 100_000,
    "\u202e" * 60,
    "😀" * 60,
    "ﬀ𝔘𝔫İ",
    "a'; DROP TABLE person; --",
    "{{7*7}}",
    "%(name)s %s {0}",
    "\ud7ff\ufffe",
    "\r\nSet-Cookie: a=b",
)


def test_odd_names_and_passwords_are_refused_in_words(house: InnerSite) -> None:
    for odd in ODD:
        assert house.guest().sign_in(odd, odd).status_code == 422, odd[:20]


def test_odd_codes_are_refused_in_words(house: InnerSite) -> None:
    assert [use_code(house.guest(), TRAINEE, odd) for odd in ODD] == [422] * len(ODD)


def test_a_nul_is_refused_wherever_it_stands(house: InnerSite) -> None:
    assert house.guest().sign_in("a\x00b", PASSWORD).status_code == 400
    assert house.guest().get("/sign-in?next=%00").status_code == 400
    assert house.guest().get("/language/%00").status_code == 400


def test_a_long_forwarded_address_does_no_harm(databases: Databases, tmp_path: Path) -> None:
    with inner_site(databases, tmp_path / "var", PROXY_HOPS="1") as house:
        guest = house.guest()
        guest.get("/sign-in")
        token = {"username": TRAINEE, "password": WRONG}
        guest.browser.environ_base["HTTP_X_FORWARDED_FOR"] = "10.0.0.1" * 100
        assert guest.send("/sign-in", **token).status_code == 422


def test_without_a_trusted_proxy_a_forwarded_address_counts_nothing(house: InnerSite) -> None:
    guest = house.guest(address="10.0.0.7")
    guest.browser.environ_base["HTTP_X_FORWARDED_FOR"] = "1.2.3.4"
    guest.sign_in(TRAINEE, WRONG)
    assert house.acts("sign_in.failed")[0].address == "10.0.0.7"

"""The door: who comes in, who is kept out and for how long, what a session is, what it cannot be talked into."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, select, text, update

from tests.support.databases import Databases
from tests.support.inner_site import Guest, InnerSite, inner_site
from training_app import clock
from training_app.demo import PASSWORD
from training_app.people import passwords
from training_app.people.models import OneTimeCode, Person, SignInFailure
from training_app.people.passwords import HASHER, Passwords
from training_app.people.sign_in import issue_code
from training_app.signing import key_for
from training_app.web.requests import local_path

TRAINEE = "shen.zhixia"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WRONG = "wrong-password"
NEW = "a sentence nobody guesses"
HIDDEN_NEXT = re.compile(r'name="next"[^>]* value="([^"]*)"')


@pytest.fixture
def house(databases: Databases, tmp_path: Path) -> Iterator[InnerSite]:
    """The site, on both databases in turn; hashes are cheap where a test does not count them."""
    with inner_site(databases, tmp_path / "var") as opened:
        cheap = CHEAP.hash(PASSWORD)
        with opened.database.write() as session:
            session.execute(update(Person).values(password_hash=cheap))
        yield opened


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """A clock that stands until the test moves it: moment[0]."""
    present = [datetime(2026, 11, 23, 6, 30, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: present[0])
    return present


def code_for(house: InnerSite, username: str) -> str:
    key = key_for(str(house.app.secret_key), "door", 0)
    with house.database.write() as session:
        person = session.scalars(select(Person).where(Person.username == username)).one()
        return issue_code(session, person, issuer_id=None, key=key, now=clock.now())


def use_code(guest: Guest, username: str, code: str, password: str = NEW) -> int:
    guest.get("/sign-in/code")
    return guest.send("/sign-in/code", username=username, code=code, new_password=password, repeat=password).status_code


def fail(house: InnerSite, times: int, *, address: str = "127.0.0.1", username: str = TRAINEE) -> list[int]:
    guest = house.guest(address=address)
    return [guest.sign_in(username, WRONG).status_code for _ in range(times)]


# in and out


def test_the_right_password_opens_the_home(house: InnerSite) -> None:
    guest = house.guest()
    answer = guest.sign_in(TRAINEE, PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/") and guest.is_signed_in()


def test_name_and_password_are_taken_as_people_type_them(house: InnerSite) -> None:
    guest = house.guest()
    guest.sign_in("  Shen.Zhixia ", PASSWORD)
    assert guest.is_signed_in()


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(house: InnerSite) -> None:
    answers = [house.guest().sign_in(name, WRONG) for name in (TRAINEE, "nobody.here")]
    assert {answer.status_code for answer in answers} == {422}
    assert all("Name or password is wrong." in answer.text for answer in answers)


def test_a_failure_is_written_down_without_what_was_typed(house: InnerSite) -> None:
    house.guest().sign_in("typed.name", "typed-password")
    entry = house.acts("sign_in.failed")[0]
    assert entry.details == {"known_account": False, "blocked": False}
    assert "typed" not in f"{entry.object_id}{entry.address}"


def test_a_blocked_account_stays_outside(house: InnerSite) -> None:
    with house.database.write() as session:
        session.execute(update(Person).values(blocked_at=clock.now(), blocked_reason="left"))
    answer = house.guest().sign_in(TRAINEE, PASSWORD)
    assert answer.status_code == 422 and "This account is blocked." in answer.text


def test_blocking_ends_a_session_that_is_open(house: InnerSite) -> None:
    guest = house.guest()
    guest.enter(TRAINEE)
    with house.database.write() as session:
        session.execute(update(Person).values(blocked_at=clock.now()))
    assert not guest.is_signed_in()


def test_signing_out_closes_the_session(house: InnerSite) -> None:
    guest = house.guest()
    guest.sign_in(TRAINEE, PASSWORD)
    guest.get("/me")
    assert guest.send("/sign-out").location == "/sign-in" and not guest.is_signed_in()


def test_signing_out_everywhere_ends_every_session(house: InnerSite) -> None:
    here, there = house.guest(), house.guest()
    here.sign_in(TRAINEE, PASSWORD)
    there.sign_in(TRAINEE, PASSWORD)
    here.get("/me")
    here.send("/me/sign-out-everywhere")
    assert not here.is_signed_in() and not there.is_signed_in()


def test_a_new_password_ends_every_other_session(house: InnerSite) -> None:
    here, there = house.guest(), house.guest()
    here.sign_in(TRAINEE, PASSWORD)
    there.sign_in(TRAINEE, PASSWORD)
    here.get("/me")
    here.send("/me/password", present=PASSWORD, new_password=NEW, repeat=NEW)
    assert here.is_signed_in() and not there.is_signed_in()
    assert house.guest().sign_in(TRAINEE, NEW).status_code == 302


def test_the_present_password_is_asked_before_a_new_one_counts(house: InnerSite) -> None:
    guest = house.guest()
    guest.enter(TRAINEE)
    guest.get("/me")
    answer = guest.send("/me/password", present=WRONG, new_password=NEW, repeat=NEW)
    assert answer.status_code == 422 and "This is not your present password." in answer.text


def test_guesses_at_the_present_password_are_counted_like_those_at_the_door(house: InnerSite) -> None:
    guest = house.guest()
    guest.enter(TRAINEE)
    guest.get("/me")
    found = [guest.send("/me/password", present=WRONG, new_password=NEW, repeat=NEW).status_code for _ in range(11)]
    assert found == [422] * 10 + [429]


# a session is what it was made for


def test_the_cookie_of_before_the_sign_in_is_worth_nothing_after_it(house: InnerSite) -> None:
    guest = house.guest()
    guest.get("/sign-in")
    before = guest.browser.get_cookie("training")
    guest.sign_in(TRAINEE, PASSWORD)
    after = guest.browser.get_cookie("training")
    assert before is not None and after is not None and before.value != after.value
    guest.browser.set_cookie("training", before.value)
    assert not guest.is_signed_in()


def test_what_stood_in_the_session_before_the_sign_in_is_gone_but_the_language(house: InnerSite) -> None:
    guest = house.guest()
    with guest.browser.session_transaction() as cookie:
        cookie.update(language="en", planted="by another")
    guest.sign_in(TRAINEE, PASSWORD)
    with guest.browser.session_transaction() as cookie:
        assert cookie["language"] == "en" and "planted" not in cookie


def test_the_cookie_is_for_the_server_only(house: InnerSite) -> None:
    cookie = house.guest().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_secure_cookies_are_sent_over_https_only(sqlite_databases: Databases, tmp_path: Path) -> None:
    with inner_site(sqlite_databases, tmp_path / "var", SECURE_COOKIES="yes") as house:
        assert "Secure" in house.guest().get("/sign-in").headers["Set-Cookie"]


def test_a_changed_address_and_browser_do_not_sign_a_person_out(house: InnerSite) -> None:
    guest = house.guest(address="10.0.0.1")
    guest.sign_in(TRAINEE, PASSWORD)
    guest.address = "10.9.9.9"
    assert guest.get("/me", User_Agent="another").status_code == 200


def test_a_cookie_with_another_signature_is_nobody(house: InnerSite) -> None:
    guest = house.guest()
    guest.enter(TRAINEE)
    cookie = guest.browser.get_cookie("training")
    assert cookie is not None
    guest.browser.set_cookie("training", cookie.value[:-4] + "AAAA")
    assert not guest.is_signed_in()


@pytest.mark.parametrize(
    "number", ["", "1", "1.", ".1", "0.1", "99999999999999999999.1", "-1.1", "٣.1", "1.2.3", "a.b"]
)
def test_a_session_of_nobody_is_signed_out(sqlite_house: InnerSite, number: str) -> None:
    guest = sqlite_house.guest()
    with guest.browser.session_transaction() as cookie:
        cookie["_user_id"] = number
    assert not guest.is_signed_in()


@pytest.fixture(scope="module")
def sqlite_house(sqlite_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InnerSite]:
    """One site for tests that change nothing."""
    with inner_site(sqlite_databases, tmp_path_factory.mktemp("sign-in") / "var") as opened:
        yield opened


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
    adapter = sqlite_house.app.url_map.bind("localhost")
    for rule in sqlite_house.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1), method=method)
            assert guest.browser.open(path, method=method).status_code == 400, f"{method} {path}"


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


# guesses


def test_ten_failures_from_one_address_close_the_account_to_it(house: InnerSite) -> None:
    assert fail(house, 11) == [422] * 10 + [429]
    answer = house.guest().sign_in(TRAINEE, PASSWORD)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "900"
    assert "Try again in 15 minutes." in answer.text


def test_the_account_stays_open_to_other_addresses(house: InnerSite) -> None:
    fail(house, 10)
    assert house.guest(address="10.0.0.2").sign_in(TRAINEE, PASSWORD).status_code == 302


def test_other_accounts_stay_open_to_the_same_address(house: InnerSite) -> None:
    fail(house, 10)
    assert house.guest().sign_in("cheng.yan", PASSWORD).status_code == 302


def test_after_a_quarter_of_an_hour_the_account_is_open_again(house: InnerSite, moment: list[datetime]) -> None:
    fail(house, 10)
    moment[0] += timedelta(minutes=14, seconds=59)
    assert house.guest().sign_in(TRAINEE, PASSWORD).status_code == 429
    moment[0] += timedelta(seconds=2)
    assert house.guest().sign_in(TRAINEE, PASSWORD).status_code == 302


def test_a_success_makes_failures_forgotten(house: InnerSite) -> None:
    fail(house, 9)
    assert house.guest().sign_in(TRAINEE, PASSWORD).status_code == 302
    assert fail(house, 9) == [422] * 9


def test_successes_are_never_counted(house: InnerSite) -> None:
    assert [house.guest().sign_in(TRAINEE, PASSWORD).status_code for _ in range(12)] == [302] * 12


def test_a_hundred_failures_from_anywhere_close_the_account(house: InnerSite) -> None:
    digests = {}
    fail(house, 1)
    with house.database.write() as session:
        digests = session.execute(select(SignInFailure.account_digest, SignInFailure.at)).one()
        rows = [
            {"account_digest": digests[0], "address_digest": f"{number:064d}", "at": digests[1]} for number in range(98)
        ]
        session.execute(insert(SignInFailure), rows)
    assert house.guest(address="10.0.0.2").sign_in(TRAINEE, WRONG).status_code == 422
    assert house.guest(address="10.0.0.3").sign_in(TRAINEE, PASSWORD).status_code == 429


def test_failures_that_no_longer_count_are_deleted(house: InnerSite, moment: list[datetime]) -> None:
    fail(house, 3)
    moment[0] += timedelta(minutes=16)
    fail(house, 1)
    with house.database.read() as session:
        assert len(session.scalars(select(SignInFailure.id)).all()) == 1


def test_a_failure_keeps_neither_name_nor_address(house: InnerSite) -> None:
    fail(house, 1)
    with house.database.read() as session:
        row = str(session.execute(text("SELECT * FROM sign_in_failure")).one())
    assert TRAINEE not in row and "127.0.0.1" not in row


def test_two_hundred_people_behind_one_address_all_come_in(house: InnerSite) -> None:
    present = house.person(TRAINEE)
    with house.database.write() as session:
        rows = [
            {
                "username": f"person.{number}",
                "kind": "staff",
                "name_zh": "众",
                "name_en": "Many",
                "password_hash": present.password_hash,
                "created_at": clock.now(),
                "language": "en",
                "session_version": 1,
                "version": 1,
            }
            for number in range(200)
        ]
        session.execute(insert(Person), rows)
    answers = [house.guest().sign_in(f"person.{number}", PASSWORD).status_code for number in range(200)]
    assert answers == [302] * 200


# hashing


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What every verification was made against."""
    against: list[str] = []

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            against.append(stored)
            return HASHER.verify(stored, password)

    monkeypatch.setattr(passwords, "HASHER", Counting())
    return against


def test_an_unknown_account_costs_as_much_as_a_known_one(
    databases: Databases, tmp_path: Path, hashed: list[str]
) -> None:
    with inner_site(databases, tmp_path / "var") as house:
        for name in (TRAINEE, "nobody.here"):
            house.guest().sign_in(name, WRONG)
    parameters = {stored.rsplit("$", 2)[0] for stored in hashed}
    assert len(hashed) == 2 and parameters == {"$argon2id$v=19$m=19456,t=2,p=1"}


def test_an_account_without_password_costs_as_much_and_lets_nobody_in(house: InnerSite, hashed: list[str]) -> None:
    with house.database.write() as session:
        session.execute(update(Person).values(password_hash=None))
    assert house.guest().sign_in(TRAINEE, "nobody has this password").status_code == 422
    assert hashed == [passwords.NOBODY]


def test_no_hash_is_computed_for_who_is_not_heard(house: InnerSite, hashed: list[str]) -> None:
    fail(house, 10)
    hashed.clear()
    house.guest().sign_in(TRAINEE, PASSWORD)
    assert hashed == []


def test_never_more_hashes_at_once_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, both = threading.Lock(), threading.Barrier(2)
    running, most = [0], [0]

    class Slow:
        def verify(self, _stored: str, _password: str) -> bool:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            both.wait(30)  # two at a time, or the test does not end
            with lock:
                running[0] -= 1
            return True

    monkeypatch.setattr(passwords, "HASHER", Slow())
    found = Passwords(2)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: found.matches("stored", "typed"), range(8))) == [True] * 8
    assert most[0] == 2


def test_a_stored_hash_that_is_none_matches_nothing() -> None:
    assert not Passwords(1).matches("not a hash", "x") and not Passwords(1).matches("", "nobody has this password")


# one-time codes


def test_a_code_opens_the_door_and_the_person_chooses_the_password(house: InnerSite) -> None:
    guest = house.guest()
    assert use_code(guest, TRAINEE, code_for(house, TRAINEE)) == 302 and guest.is_signed_in()
    assert house.guest().sign_in(TRAINEE, NEW).status_code == 302


def test_a_code_is_read_as_people_type_it(house: InnerSite) -> None:
    typed = code_for(house, TRAINEE).lower().replace("-", "  ").replace("1", "l").replace("0", "o")
    assert use_code(house.guest(), TRAINEE, typed) == 302


def test_a_code_works_once(house: InnerSite) -> None:
    code = code_for(house, TRAINEE)
    assert [use_code(house.guest(), TRAINEE, code) for _ in range(2)] == [302, 422]


def test_a_code_works_for_its_own_account_only(house: InnerSite) -> None:
    assert use_code(house.guest(), "cheng.yan", code_for(house, TRAINEE)) == 422


def test_a_new_code_ends_the_one_before(house: InnerSite) -> None:
    first, second = code_for(house, TRAINEE), code_for(house, TRAINEE)
    assert [use_code(house.guest(), TRAINEE, code) for code in (first, second)] == [422, 302]


def test_a_first_code_lasts_fourteen_days_and_a_reset_one(house: InnerSite, moment: list[datetime]) -> None:
    with house.database.write() as session:
        session.execute(update(Person).where(Person.username == TRAINEE).values(password_hash=None))
    codes = {name: code_for(house, name) for name in (TRAINEE, "cheng.yan")}
    with house.database.read() as session:
        kinds = dict(session.execute(select(OneTimeCode.kind, OneTimeCode.expires_at)).all())
    assert kinds == {"first": moment[0] + timedelta(days=14), "reset": moment[0] + timedelta(hours=24)}
    moment[0] += timedelta(hours=24)
    assert [use_code(house.guest(), name, code) for name, code in codes.items()] == [302, 422]


def test_a_password_that_is_too_plain_is_refused_and_the_code_stays(house: InnerSite) -> None:
    code = code_for(house, TRAINEE)
    plain = ["short", "aaaabbbbaaaa", f"my {TRAINEE} account"]
    assert [use_code(house.guest(), TRAINEE, code, password) for password in plain] == [422] * 3
    assert use_code(house.guest(), TRAINEE, code) == 302


def test_guesses_at_codes_are_counted(house: InnerSite) -> None:
    code = code_for(house, TRAINEE)
    found = [use_code(house.guest(), TRAINEE, "0000-0000-0000-0000") for _ in range(10)]
    assert found == [422] * 10 and use_code(house.guest(), TRAINEE, code) == 429


def test_a_code_does_not_open_a_blocked_account(house: InnerSite) -> None:
    code = code_for(house, TRAINEE)
    with house.database.write() as session:
        session.execute(update(Person).values(blocked_at=clock.now()))
    assert use_code(house.guest(), TRAINEE, code) == 422


def test_of_two_who_use_a_code_at_once_one_comes_in(house: InnerSite) -> None:
    code = code_for(house, TRAINEE)
    guests = [house.guest() for _ in range(4)]
    for guest in guests:
        guest.get("/sign-in/code")
    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(lambda guest: use_code(guest, TRAINEE, code), guests))
    assert found == [302, 422, 422, 422]


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

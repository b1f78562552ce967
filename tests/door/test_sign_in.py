"""Who comes in and who stays outside; what a session is and when it ends."""

from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.databases import Databases
from tests.support.door import NEW, TRAINEE, WRONG
from tests.support.inner_site import InnerSite, inner_site
from training_app import clock
from training_app.demo import PASSWORD
from training_app.people.models import Person

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

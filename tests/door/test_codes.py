"""One-time codes at the door: what they open, for whom, how long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import select, update

from tests.support.door import NEW, TRAINEE, code_for, use_code
from tests.support.inner_site import InnerSite
from training_app import clock
from training_app.people.models import OneTimeCode, Person

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

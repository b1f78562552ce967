"""Who sees whom: the pages, the accessor, and the rule behind both."""

import pytest
from sqlalchemy import select

from tests.support.house import House
from training_app.errors import NotFound
from training_app.people.models import Person
from training_app.people.reach import LARGEST_ID, people_within, person_within
from training_app.people.rules import Reach, reach_over
from training_app.people.signed import holder_of

SUZHOU = {"trainee", "newcomer", "base.admin", "second.admin", "visitor"}
READERS = ("base.admin", "far.admin", "head", "auditor", "contact", "coordinator", "trainee")


def seen_by(home: House, username: str) -> set[str]:
    holder = holder_of(home.person(username))
    with home.database.read() as session:
        return set(session.scalars(select(Person.username).where(people_within(holder, "people.read"))))


def everybody(home: House) -> set[str]:
    with home.database.read() as session:
        return set(session.scalars(select(Person.username)))


def test_a_base_administrator_sees_who_is_posted_to_the_base_or_holds_a_role_there(home: House) -> None:
    assert seen_by(home, "base.admin") == SUZHOU


@pytest.mark.parametrize("username", ["head", "auditor"])
def test_a_programme_administrator_and_an_auditor_see_everybody(home: House, username: str) -> None:
    assert seen_by(home, username) == everybody(home)


def test_a_contact_sees_the_people_of_the_own_organisation(home: House) -> None:
    assert seen_by(home, "contact") == {"trainee", "contact"}


@pytest.mark.parametrize("username", READERS)
def test_the_list_and_the_record_decide_alike(home: House, username: str) -> None:
    holder = holder_of(home.person(username))
    by_rule = {
        name for name in everybody(home) if reach_over(holder, "people.read", holder_of(home.person(name))) is not None
    }
    assert seen_by(home, username) == by_rule


def test_a_contact_reaches_people_by_the_organisation_only(home: House) -> None:
    contact, trainee = (holder_of(home.person(name)) for name in ("contact", "trainee"))
    assert reach_over(contact, "people.read", trainee) is Reach.ORGANISATION


def test_a_record_of_another_base_is_not_found(home: House) -> None:
    answer = home.signed_in("base.admin").get(f"/people/{home.number('far.trainee')}")
    assert answer.status_code == 404 and "姜南" not in answer.text


def test_the_attempt_to_open_a_record_of_another_base_is_written_down(home: House) -> None:
    number = home.number("far.trainee")
    home.signed_in("base.admin").get(f"/people/{number}")
    refusal = home.acts("refused")[-1]
    assert (refusal.actor_id, refusal.chain, refusal.object_id) == (
        home.number("base.admin"),
        "suzhou",
        "people.person",
    )
    assert refusal.details == {"permission": "people.read", "path": f"/people/{number}"}


def test_a_person_who_does_not_exist_is_no_refusal(home: House) -> None:
    answer = home.signed_in("base.admin").get("/people/999999")
    assert answer.status_code == 404 and home.acts("refused") == []


@pytest.mark.parametrize("number", [0, LARGEST_ID + 1, 10**30])
def test_a_number_that_no_person_has_is_not_found(home: House, number: int) -> None:
    assert home.signed_in("head").get(f"/people/{number}").status_code == 404


def test_nobody_and_somebody_out_of_reach_are_told_alike(home: House) -> None:
    browser = home.signed_in("base.admin")
    sentence = "There is no such person within your reach."
    assert sentence in browser.get("/people/999999").text
    assert sentence in browser.get(f"/people/{home.number('far.trainee')}").text


ACTS = ("roles", "transfer", "block", "unblock", "code")


@pytest.mark.parametrize("act", ACTS)
def test_no_act_reaches_a_record_of_another_base(home: House, act: str) -> None:
    path = f"/people/{home.number('far.trainee')}/{act}"
    answer = home.signed_in("base.admin").post(
        path, data={"role": "instructor@suzhou", "base": "suzhou", "reason": "x"}
    )
    assert answer.status_code == 404
    assert [entry.object_kind for entry in home.acts("refused")] == ["endpoint"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("username", ["contact", "auditor", "trainee"])
def test_who_may_only_read_is_refused_every_act(home: House, username: str, act: str) -> None:
    path = f"/people/{home.number('newcomer')}/{act}"
    assert home.signed_in(username).post(path, data={"role": "trainee@suzhou"}).status_code == 403


@pytest.mark.parametrize("page", ["edit", "block"])
def test_a_base_administrator_does_not_manage_somebody_whose_roles_reach_further(home: House, page: str) -> None:
    answer = home.signed_in("base.admin").get(f"/people/{home.number('visitor')}/{page}")
    assert answer.status_code == 403 and "beyond your base" in answer.text


def test_buttons_that_would_be_refused_are_not_shown(home: House) -> None:
    text = home.signed_in("base.admin").get(f"/people/{home.number('visitor')}").text
    assert "Hand out a one-time code" not in text and "Block…" not in text and "/edit" not in text


def test_buttons_that_would_work_are_shown(home: House) -> None:
    text = home.signed_in("base.admin").get(f"/people/{home.number('trainee')}").text
    assert "Hand out a one-time code" in text and "Block…" in text and "/edit" in text


def test_a_contact_reads_names_base_and_roles_and_nothing_more(home: House) -> None:
    text = home.signed_in("contact").get(f"/people/{home.number('trainee')}").text
    assert all(word in text for word in ("沈知夏", "Suzhou", "Trainee"))
    assert not any(word in text for word in ("S-001", "Account", "Postings", "Last acts"))


def test_the_list_of_a_contact_names_no_number_and_no_account(home: House) -> None:
    browser = home.signed_in("contact")
    file = browser.get("/people?format=csv").text
    assert "沈知夏" in file and "S-001" not in file and "trainee" not in file.replace("Trainee", "")
    assert browser.get("/people?q=S-001").text.count("沈知夏") == 0


def test_the_accessor_refuses_in_the_words_of_the_permission(home: House) -> None:
    holder = holder_of(home.person("base.admin"))
    number = home.number("far.trainee")
    with home.database.read() as session, pytest.raises(NotFound) as refusal:
        person_within(session, holder, "people.edit", number)
    assert refusal.value.act == "people.edit"

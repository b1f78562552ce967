"""Adding a person, changing the particulars, transferring to another base."""

import pytest

from tests.support.house import House
from training_app.people.models import Person
from training_app.people.rules import Grant, Role
from training_app.people.signed import holder_of

IDENTITY_NUMBER = "11010519491231002X"
NEW = {
    "name_zh": "梁思源",
    "name_en": "Liang Siyuan",
    "kind": "officer",
    "username": "Liang.Siyuan",
    "staff_number": "N-1",
    "email": "",
    "organisation_id": "",
    "base": "suzhou",
    "role": "trainee@suzhou",
}


def add(home: House, by: str, **changed: str) -> str:
    return home.signed_in(by).post("/people/new", data={**NEW, **changed}, follow_redirects=True).text


def edited(home: House, who: str, /, **changed: str) -> dict[str, str]:
    """What the form of the record holds, with something changed."""
    person = home.person(who)
    fields = ("name_zh", "name_en", "kind", "username", "staff_number", "email", "organisation_id", "version")
    return {field: str(getattr(person, field) or "") for field in fields} | changed


# adding


def test_a_person_is_added_with_posting_and_first_role(home: House) -> None:
    assert "is added. Next: hand out a one-time code." in add(home, "base.admin")
    person = home.person("liang.siyuan")
    assert person.postings[0].base_id == "suzhou" and person.password_hash is None
    assert holder_of(person).grants == (Grant(Role.TRAINEE, "suzhou"),)


def test_adding_is_written_down_in_the_chain_of_the_base(home: House) -> None:
    add(home, "base.admin")
    assert [act.chain for act in home.acts("person.added") + home.acts("role.given")] == ["suzhou", "suzhou"]


def test_a_base_administrator_adds_to_the_own_base_only(home: House) -> None:
    page = home.signed_in("base.admin").post("/people/new", data={**NEW, "base": "shenzhen"})
    assert page.status_code == 422 and home.acts("person.added") == []


def test_a_first_role_beyond_the_reach_adds_nobody(home: House) -> None:
    page = home.signed_in("base.admin").post("/people/new", data={**NEW, "role": "auditor@"})
    assert page.status_code == 422 and home.acts("person.added") == []


def test_a_programme_administrator_adds_somebody_without_a_base(home: House) -> None:
    add(home, "head", base="", role="rater@")
    assert home.person("liang.siyuan").postings == []


@pytest.mark.parametrize(("field", "value"), [("username", "Trainee"), ("staff_number", "S-001")])
def test_a_name_that_is_taken_is_told_at_the_field_and_the_input_stays(home: House, field: str, value: str) -> None:
    answer = home.signed_in("base.admin").post("/people/new", data={**NEW, field: value})
    assert answer.status_code == 422 and home.acts("person.added") == []
    assert f'id="{field}-error"' in answer.text and 'value="Liang Siyuan"' in answer.text


@pytest.mark.parametrize("field", ["username", "staff_number", "name_zh", "email"])
def test_an_identity_number_is_refused_where_it_would_be_kept(home: House, field: str) -> None:
    answer = home.signed_in("base.admin").post("/people/new", data={**NEW, field: IDENTITY_NUMBER})
    assert answer.status_code == 422 and "resident identity number" in answer.text


@pytest.mark.parametrize("username", ["a", "with space", "quote'", "<b>", "沈知夏", "x" * 61])
def test_a_sign_in_name_that_cannot_be_typed_is_refused(home: House, username: str) -> None:
    assert home.signed_in("base.admin").post("/people/new", data={**NEW, "username": username}).status_code == 422


def test_rare_characters_stay_and_unseen_ones_go(home: House) -> None:
    add(home, "base.admin", name_zh="㛃\u202e𬀩\u200b䶮")
    assert home.person("liang.siyuan").name_zh == "㛃𬀩䶮"


# changing


def test_particulars_are_changed_and_the_difference_is_written_down(home: House) -> None:
    number = home.number("trainee")
    data = edited(home, "trainee", name_en="Shen Zhixia", organisation_id="")
    answer = home.signed_in("base.admin").post(f"/people/{number}/edit", data=data)
    assert answer.status_code == 302 and home.person("trainee").organisation_id is None
    assert home.acts("person.changed")[-1].details == {
        "name_en": ["Trainee", "Shen Zhixia"],
        "organisation": ["演示家具有限公司", ""],
    }


def test_of_two_who_edit_at_once_the_second_is_told_and_keeps_the_input(home: House) -> None:
    number = home.number("trainee")
    first, second = edited(home, "trainee", name_en="First"), edited(home, "trainee", name_en="Second")
    home.signed_in("base.admin").post(f"/people/{number}/edit", data=first)
    answer = home.signed_in("second.admin").post(f"/people/{number}/edit", data=second)
    assert answer.status_code == 422 and home.person("trainee").name_en == "First"
    assert 'value="Second"' in answer.text and "Stored now: First" in answer.text


def test_who_was_told_may_save_again_knowingly(home: House) -> None:
    number = home.number("trainee")
    home.signed_in("base.admin").post(f"/people/{number}/edit", data=edited(home, "trainee", name_en="First"))
    later = edited(home, "trainee", name_en="Second")
    assert home.signed_in("second.admin").post(f"/people/{number}/edit", data=later).status_code == 302
    assert home.person("trainee").name_en == "Second"


def test_a_form_after_a_conflict_stands_for_the_version_it_shows(home: House) -> None:
    number = home.number("trainee")
    stale = edited(home, "trainee", name_en="Second")
    home.signed_in("base.admin").post(f"/people/{number}/edit", data=edited(home, "trainee", name_en="First"))
    answer = home.signed_in("second.admin").post(f"/people/{number}/edit", data=stale)
    assert f'value="{home.person("trainee").version}"' in answer.text


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_a_tampered_version_saves_nothing(home: House, version: str) -> None:
    data = edited(home, "trainee", name_en="Other", version=version)
    answer = home.signed_in("base.admin").post(f"/people/{home.number('trainee')}/edit", data=data)
    assert answer.status_code == 422 and home.person("trainee").name_en == "Trainee"


def test_a_taken_name_is_told_at_the_field_when_changing(home: House) -> None:
    data = edited(home, "trainee", username="newcomer")
    answer = home.signed_in("base.admin").post(f"/people/{home.number('trainee')}/edit", data=data)
    assert answer.status_code == 422 and 'id="username-error"' in answer.text


def test_an_organisation_out_of_reach_cannot_be_chosen(home: House) -> None:
    with home.database.read() as session:
        number = session.get_one(Person, home.number("trainee")).organisation_id
    data = edited(home, "trainee", organisation_id=str(int(number or 0) + 1))
    answer = home.signed_in("base.admin").post(f"/people/{home.number('trainee')}/edit", data=data)
    assert answer.status_code == 422 and home.person("trainee").organisation_id == number


def test_a_hostile_name_is_shown_as_text(home: House) -> None:
    data = edited(home, "trainee", name_zh="<script>alert(1)</script>", name_en='"><img src=x onerror=alert(1)>')
    number = home.number("trainee")
    browser = home.signed_in("head")
    browser.post(f"/people/{number}/edit", data=data)
    pages = [browser.get(path).text for path in ("/people", f"/people/{number}", f"/people/{number}/edit", "/audit")]
    assert all("<script>alert" not in page and "<img src=x" not in page for page in pages)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0]


# transfer


def transferred(home: House, by: str, username: str, base: str) -> str:
    path = f"/people/{home.number(username)}/transfer"
    return home.signed_in(by).post(path, data={"base": base}, follow_redirects=True).text


def test_a_trainee_is_transferred_with_the_role_of_a_trainee(home: House) -> None:
    assert "belongs to the new base" in transferred(home, "head", "trainee", "shenzhen")
    person = home.person("trainee")
    assert person.postings[0].base_id == "shenzhen"
    assert holder_of(person).grants == (Grant(Role.TRAINEE, "shenzhen"),)


def test_other_roles_stay_at_their_base(home: House) -> None:
    transferred(home, "head", "visitor", "guangzhou")
    assert {grant.base for grant in holder_of(home.person("visitor")).grants} == {"suzhou", "shenzhen"}


def test_a_transfer_stands_in_the_chains_of_both_bases(home: House) -> None:
    transferred(home, "head", "trainee", "shenzhen")
    acts = home.acts("person.transferred")
    assert {act.chain for act in acts} == {"suzhou", "shenzhen"}
    assert all(act.details == {"base": ["suzhou", "shenzhen"]} for act in acts)


def test_the_base_that_was_left_no_longer_sees_the_record(home: House) -> None:
    transferred(home, "head", "trainee", "shenzhen")
    assert home.signed_in("base.admin").get(f"/people/{home.number('trainee')}").status_code == 404


def test_a_base_administrator_sends_nobody_to_another_base(home: House) -> None:
    assert "made by a programme administrator" in transferred(home, "base.admin", "trainee", "shenzhen")
    assert home.person("trainee").postings[0].base_id == "suzhou"


@pytest.mark.parametrize(
    ("base", "sentence"), [("suzhou", "belongs to this base already"), ("atlantis", "Choose a base")]
)
def test_a_transfer_to_nowhere_is_told_on_the_record(home: House, base: str, sentence: str) -> None:
    assert sentence in transferred(home, "head", "trainee", base)

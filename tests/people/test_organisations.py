"""Organisations: codes that are told apart, the AEO code derived, reach, two who edit at once."""

import pytest
from sqlalchemy import select

from question_bank.identifiers import uscc_fault
from tests.support.house import OTHER_USCC, USCC, House
from training_app.people.models import Organisation

FREE_USCC = "91990000MA0AEW00KK"
NEW = {
    "kind": "enterprise",
    "name_zh": "演示机械有限公司",
    "name_en": "Demo Machinery",
    "uscc": FREE_USCC,
    "customs_code": "32059309KX",
    "base_id": "suzhou",
    "note": "",
}


def organisation(home: House, uscc: str) -> Organisation | None:
    with home.database.read() as session:
        return session.scalar(select(Organisation).where(Organisation.uscc == uscc))


def add(home: House, by: str = "base.admin", **changed: str) -> tuple[int, str]:
    answer = home.signed_in(by).post("/organisations/new", data={**NEW, **changed}, follow_redirects=True)
    return answer.status_code, answer.text


def edited(home: House, **changed: str) -> dict[str, str]:
    found = organisation(home, USCC)
    return {field: str(getattr(found, field) or "") for field in (*NEW, "version")} | changed


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (USCC, None),
        (USCC.lower(), None),
        (USCC[:-1], ("length", 17)),
        (f"91A{USCC[3:]}", ("digit", 3)),
        (f"{USCC[:9]}I{USCC[10:]}", ("sign", 10)),
        (f"{USCC[:-1]}1", ("check", 18)),
    ],
)
def test_the_fault_of_a_credit_code_has_a_place(code: str, fault: tuple[str, int] | None) -> None:
    assert uscc_fault(code) == fault


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "An enterprise needs its Unified Social Credit Code."),
        (FREE_USCC[:-1], "The code has 18 characters; this has 17."),
        (f"91A{FREE_USCC[3:]}", "Character 3 is A; characters 3 to 8 are digits."),
        (f"{FREE_USCC[:9]}O{FREE_USCC[10:]}", "Character 10 is O, which no code has"),
        (f"{FREE_USCC[:-1]}1", "Character 18, the check character, does not fit"),
        (USCC, "An organisation with this Unified Social Credit Code is here already."),
    ],
)
def test_a_wrong_credit_code_is_told_at_the_field(home: House, code: str, sentence: str) -> None:
    status, page = add(home, uscc=code)
    assert status == 422 and sentence in page and 'value="Demo Machinery"' in page


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("32059309K", "The code has 10 characters; this has 9."),
        ("3205X309KX", "Character 5 is X; the first five are digits."),
        ("32059309K!", "The last five characters are digits or letters A to Z."),
    ],
)
def test_a_wrong_customs_code_is_told_at_the_field(home: House, code: str, sentence: str) -> None:
    status, page = add(home, customs_code=code)
    assert status == 422 and sentence in page


def test_the_aeo_code_is_derived_and_never_typed(home: House) -> None:
    status, page = add(home, aeo_code="AEOCN0000000000")
    assert status == 200 and "AEOCN32059309KX" in page and "AEOCN0000000000" not in page


def test_codes_are_stored_as_they_are_written_officially(home: House) -> None:
    add(home, uscc=" 91990000-ma0aew00kk ", customs_code="３２０５９３０９ｋｘ")
    added = organisation(home, FREE_USCC)
    assert added is not None and added.customs_code == "32059309KX"


def test_a_customs_office_needs_no_credit_code(home: House) -> None:
    assert add(home, kind="customs", uscc="", customs_code="")[0] == 200


def test_adding_is_written_down_in_the_chain_of_the_base_in_charge(home: House) -> None:
    add(home)
    act = home.acts("organisation.added")[-1]
    assert act.chain == "suzhou" and act.details["uscc"] == FREE_USCC


def test_a_base_administrator_is_in_charge_of_the_own_base_only(home: House) -> None:
    assert add(home, base_id="shenzhen")[0] == 422 and organisation(home, FREE_USCC) is None


def test_an_organisation_of_another_base_is_not_found_and_the_attempt_written_down(home: House) -> None:
    far = organisation(home, OTHER_USCC)
    browser = home.signed_in("base.admin")
    assert browser.get(f"/organisations/{far.id}").status_code == 404
    assert browser.post(f"/organisations/{far.id}/edit", data=NEW).status_code == 404
    assert [act.details["permission"] for act in home.acts("refused")] == ["organisations.read", "organisations.edit"]


@pytest.mark.parametrize(
    ("username", "status"), [("coordinator", 200), ("auditor", 200), ("contact", 403), ("trainee", 403)]
)
def test_who_may_read_organisations(home: House, username: str, status: int) -> None:
    assert home.signed_in(username).get("/organisations").status_code == status


def test_who_may_only_read_gets_no_form(home: House) -> None:
    browser = home.signed_in("coordinator")
    assert "/edit" not in browser.get(f"/organisations/{home.firm()}").text
    assert browser.get(f"/organisations/{home.firm()}/edit").status_code == 403


def test_a_coordinator_sees_no_people_of_an_organisation(home: House) -> None:
    assert "沈知夏" not in home.signed_in("coordinator").get(f"/organisations/{home.firm()}").text


def test_an_organisation_shows_its_people_within_reach(home: House) -> None:
    page = home.signed_in("base.admin").get(f"/organisations/{home.firm()}").text
    assert "沈知夏" in page and "金荷塘" not in page


def test_of_two_who_edit_at_once_the_second_is_told_and_keeps_the_input(home: House) -> None:
    path = f"/organisations/{home.firm()}/edit"
    first, second = edited(home, name_en="First"), edited(home, name_en="Second")
    home.signed_in("base.admin").post(path, data=first)
    answer = home.signed_in("head").post(path, data=second)
    assert answer.status_code == 422 and organisation(home, USCC).name_en == "First"
    assert 'value="Second"' in answer.text and "Stored now: First" in answer.text


def test_a_change_is_written_down_as_what_was_and_what_is(home: House) -> None:
    home.signed_in("base.admin").post(f"/organisations/{home.firm()}/edit", data=edited(home, name_en="Other"))
    assert home.acts("organisation.changed")[-1].details == {"name_en": ["Demo Furniture", "Other"]}


def test_an_identity_number_pasted_into_a_note_is_masked(home: House) -> None:
    note = "Contact: 11010519491231002X, second floor"
    home.signed_in("base.admin").post(f"/organisations/{home.firm()}/edit", data=edited(home, note=note))
    kept = f"{organisation(home, USCC).note} {home.acts('organisation.changed')[-1].details}"
    assert "second floor" in kept and "11010519491231002X" not in kept


def test_the_list_is_searched_by_code_and_given_as_a_file(home: House) -> None:
    browser = home.signed_in("head")
    assert "演示家具有限公司" in browser.get(f"/organisations?q={USCC}").text
    assert OTHER_USCC in browser.get("/organisations?format=csv").text
    assert OTHER_USCC not in home.signed_in("base.admin").get("/organisations?format=csv").text

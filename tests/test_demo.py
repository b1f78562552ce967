"""The demonstration: its accounts, that they open the door, and that everything in it is invented."""

import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from question_bank.identifiers import aeo_code, is_customs_code, is_uscc
from tests.support.databases import Databases
from tests.support.inner_site import inner_site
from tests.support.site import Installation
from training_app.acts import BASES
from training_app.demo import accounts_of_the_demonstration
from training_app.people.models import Organisation, Person
from training_app.people.rules import Role
from training_app.people.signed import holder_of

AT_EACH_BASE = {Role.TRAINEE: 3, Role.INSTRUCTOR: 2, Role.INVIGILATOR: 2, Role.BASE_ADMIN: 1}
OVER_ALL = {
    Role.AUTHOR: 1,
    Role.REVIEWER: 1,
    Role.RATER: 3,
    Role.PROGRAMME_ADMIN: 2,
    Role.DECIDER: 2,
    Role.COORDINATOR: 1,
    Role.CONTACT: 1,
    Role.AUDITOR: 1,
}


def rows(installation: Installation) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((installation.data_dir / "demo-accounts.json").read_text("utf-8"))
    return found


def test_the_file_of_accounts_is_a_list_of_name_password_roles_and_base(demo_installation: Installation) -> None:
    found = rows(demo_installation)
    assert {tuple(row) for row in found} == {("username", "password", "roles", "base")}
    assert all(isinstance(row["roles"], list) and row["roles"] and row["password"] for row in found)
    assert len({row["username"] for row in found}) == len(found)


def test_the_file_of_accounts_is_for_its_owner_alone(demo_installation: Installation) -> None:
    assert (demo_installation.data_dir / "demo-accounts.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("base", [slug for slug, *_ in BASES])
def test_each_base_has_the_people_it_needs(base: str) -> None:
    here = [account for account in accounts_of_the_demonstration() if account.base == base]
    assert Counter(role for account in here for role in account.roles) == AT_EACH_BASE


def test_every_two_person_act_can_be_tried() -> None:
    above = [account for account in accounts_of_the_demonstration() if account.base is None]
    assert Counter(role for account in above for role in account.roles) == OVER_ALL


def test_every_role_has_somebody() -> None:
    assert {role for account in accounts_of_the_demonstration() for role in account.roles} == set(Role)


def test_every_account_opens_the_door_and_holds_what_the_file_says(databases: Databases, tmp_path: Path) -> None:
    with inner_site(databases, tmp_path / "var") as site:
        for account in site.installation.accounts():
            guest = site.guest()
            assert guest.sign_in(account.username, account.password).status_code == 302, account.username
            grants = holder_of(site.person(account.username)).grants
            assert {(str(grant.role), grant.base) for grant in grants} == {(r, account.base) for r in account.roles}


def test_organisations_have_codes_that_are_valid_and_nobodys(databases: Databases, tmp_path: Path) -> None:
    with inner_site(databases, tmp_path / "var") as site, site.database.read() as session:
        firms = session.scalars(select(Organisation).where(Organisation.kind == "enterprise")).all()
        offices = session.scalars(select(Organisation).where(Organisation.kind == "customs")).all()
    codes = [(str(firm.uscc), str(firm.customs_code)) for firm in firms]
    assert {firm.base_id for firm in firms} == {office.base_id for office in offices} == {slug for slug, *_ in BASES}
    assert all(is_uscc(uscc) and uscc[2:8] == "990000" for uscc, _ in codes), "990000 is no division of the country"
    assert all(is_customs_code(code) and aeo_code(code) == f"AEOCN{code}" for _, code in codes)
    assert all("演示" in one.name_zh and "Demo" in one.name_en for one in (*firms, *offices))


def test_nobody_of_the_demonstration_has_a_real_contact(databases: Databases, tmp_path: Path) -> None:
    with inner_site(databases, tmp_path / "var") as site, site.database.read() as session:
        people = session.scalars(select(Person)).all()
    assert all(person.email is None for person in people)
    assert all((person.staff_number or "DEMO-").startswith("DEMO-") for person in people)


def test_the_door_shows_the_accounts_of_a_demonstration(databases: Databases, tmp_path: Path) -> None:
    with inner_site(databases, tmp_path / "var") as site:
        page = site.guest().get("/sign-in").text
        assert all(account.username in page for account in site.installation.accounts())

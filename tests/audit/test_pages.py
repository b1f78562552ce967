"""The pages of the audit log and of the check: what each reader sees."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.audit.test_chain import TRIGGERS
from tests.support.house import BEGAN, House
from training_app import app as application
from training_app import clock
from training_app.audit.services import Act, record
from training_app.progress.audit_views import INVARIANT_NAMES


def write(home: House) -> None:
    """A line in each of three chains."""
    with home.database.write() as session:
        for chain in ("shenzhen", "suzhou", None):
            details = {"path": f"/from/{chain}"}
            record(session, Act("refused", "endpoint", "x", home.number("far.admin"), chain, None, details), BEGAN)


def test_a_base_administrator_reads_the_own_chain_only(home: House) -> None:
    write(home)
    page = home.signed_in("base.admin").get("/audit").text
    assert "/from/suzhou" in page and "/from/shenzhen" not in page and "/from/None" not in page


@pytest.mark.parametrize("username", ["head", "auditor"])
def test_a_programme_administrator_and_an_auditor_read_every_chain(home: House, username: str) -> None:
    write(home)
    page = home.signed_in(username).get("/audit").text
    assert all(f"/from/{chain}" in page for chain in ("suzhou", "shenzhen", None))


@pytest.mark.parametrize("username", ["trainee", "coordinator", "contact", "rater"])
@pytest.mark.parametrize("path", ["/audit", "/audit/check"])
def test_nobody_else_reads_the_log(home: House, username: str, path: str) -> None:
    assert home.signed_in(username).get(path).status_code == 403


def test_a_filter_does_not_reach_another_chain(home: House) -> None:
    write(home)
    browser = home.signed_in("base.admin")
    assert "/from/shenzhen" not in browser.get("/audit?chain=shenzhen").text
    assert "/from/shenzhen" not in browser.get("/audit?format=csv&chain=shenzhen").text


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("/audit?act=refused", 3),
        ("/audit?act=role.given", 0),
        ("/audit?chain=-", 1),
        ("/audit?q=黄静雯", 3),
        ("/audit?q=沈知夏", 0),
        ("/audit?sort=actor", 3),
        ("/audit?sort=-seq", 3),
    ],
)
def test_the_log_is_searched_and_filtered(home: House, address: str, lines: int) -> None:
    write(home)
    assert home.signed_in("head").get(address).text.count("/from/") == lines


def test_the_log_is_narrowed_to_the_last_days(home: House) -> None:
    with home.database.write() as session:
        for days in (0, 20, 200):
            act = Act("refused", "endpoint", "x", details={"path": f"/from/{days}"})
            record(session, act, clock.now() - timedelta(days=days))
    page = home.signed_in("head").get("/audit?days=30").text
    assert "/from/0" in page and "/from/20" in page and "/from/200" not in page


def test_the_record_of_a_person_leads_to_the_acts_on_and_of_that_person(home: House) -> None:
    number = home.number("newcomer")
    browser = home.signed_in("head")
    browser.post(f"/people/{number}/roles", data={"role": "trainee@suzhou"})
    assert f"person={number}" in browser.get(f"/people/{number}").text
    assert "Gave a role" in browser.get(f"/audit?person={number}").text.split("<tbody>")[-1]
    assert "<tbody>" not in browser.get(f"/audit?person={home.number('rater')}").text


@pytest.mark.parametrize("person", ["x", "0", "99999999999", "-1", ""])
def test_a_person_who_does_not_exist_narrows_nothing(home: House, person: str) -> None:
    write(home)
    assert home.signed_in("head").get(f"/audit?person={person}").text.count("/from/") == 3


def test_a_person_out_of_reach_is_not_named_by_the_filter(home: House) -> None:
    page = home.signed_in("base.admin").get(f"/audit?person={home.number('far.trainee')}").text
    assert "姜南" not in page and "Far Trainee" not in page


def test_a_file_names_acts_in_words_and_is_no_formula(home: House) -> None:
    with home.database.write() as session:
        details = {"reason": "=1+1"}
        record(session, Act("person.blocked", "person", home.number("trainee"), None, "suzhou", None, details), BEGAN)
    file = home.signed_in("base.admin").get("/audit?format=csv").text
    assert "Blocked an account" in file and "Reason: =1+1" in file and ",=1" not in file


def test_every_invariant_has_words() -> None:
    assert set(INVARIANT_NAMES) == set(application.invariants())


@pytest.mark.parametrize("username", ["base.admin", "head", "auditor"])
def test_a_sound_site_is_told_so(home: House, username: str) -> None:
    write(home)
    assert "Everything holds" in home.signed_in(username).get("/audit/check").text


def tampered(home: House) -> None:
    write(home)
    with home.database.write() as session:
        for guard in TRIGGERS[home.database.url.get_backend_name()]:
            session.execute(text(guard))
        session.execute(text("UPDATE audit_entry SET act = 'role.given' WHERE chain = 'shenzhen'"))


def test_a_finding_is_shown_with_its_place_to_who_reads_every_chain(home: House) -> None:
    tampered(home)
    page = home.signed_in("auditor").get("/audit/check").text
    assert "Something does not hold" in page and "chain shenzhen line 1" in page


def test_a_base_administrator_is_told_that_something_is_wrong_but_not_where(home: House) -> None:
    tampered(home)
    page = home.signed_in("base.admin").get("/audit/check").text
    assert "Something does not hold" in page and "shenzhen" not in page

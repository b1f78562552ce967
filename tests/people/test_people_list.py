"""The list of people: search, filters, sort, files, and how few statements a page takes of a large base."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, insert, select

from tests.support.house import BEGAN, House
from training_app.db import Database
from training_app.people.models import Person, Posting, RoleGrant

MANY = 5000
STATEMENTS_OF_A_PAGE = 12


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that the database was asked to run meanwhile."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def fill_up(home: House) -> None:
    """5,000 trainees more in Suzhou."""
    with home.database.write() as session:
        first = (session.scalar(select(func.max(Person.id))) or 0) + 1
        numbers = range(first, first + MANY)
        people = [
            {
                "id": number,
                "username": f"many.{number}",
                "kind": "officer",
                "name_zh": f"学员{number}",
                "name_en": f"Many {number}",
                "staff_number": f"M-{number}",
                "language": "zh",
                "session_version": 1,
                "version": 1,
                "created_at": BEGAN,
            }
            for number in numbers
        ]
        session.execute(insert(Person), people)
        day = BEGAN.date()
        session.execute(insert(Posting), [{"person_id": n, "base_id": "suzhou", "started_on": day} for n in numbers])
        grants = [{"person_id": n, "role": "trainee", "base_id": "suzhou", "granted_at": BEGAN} for n in numbers]
        session.execute(insert(RoleGrant), grants)


def test_a_list_of_five_thousand_stays_one_page_of_few_statements(home: House) -> None:
    fill_up(home)
    browser = home.signed_in("base.admin")
    with counted(home.database) as statements:
        page = browser.get("/people?size=100&role=trainee&sort=-base&q=many")
    assert page.status_code == 200 and page.text.count('<td data-label="Chinese name">') == 100
    assert "1 to 100 of 5000" in page.text
    assert len(statements) <= STATEMENTS_OF_A_PAGE


def test_a_short_list_takes_as_few_statements(home: House) -> None:
    browser = home.signed_in("base.admin")
    with counted(home.database) as statements:
        browser.get("/people")
    assert len(statements) <= STATEMENTS_OF_A_PAGE


def names_in(home: House, by: str, address: str) -> set[str]:
    rows = home.signed_in(by).get(address).text.split("<tbody>")[-1]
    with home.database.read() as session:
        return {person.username for person in session.scalars(select(Person)) if f">{person.name_zh}</a>" in rows}


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/people?q=沈知夏", {"trainee"}),
        ("/people?q=rater", {"rater"}),
        ("/people?q=S-001", {"trainee"}),
        ("/people?role=instructor", {"visitor"}),
        ("/people?base=shenzhen&role=trainee", {"far.trainee"}),
        ("/people?state=new", {"newcomer"}),
        ("/people?state=blocked", set()),
        ("/people?q=100%25", set()),
    ],
)
def test_the_list_is_searched_and_filtered(home: House, address: str, found: set[str]) -> None:
    assert names_in(home, "head", address) == found


def test_a_search_does_not_reach_further_than_the_list(home: House) -> None:
    assert names_in(home, "base.admin", "/people?q=姜南") == set()


def test_a_base_administrator_is_offered_the_own_base_only(home: House) -> None:
    page = home.signed_in("base.admin").get("/people").text
    assert '<option value="suzhou">' in page and '<option value="shenzhen">' not in page


@pytest.mark.parametrize("sort", ["name_zh", "-name_en", "username", "-staff_number", "kind", "base", "-base"])
def test_the_list_is_sorted_by_every_column_that_offers_it(home: House, sort: str) -> None:
    assert home.signed_in("head").get(f"/people?sort={sort}").status_code == 200


def test_a_file_carries_the_rows_of_the_reach(home: House) -> None:
    file = home.signed_in("base.admin").get("/people?format=csv")
    assert file.headers["Content-Disposition"] == "attachment; filename=people.csv"
    assert "沈知夏" in file.text and "姜南" not in file.text


def test_a_workbook_is_a_workbook(home: House) -> None:
    assert home.signed_in("base.admin").get("/people?format=xlsx").data.startswith(b"PK")


def test_a_name_that_begins_like_a_formula_is_no_formula_in_the_file(home: House) -> None:
    with home.database.write() as session:
        session.get_one(Person, home.number("trainee")).name_zh = '=HYPERLINK("http://x")'
    assert "\n\"'=HYPERLINK(" in home.signed_in("base.admin").get("/people?format=csv").text.replace("\r", "")

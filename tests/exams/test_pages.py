"""Practice over HTTP: what a page gives away, what it refuses, what the pages of a trainee cost."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from question_bank.items import Kind
from question_bank.scoring import key_response
from tests.support.house import House
from tests.support.school import NOW
from tests.support.secrecy import MARKS, gives_away, number_leaks
from tests.support.sitting_down import Candidate
from training_app.bank.services import current_bank
from training_app.clock import shanghai_day
from training_app.exams.practice.services import pool_of

JSON = {"Accept": "application/json"}
HUGE = 10**20


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_app.clock.now", lambda: NOW)


@pytest.fixture
def browser(home: House) -> FlaskClient:
    return home.signed_in("trainee")


# the key


def answer_part(body: str) -> str:
    """The page from the stem to the field of a number."""
    return body[body.index('class="stem"') : body.index("answer-number")] if "answer-number" in body else ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_practice_item_gives_its_key_away(home: House, browser: FlaskClient, language: str) -> None:
    browser.get(f"/language/{language}")
    with home.database.read() as session:
        pool = list(pool_of(current_bank(session), shanghai_day(NOW)).values())
    for stored in pool[::3]:
        body = browser.get(f"/exams/practice/A26/items/{stored.version_id}").get_data(as_text=True)
        assert gives_away(stored.item, body) == [], stored.item.id
        assert MARKS.findall(body) == [], stored.item.id
        assert number_leaks(stored.item, answer_part(body)) == [], stored.item.id


def test_the_place_of_an_option_does_not_tell_whether_it_is_a_key(home: House, browser: FlaskClient) -> None:
    with home.database.read() as session:
        singles = [
            stored
            for stored in pool_of(current_bank(session), shanghai_day(NOW)).values()
            if stored.item.kind is Kind.SINGLE and len(stored.item.options) == 4
        ]
    places = []
    for stored in singles[:60]:
        body = browser.get(f"/exams/practice/A26/items/{stored.version_id}").get_data(as_text=True)
        places.append(re.findall(r'name="choice" value="(\w)"', body).index(*stored.item.key_ids))
    assert all(places.count(place) < 30 for place in range(4)), places


def test_an_ordering_item_is_never_shown_in_its_true_order(home: House, browser: FlaskClient) -> None:
    with home.database.read() as session:
        pool = pool_of(current_bank(session), shanghai_day(NOW)).values()
        orderings = [stored for stored in pool if stored.item.kind is Kind.ORDERING]
    for stored in orderings:
        body = browser.get(f"/exams/practice/A26/items/{stored.version_id}").get_data(as_text=True)
        assert re.findall(r'name="place\.(\w+)"', body) != key_response(stored.item), stored.item.id


def test_practice_keeps_nonce_and_choice_over_a_change_of_language(home: House, browser: FlaskClient) -> None:
    with home.database.read() as session:
        pool = pool_of(current_bank(session), shanghai_day(NOW)).values()
        stored = next(one for one in pool if one.item.kind is Kind.MULTIPLE)
    path = f"/exams/practice/A26/items/{stored.version_id}"
    nonce = re.findall(r'name="nonce" value="(\w+)"', browser.get(path).get_data(as_text=True))[0]
    before = re.findall(r'name="choice" value="(\w)"', browser.get(f"{path}?nonce={nonce}").get_data(as_text=True))
    page = browser.post(path, data={"nonce": nonce, "choice": before[:2], "language": "zh"}, follow_redirects=True)
    body = page.get_data(as_text=True)
    assert '<html lang="zh-CN">' in body and f'value="{nonce}"' in body
    assert re.findall(r'name="choice" value="(\w)"', body) == before
    assert re.findall(r'name="choice" value="(\w)" checked', body) == before[:2]


@pytest.mark.parametrize("nonce", ["", "short", "x" * 25, "-" * 24, "é" * 24])
def test_practice_refuses_a_page_that_was_not_sent_whole(browser: FlaskClient, nonce: str, home: House) -> None:
    with home.database.read() as session:
        stored = next(iter(pool_of(current_bank(session), shanghai_day(NOW)).values()))
    page = browser.post(f"/exams/practice/A26/items/{stored.version_id}", data={"nonce": nonce, "choice": "A"})
    assert page.status_code == 422


def test_practice_without_an_answer_says_so_on_the_item(home: House, browser: FlaskClient) -> None:
    with home.database.read() as session:
        stored = next(iter(pool_of(current_bank(session), shanghai_day(NOW)).values()))
    page = browser.post(f"/exams/practice/A26/items/{stored.version_id}", data={"nonce": "a" * 24})
    assert page.status_code == 422
    assert "Choose or enter an answer first." in page.get_data(as_text=True)


# cost


@contextmanager
def counted(home: House) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    statements: list[str] = []

    def note(*call: object) -> None:
        statements.append(str(call[2]))

    event.listen(home.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(home.database.engine, "before_cursor_execute", note)


def test_pages_ask_the_database_a_bounded_number_of_questions(home: House, me: Candidate, browser: FlaskClient) -> None:
    for hours in (5, 4, 3, 2):
        old = me.start(NOW - timedelta(hours=hours))
        me.hand_in(old, NOW - timedelta(hours=hours))
        me.score(old)
    attempt = me.start()
    me.answer_all(attempt, right=20)
    with home.database.read() as session:
        stored = next(iter(pool_of(current_bank(session), shanghai_day(NOW)).values()))
    costs = {}
    for path in (
        "/",
        "/exams",
        "/exams/practice/weak",
        f"/exams/practice/A26/items/{stored.version_id}",
        f"/attempts/{attempt.id}",
        f"/attempts/{old.id}/result",
        f"/attempts/{old.id}/receipt",
        "/criteria/A26.09.19",
    ):
        with counted(home) as statements:
            assert browser.get(path).status_code in {200, 302}
        costs[path] = len(statements)
    assert max(costs.values()) <= 20, json.dumps(costs, indent=1)


def test_the_home_of_all_bases_asks_a_bounded_number_of_questions(home: House) -> None:
    head = home.signed_in("head")
    with counted(home) as statements:
        assert head.get("/").status_code == 200
    assert len(statements) <= 26, len(statements)

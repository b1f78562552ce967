"""Practice and entry test over HTTP: what a page gives away, what it refuses, what it costs."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from question_bank.items import Item, Kind
from question_bank.scoring import key_response
from question_bank.texts import Text
from tests.support.house import House
from tests.support.school import NOW
from tests.support.sitting_down import LATE, Candidate, candidate, first_of
from training_app.bank.services import current_bank
from training_app.clock import shanghai_day
from training_app.exams.attempts import PaperItem
from training_app.exams.models import Attempt
from training_app.exams.practice.services import pool_of

JSON = {"Accept": "application/json"}
HUGE = 10**20


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_app.clock.now", lambda: NOW)


@pytest.fixture
def me(home: House) -> Candidate:
    return candidate(home)


@pytest.fixture
def browser(home: House) -> FlaskClient:
    return home.signed_in("trainee")


def fields_of(place: PaperItem, response: object, client_seq: int = 1) -> dict[str, object]:
    """The fields of the page form for a response."""
    fields: dict[str, object] = {"client_seq": client_seq}
    if place.item.kind is Kind.NUMERIC:
        return {**fields, "number": response}
    if place.item.kind is Kind.ORDERING and isinstance(response, list):
        return {**fields, **{f"place.{element}": str(n) for n, element in enumerate(response, start=1)}}
    if isinstance(response, dict):
        return {**fields, **{f"pair.{premise}": chosen for premise, chosen in response.items()}}
    return {**fields, "choice": response}


def path_of(attempt: Attempt, place: PaperItem) -> str:
    return f"/attempts/{attempt.id}/items/{place.position}"


# the key


def secrets_of(item: Item) -> set[str]:
    """Sentences and words that nobody may read before the answer, in both languages."""
    reasons = [part.reason for parts in (item.options, item.elements, item.premises) for part in parts]
    reasons += [error.reason for error in item.numeric.errors] if item.numeric else []
    reasons += [item.rationale]
    classes = {f'"{option.error}"' for option in item.options if option.error}
    sorts = {f'"{element.sort}"' for element in item.elements if len(element.sort) > 2}
    return {words for text in reasons for words in both(text)} | classes | sorts


def both(text: Text) -> set[str]:
    return {words for words in (text.zh, text.en) if len(words) > 6}


def number_leaks(item: Item, body: str) -> list[str]:
    """Numbers that answer a numeric item and stand on the page though not in the item's own words."""
    if item.numeric is None:
        return []
    own = f"{item.stem.zh} {item.stem.en}"
    answer = format(item.numeric.value, "f")
    shown = re.sub(r"<[^>]*>", " ", body[body.index('class="stem"') : body.index("answer-number")])
    return [answer] if re.search(rf"(?<![\d.,]){re.escape(answer)}(?![\d.,])", shown) and answer not in own else []


MARKS = re.compile(r'data-(?:key\b|correct|answer|right)|class="[^"]*\bis-(?:right|wrong)\b|class="rationale|"key":')


def gives_away(item: Item, body: str) -> list[str]:
    text = body.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&").replace("&lt;", "<")
    return sorted(secret for secret in secrets_of(item) if secret in text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_a_running_test_gives_a_key_away(home: House, me: Candidate, language: str) -> None:
    attempt, browser = me.start(), home.signed_in("trainee")
    browser.get(f"/language/{language}")
    for place in me.paper(attempt):
        bodies = [browser.get(f"/attempts/{attempt.id}?item={place.position}").get_data(as_text=True)]
        right = fields_of(place, key_response(place.item))
        bodies.append(browser.post(path_of(attempt, place), data=right, headers=JSON).get_data(as_text=True))
        bodies.append(browser.post(path_of(attempt, place), data=right, follow_redirects=True).get_data(as_text=True))
        for body in bodies:
            assert gives_away(place.item, body) == []
            assert MARKS.findall(body) == []
        assert number_leaks(place.item, bodies[0]) == []
    body = browser.get(f"/attempts/{attempt.id}/hand-in").get_data(as_text=True)
    assert [secret for place in me.paper(attempt) for secret in gives_away(place.item, body)] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_practice_item_gives_its_key_away(home: House, browser: FlaskClient, language: str) -> None:
    browser.get(f"/language/{language}")
    with home.database.read() as session:
        pool = list(pool_of(current_bank(session), shanghai_day(NOW)).values())
    for stored in pool[::3]:
        body = browser.get(f"/exams/practice/A26/items/{stored.version_id}").get_data(as_text=True)
        assert gives_away(stored.item, body) == [], stored.item.id
        assert MARKS.findall(body) == [], stored.item.id
        assert number_leaks(stored.item, body) == [], stored.item.id


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


# saving


def test_a_script_is_told_what_is_stored_and_where_to_go_on(me: Candidate, browser: FlaskClient) -> None:
    attempt = me.start()
    place = first_of(me.paper(attempt), Kind.SINGLE)
    fields = {**fields_of(place, [place.item.options[0].id]), "goto": "7"}
    told = browser.post(path_of(attempt, place), data=fields, headers=JSON).get_json()
    assert (told["stored"], told["items"], told["last"]) == (1, 20, "15:00:00")
    assert told["onward"] == f"/attempts/{attempt.id}?item=7"


def test_every_kind_is_stored_from_the_fields_of_the_page(home: House, me: Candidate, browser: FlaskClient) -> None:
    attempt = me.start()
    for place in me.paper(attempt):
        answer = browser.post(path_of(attempt, place), data=fields_of(place, key_response(place.item)))
        assert answer.status_code == 302
    assert me.given(attempt) == {place.version_id: key_response(place.item) for place in me.paper(attempt)}


def test_a_slip_keeps_what_was_typed_and_says_what_is_wrong(me: Candidate, browser: FlaskClient) -> None:
    attempt = me.start()
    place = first_of(me.paper(attempt), Kind.NUMERIC)
    page = browser.post(path_of(attempt, place), data={"client_seq": 1, "number": "about 7"})
    body = page.get_data(as_text=True)
    assert page.status_code == 422
    assert 'value="about 7"' in body and "Type one number only" in body
    assert me.given(attempt) == {}


def test_places_with_a_gap_are_refused_and_kept_on_the_page(home: House, me: Candidate, browser: FlaskClient) -> None:
    attempt, place = paper_with(home, me, Kind.ORDERING)
    element = place.item.elements[0].id
    page = browser.post(path_of(attempt, place), data={"client_seq": 1, f"place.{element}": "2"})
    body = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "place of its own" in body and '<option value="2" selected>' in body


def test_the_first_places_of_an_order_are_kept_before_the_rest_is_known(
    home: House, me: Candidate, browser: FlaskClient
) -> None:
    attempt, place = paper_with(home, me, Kind.ORDERING)
    first, second = (element.id for element in place.item.elements[:2])
    browser.post(path_of(attempt, place), data={"client_seq": 1, f"place.{first}": "2", f"place.{second}": "1"})
    assert me.given(attempt) == {place.version_id: [second, first]}


def paper_with(home: House, me: Candidate, kind: Kind) -> tuple[Attempt, PaperItem]:
    """An attempt whose paper holds an item of the kind: tests are drawn again, an hour later each, until one does."""
    for hour in range(0, 12, 1):
        attempt = me.start(NOW - timedelta(hours=12 - hour))
        found = [place for place in me.paper(attempt) if place.item.kind is kind]
        if found:
            running = me.stored(attempt)
            with home.database.write() as session:
                session.merge(running).deadline_at = NOW + timedelta(minutes=10)
            return running, found[0]
    raise AssertionError(f"no paper with {kind}")


def test_a_change_of_language_saves_first_and_comes_back_to_the_item(me: Candidate, browser: FlaskClient) -> None:
    attempt = me.start()
    place = first_of(me.paper(attempt), Kind.NUMERIC)
    page = browser.post(
        path_of(attempt, place), data={"client_seq": 1, "number": "12", "language": "zh"}, follow_redirects=True
    )
    assert page.request.full_path == f"/attempts/{attempt.id}?item={place.position}"
    assert '<html lang="zh-CN">' in page.get_data(as_text=True) and 'value="12"' in page.get_data(as_text=True)


def test_clearing_takes_the_answer_back(me: Candidate, browser: FlaskClient) -> None:
    attempt = me.start()
    place = first_of(me.paper(attempt), Kind.SINGLE)
    chosen = [place.item.options[0].id]
    browser.post(path_of(attempt, place), data=fields_of(place, chosen))
    browser.post(path_of(attempt, place), data={**fields_of(place, chosen, 2), "clear": "1"})
    assert me.given(attempt) == {place.version_id: []}


def test_a_second_window_is_told_and_the_first_answer_stands(me: Candidate, browser: FlaskClient) -> None:
    attempt = me.start()
    place = first_of(me.paper(attempt), Kind.SINGLE)
    first, second = (option.id for option in place.item.options[:2])
    browser.post(path_of(attempt, place), data=fields_of(place, [first]))
    page = browser.post(path_of(attempt, place), data=fields_of(place, [second]))
    told = browser.post(path_of(attempt, place), data=fields_of(place, [second]), headers=JSON)
    assert (page.status_code, told.status_code) == (409, 409)
    assert "another window" in page.get_data(as_text=True) and "another window" in told.get_json()["error"]
    assert me.given(attempt) == {place.version_id: [first]}


def test_a_late_answer_leads_to_the_result_with_a_sentence(
    me: Candidate, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = me.start()
    place = first_of(me.paper(attempt), Kind.SINGLE)
    monkeypatch.setattr("training_app.clock.now", lambda: NOW + LATE)
    told = browser.post(path_of(attempt, place), data=fields_of(place, ["A"]), headers=JSON)
    assert (told.status_code, told.get_json()["onward"]) == (409, f"/attempts/{attempt.id}/result")
    page = browser.post(path_of(attempt, place), data=fields_of(place, ["A"]), follow_redirects=True)
    assert page.request.path == f"/attempts/{attempt.id}/result"
    assert "can no longer be changed" in page.get_data(as_text=True)


def test_handing_in_twice_shows_the_same_result(me: Candidate, browser: FlaskClient) -> None:
    attempt = me.start()
    pages = [browser.post(f"/attempts/{attempt.id}/hand-in", follow_redirects=True) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].get_data(as_text=True).count("verdict-title") == 1


@pytest.mark.parametrize("number", [HUGE, 2**31, 2**63, 999_999])
def test_an_attempt_answer_or_item_that_nobody_has_is_not_found(browser: FlaskClient, number: int) -> None:
    for path in (f"/attempts/{number}", f"/attempts/{number}/result", f"/attempts/{number}/hand-in"):
        assert browser.get(path).status_code == 404, path
    for path in (f"/exams/practice/A26/items/{number}", f"/exams/practice/A26/answers/{number}"):
        assert browser.get(path).status_code == 404, path
    assert browser.post(f"/attempts/{number}/hand-in").status_code == 404
    assert browser.post(f"/attempts/{number}/items/1", data={"choice": "A"}).status_code == 404


def test_another_persons_test_is_not_found_on_any_address(home: House, me: Candidate) -> None:
    attempt, stranger = me.start(), home.signed_in("far.trainee")
    for path in ("", "/result", "/hand-in"):
        assert stranger.get(f"/attempts/{attempt.id}{path}").status_code == 404
    assert stranger.post(f"/attempts/{attempt.id}/items/1", data={"client_seq": 1}).status_code == 404
    assert stranger.post(f"/attempts/{attempt.id}/hand-in").status_code == 404


@pytest.mark.parametrize("item", ["0", "-4", "21", "999999999999999999999999", "x", "٣", ""])
def test_a_wild_place_on_the_paper_shows_one_of_its_items(me: Candidate, browser: FlaskClient, item: str) -> None:
    attempt = me.start()
    assert browser.get(f"/attempts/{attempt.id}", query_string={"item": item}).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"client_seq": "x", "choice": "A"},
        {"client_seq": "9" * 5000, "choice": "A"},
        {"client_seq": "1", "choice": "\x00"},
        {"client_seq": "1", "choice": "A" * 200_000},
        {"client_seq": "1", "choice": ["A"] * 900},
        {"client_seq": "1", "goto": "9" * 9000},
        {"client_seq": "1", "language": "xx"},
        {"client_seq": "1", "text": "huge"},
    ],
)
def test_wild_fields_are_refused_or_ignored_and_never_an_error_of_ours(
    me: Candidate, browser: FlaskClient, fields: dict[str, object]
) -> None:
    attempt = me.start()
    place = first_of(me.paper(attempt), Kind.SINGLE)
    for headers in ({}, JSON):
        answer = browser.post(path_of(attempt, place), data=fields, headers=headers)
        assert answer.status_code in {200, 302, 400, 409, 422}, answer.status_code
    assert not any(me.given(attempt).values())


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


def test_the_review_tells_every_reason_once_the_test_is_handed_in(me: Candidate, browser: FlaskClient) -> None:
    attempt = me.start()
    me.answer_all(attempt, right=20)
    body = browser.post(f"/attempts/{attempt.id}/hand-in", follow_redirects=True).get_data(as_text=True)
    text = body.replace("&#39;", "'").replace("&#34;", '"')
    assert all(place.item.rationale.en in text for place in me.paper(attempt))
    assert "100 of 100" in text


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
        f"/attempts/{attempt.id}?item=3",
        f"/attempts/{old.id}/result",
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
    assert len(statements) <= 24, len(statements)

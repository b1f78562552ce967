"""The paper over HTTP: the page and its data, saves, the hand-in, receipts, and everything that is refused."""

import json
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from question_bank.items import Kind
from question_bank.scoring import key_response
from tests.support.house import House
from tests.support.school import NOW
from tests.support.secrecy import MARKS, gives_away, number_leaks
from tests.support.sitting_down import DEVICE, LATE, Candidate, candidate, first_of
from training_app.exams.day_models import LateEvent, PaperFact
from training_app.exams.models import Attempt
from training_app.exams.paper.standing import TRANSPORT_GRACE
from training_app.exams.starting import practice_tests

JSON = {"Accept": "application/json"}
HUGE = 10**20
Reply = dict[str, object]


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, timedelta())


def set_clock(monkeypatch: pytest.MonkeyPatch, after: timedelta) -> None:
    monkeypatch.setattr("training_app.clock.now", lambda: NOW + after)


@pytest.fixture
def browser(home: House) -> FlaskClient:
    return home.signed_in("trainee")


def data_of(browser: FlaskClient, attempt: Attempt) -> dict[str, object]:
    """What the page's script begins with."""
    page = browser.get(f"/attempts/{attempt.id}").get_data(as_text=True)
    found = re.search(r'<script type="application/json" id="paper-data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def send(browser: FlaskClient, attempt: Attempt, *entries: Reply, to: str = "saves", **fields: object) -> Reply:
    """What the page is told of a delivery."""
    body = {"device": DEVICE, "entries": entries, **fields}
    answer = browser.post(f"/attempts/{attempt.id}/{to}", json=body, headers=JSON)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def entry(item: int, seq: int, payload: object, after: timedelta = timedelta()) -> Reply:
    return {"item": item, "seq": seq, "at": (NOW + after).isoformat(), "payload": payload}


# the page


def test_the_page_begins_with_items_answers_and_times(me: Candidate, attempt: Attempt, browser: FlaskClient) -> None:
    places = me.paper(attempt)
    single = first_of(places, Kind.SINGLE)
    send(browser, attempt, entry(single.version_id, 3, ["A"]), marks={"flagged": [2], "seen": [1, 2]})
    data = data_of(browser, attempt)
    assert [one["item"] for one in data["items"]] == [place.version_id for place in places]
    assert data["answers"] == {str(single.version_id): {"seq": 3, "payload": ["A"]}}
    assert data["marks"] == {"flagged": [2], "seen": [1, 2]}
    assert (data["state"], data["deadline_at"]) == ("running", (NOW + timedelta(minutes=20)).isoformat())
    assert (data["answered"], data["holder"], data["head"]["server_seq"]) == (1, DEVICE, 1)


def test_no_answer_of_the_site_gives_a_key_away_while_the_test_runs(
    me: Candidate, attempt: Attempt, browser: FlaskClient
) -> None:
    places = me.paper(attempt)
    right = [entry(place.version_id, 1, key_response(place.item)) for place in places]
    wrong = [entry(place.version_id, 2, ["nothing"]) for place in places]
    asked = [
        browser.get(f"/attempts/{attempt.id}"),
        browser.get(f"/attempts/{attempt.id}", headers=JSON),
        *(browser.get(f"/attempts/{attempt.id}/{page}", follow_redirects=True) for page in ("result", "receipt")),
        *(browser.get(f"/{page}") for page in ("", "exams", "exams/results", f"exams/results/{attempt.id}")),
        *(
            browser.post(f"/attempts/{attempt.id}/{to}", json={"device": DEVICE, "entries": sent, "claims": claims})
            for to, sent, claims in (
                ("saves", right, {}),
                ("saves", wrong, {}),
                ("hand-in", [], {str(places[0].version_id): 9}),
            )
        ),
        browser.get("/language/en", follow_redirects=True),
        browser.get(f"/attempts/{attempt.id}"),
    ]
    bodies = [answer.get_data(as_text=True) for answer in asked]
    leaks = [(place.item.id, found) for place in places for body in bodies for found in gives_away(place.item, body)]
    assert leaks == []
    assert [MARKS.findall(body) for body in bodies] == [[]] * len(bodies)
    assert me.stored(attempt).state == "running"


def test_the_page_of_a_number_does_not_hold_it(me: Candidate, attempt: Attempt, browser: FlaskClient) -> None:
    page = browser.get(f"/attempts/{attempt.id}").get_data(as_text=True)
    blocks = dict(re.findall(r'<article class="paper-item" id="item-(\d+)"(.*?)</article>', page, re.DOTALL))
    assert [
        found for place in me.paper(attempt) for found in number_leaks(place.item, blocks[str(place.position)])
    ] == []


def test_codes_sources_and_ids_of_the_bank_stay_out_of_the_page(
    me: Candidate, attempt: Attempt, browser: FlaskClient
) -> None:
    page = browser.get(f"/attempts/{attempt.id}").get_data(as_text=True)
    told = [place.item.id for place in me.paper(attempt) if place.item.id in page]
    told += [code for place in me.paper(attempt) for code in place.item.codes if f'"{code}"' in page]
    told += [place.item.source.en for place in me.paper(attempt) if place.item.source.en in page]
    assert told == []


def test_what_is_handed_in_leads_to_the_result(me: Candidate, attempt: Attempt, browser: FlaskClient) -> None:
    reply = send(browser, attempt, to="hand-in", claims={})
    assert (reply["state"], reply["receipt"]) == ("submitted", f"/attempts/{attempt.id}/receipt")
    assert me.stored(attempt).state == "submitted"
    page = browser.get(f"/attempts/{attempt.id}")
    assert page.headers["Location"] == f"/attempts/{attempt.id}/result"
    assert me.stored(attempt).state == "released"


# saving


def test_the_page_is_told_what_is_stored_refused_and_piled(
    home: House, me: Candidate, attempt: Attempt, browser: FlaskClient
) -> None:
    item = first_of(me.paper(attempt), Kind.SINGLE).version_id
    send(browser, attempt, entry(item, 1, ["A"]))
    reply = send(browser, attempt, entry(item, 1, ["B"]), entry(item, 2, ["Z"]), entry(item, 3, ["C"]))
    assert reply["stored"] == [{"item": item, "seq": 3, "server_seq": 2}]
    assert [(one["seq"], one["why"], one["sentence"]) for one in reply["refused"]] == [
        (2, "unknown_option", "This item has no such option.")
    ]
    assert reply["piled"] == [{"item": item, "seq": 1, "why": "conflict"}]
    assert (reply["state"], reply["answered"], reply["items"]) == ("running", 1, 20)
    assert [act.details["reason"] for act in home.acts("refused")] == ["unknown_option"]


def test_an_empty_delivery_is_a_sign_of_life_and_proves_the_time(attempt: Attempt, browser: FlaskClient) -> None:
    first = send(browser, attempt)
    assert (first["state"], first["stored"], first["server_now"]) == ("running", [], NOW.isoformat())
    assert str(first["beacon"]).startswith(f"{int(NOW.timestamp() * 1000)}.")


def test_a_late_delivery_is_piled_and_the_page_led_to_the_receipt(
    home: House, me: Candidate, attempt: Attempt, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = first_of(me.paper(attempt), Kind.SINGLE).version_id
    set_clock(monkeypatch, LATE)
    reply = send(browser, attempt, entry(item, 1, ["A"]))
    assert (reply["state"], reply["piled"]) == ("submitted", [{"item": item, "seq": 1, "why": "late"}])
    assert browser.get(str(reply["receipt"])).status_code == 200


def test_the_hand_in_names_what_is_missing(me: Candidate, attempt: Attempt, browser: FlaskClient) -> None:
    item = me.paper(attempt)[0].version_id
    reply = send(browser, attempt, to="hand-in", claims={str(item): 2})
    assert (reply["state"], reply["missing"]) == ("running", [{"item": item, "seq": 2}])


@pytest.mark.parametrize("to", ["saves", "hand-in"])
@pytest.mark.parametrize(
    ("body", "status", "logged"),
    [
        (b"", 422, 0),
        (b"[]", 422, 0),
        (b"{}", 422, 0),
        (b'{"device": "a/b", "entries": 7}', 422, 0),
        (b"x" * (600 * 1024), 413, 1),
        (b"x" * (10 * 1024 * 1024), 413, 1),
    ],
    ids=["nothing", "a list", "no device", "no entries", "600 KB", "10 MB"],
)
def test_what_no_page_sends_is_refused_with_a_sentence(
    home: House, attempt: Attempt, browser: FlaskClient, to: str, *, body: bytes, status: int, logged: int
) -> None:
    answer = browser.post(
        f"/attempts/{attempt.id}/{to}", data=body, headers={**JSON, "Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.get_json()["error"][-1]) == (status, ".")
    assert len(home.acts("refused")) == logged


@pytest.mark.parametrize("number", [HUGE, 2**31, 2**63, 999_999, 0])
def test_an_attempt_that_nobody_has_is_not_found(browser: FlaskClient, number: int) -> None:
    for page in ("", "/result", "/receipt"):
        assert browser.get(f"/attempts/{number}{page}").status_code == 404, page
    for page in ("/saves", "/hand-in"):
        answer = browser.post(f"/attempts/{number}{page}", json={"device": DEVICE}, headers=JSON)
        assert (answer.status_code, answer.get_json()["error"][-1]) == (404, "."), page


def test_another_persons_test_is_not_found_on_any_address_and_the_tries_are_written_down(
    home: House, attempt: Attempt
) -> None:
    stranger = home.signed_in("far.trainee")
    for page in ("", "/result", "/receipt"):
        assert stranger.get(f"/attempts/{attempt.id}{page}").status_code == 404
    for page in ("/saves", "/hand-in"):
        answer = stranger.post(f"/attempts/{attempt.id}{page}", json={"device": DEVICE}, headers=JSON)
        assert answer.status_code == 404
    assert stranger.post(f"/attempts/{attempt.id}/receipt").status_code == 404
    assert len(home.acts("refused")) == 6


@pytest.mark.parametrize("username", ["base.admin", "head", "auditor", "visitor"])
def test_no_role_reaches_the_paper_of_a_trainee(home: House, attempt: Attempt, username: str) -> None:
    browser = home.signed_in(username)
    assert browser.get(f"/attempts/{attempt.id}").status_code in {403, 404}
    answer = browser.post(f"/attempts/{attempt.id}/saves", json={"device": DEVICE}, headers=JSON)
    assert answer.status_code in {403, 404}


def test_an_instructor_practises_against_the_clock_too(home: House) -> None:
    instructor, browser = candidate(home, "visitor"), home.signed_in("visitor")
    with home.database.read() as session:
        test = practice_tests(session)[0]
    page = browser.post(f"/exams/timed/{test.version_id}")
    attempt = instructor.start(test=test)
    assert page.headers["Location"] == f"/attempts/{attempt.id}"
    assert data_of(browser, attempt)["kind"] == "practice"
    send(browser, attempt, to="hand-in")
    assert browser.get(f"/attempts/{attempt.id}/result").status_code == 200


# signed out


def test_a_script_of_somebody_signed_out_is_told_so_before_its_token_is_looked_at(
    home: House, attempt: Attempt
) -> None:
    home.app.config["WTF_CSRF_ENABLED"] = True
    answer = home.app.test_client().post(f"/attempts/{attempt.id}/saves", json={"device": DEVICE}, headers=JSON)
    assert (answer.status_code, answer.get_json()) == (401, {"error": "signed_out"})


def test_a_save_without_the_token_of_the_page_is_refused(home: House, attempt: Attempt, browser: FlaskClient) -> None:
    home.app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post(f"/attempts/{attempt.id}/saves", json={"device": DEVICE}, headers=JSON).status_code == 400
    token = data_of(browser, attempt)["csrf"]
    answer = browser.post(
        f"/attempts/{attempt.id}/saves", json={"device": DEVICE}, headers={**JSON, "X-CSRFToken": str(token)}
    )
    assert answer.status_code == 200


def test_a_session_outlives_the_paper_it_is_on_and_another_one_does_not(home: House, attempt: Attempt) -> None:
    browser, outlived = home.signed_in("trainee"), home.signed_in("trainee")
    with browser.session_transaction() as cookie:
        cookie["kept_until"] = 2**40
    home.app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(seconds=-1)
    data_of(browser, attempt)
    assert browser.get(f"/attempts/{attempt.id}").status_code == 200
    assert outlived.get(f"/attempts/{attempt.id}").status_code == 302


def test_the_page_asks_for_a_session_up_to_the_end_of_the_grace(attempt: Attempt, browser: FlaskClient) -> None:
    browser.get(f"/attempts/{attempt.id}")
    with browser.session_transaction() as cookie:
        kept = cookie["kept_until"]
    assert attempt.deadline_at is not None
    assert kept >= (attempt.deadline_at + TRANSPORT_GRACE).timestamp()


# left on a computer


def test_what_was_left_on_a_computer_goes_to_its_own_pile_and_is_shown_to_nobody(
    home: House, me: Candidate, attempt: Attempt, browser: FlaskClient
) -> None:
    item = first_of(me.paper(attempt), Kind.SINGLE).version_id
    token = data_of(browser, attempt)["token"]
    send(browser, attempt, entry(item, 1, ["A"]))
    parcel = {
        "token": token,
        "device": "old/tab",
        "entries": [entry(item, 1, ["A"]), entry(item, 2, ["B"]), entry(item, 3, ["Z"]), entry(999_999, 1, ["A"])],
    }
    stranger = home.signed_in("far.trainee")
    answers = [stranger.post("/deliveries", json=parcel, headers=JSON) for _ in range(2)]
    assert [answer.get_json() for answer in answers] == [
        {
            "kept": [{"item": item, "seq": 1}, {"item": item, "seq": 2}],
            "refused": [{"item": item, "seq": 3}, {"item": 999_999, "seq": 1}],
        }
    ] * 2
    with home.database.read() as session:
        found = session.scalars(select(LateEvent)).one()
        assert (found.attempt_id, found.why, found.payload) == (attempt.id, "left_behind", ["B"])
        assert session.scalars(select(PaperFact.kind)).all() == ["left_behind"]
    assert me.given(attempt) == {item: ["A"]}


@pytest.mark.parametrize("token", ["", "x", "MQ.abc", "9" * 300])
def test_a_parcel_without_a_token_of_this_site_is_refused(home: House, attempt: Attempt, token: str) -> None:
    parcel = {"token": token, "device": DEVICE, "entries": []}
    answer = home.app.test_client().post("/deliveries", json=parcel, headers=JSON)
    assert answer.status_code in {404, 422}
    assert answer.get_json()["error"].endswith((".", "。"))


# the result


def test_the_review_tells_every_reason_once_the_test_is_handed_in(
    me: Candidate, attempt: Attempt, browser: FlaskClient
) -> None:
    me.answer_all(attempt, right=20)
    send(browser, attempt, to="hand-in")
    body = browser.get(f"/attempts/{attempt.id}/result").get_data(as_text=True)
    text = body.replace("&#39;", "'").replace("&#34;", '"')
    assert all(place.item.rationale.en in text for place in me.paper(attempt))
    assert "100 of 100" in text


def test_a_wild_answer_to_wild_fields_is_never_an_error_of_ours(
    me: Candidate, attempt: Attempt, browser: FlaskClient
) -> None:
    item = me.paper(attempt)[0].version_id
    for payload in ("\x00", "\ud800", ["A" * 400_000], {"A": {"B": []}}, 1e300, 10**400, [[[[[]]]]], True):
        reply = send(browser, attempt, entry(item, 1, payload))
        assert [one["why"] in {"malformed", "unknown_option"} for one in reply["refused"]] == [True]
    assert me.given(attempt) == {}

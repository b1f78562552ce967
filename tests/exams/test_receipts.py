"""Receipts over HTTP: the public page tells nothing of a person, the candidate sees the chain computed anew."""

import pytest
from flask.testing import FlaskClient

from tests.support.house import House
from tests.support.school import NOW
from tests.support.sitting_down import Candidate
from training_app.exams.day_models import Receipt
from training_app.exams.models import Attempt
from training_app.web.pace import WINDOW, Pace


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_app.clock.now", lambda: NOW)


@pytest.fixture
def browser(home: House) -> FlaskClient:
    return home.signed_in("trainee")


def handed_in(home: House, me: Candidate, attempt: Attempt) -> Receipt:
    me.answer_all(attempt, right=5)
    me.hand_in(attempt)
    with home.database.read() as session:
        return session.get_one(Receipt, attempt.id)


def test_the_public_page_of_a_receipt_tells_time_count_form_and_head_only(
    home: House, me: Candidate, attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training_app.exams.paper.receipt_views.PACE", Pace(3))
    receipt = handed_in(home, me, attempt)
    page = home.app.test_client().get(f"/receipts/{receipt.code.lower()}", headers={"Accept-Language": "en"})
    body = page.get_data(as_text=True)
    assert all(told in body for told in (receipt.form_hash, receipt.head_hash, "5 of 20", "15:00:00", "genuine"))
    person = home.person("trainee")
    kept_back = (person.name_zh, person.name_en, person.username, "suzhou", "Suzhou", "Entry test", "points")
    assert [word for word in kept_back if word in body] == []


def test_codes_are_asked_for_at_a_pace(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_app.exams.paper.receipt_views.PACE", Pace(3))
    guest = home.app.test_client()
    assert [guest.get("/receipts/0000-0000").status_code for _ in range(5)] == [404, 404, 404, 429, 429]


def test_an_address_is_heard_again_after_a_minute() -> None:
    pace = Pace(1)
    assert pace.wait_s("here", NOW) == 0
    assert pace.wait_s("here", NOW + WINDOW / 2) == 31
    assert pace.wait_s("there", NOW) == 0
    assert pace.wait_s("here", NOW + WINDOW) == 0


def test_the_candidate_sees_the_chain_computed_anew(
    home: House, me: Candidate, attempt: Attempt, browser: FlaskClient
) -> None:
    receipt = handed_in(home, me, attempt)
    assert receipt.code in browser.get(f"/attempts/{attempt.id}/receipt").get_data(as_text=True)
    body = browser.post(f"/attempts/{attempt.id}/receipt").get_data(as_text=True)
    assert "Computed anew from all 5 stored answers" in body


def test_a_tampered_answer_is_told_to_the_candidate(
    home: House, me: Candidate, attempt: Attempt, browser: FlaskClient
) -> None:
    handed_in(home, me, attempt)
    with home.database.write() as session:
        session.get_one(Attempt, attempt.id).head_hash = "0" * 64
    body = browser.post(f"/attempts/{attempt.id}/receipt").get_data(as_text=True)
    assert "do not give what this receipt says" in body


def test_the_code_of_a_receipt_is_typed_on_a_page(home: House) -> None:
    guest = home.app.test_client()
    assert guest.get("/receipts").status_code == 200
    assert guest.get("/receipts?code=AB CD").headers["Location"] == "/receipts/AB%20CD"

"""Pages of score checks and objections: what forms do, what stays when they are refused, who sees what; with axe."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from tests.support.browser import axe, sign_in, sticking_out
from tests.support.marked import Marked
from tests.support.objecting import ANSWER, TEXT, Appeals
from tests.support.site import Site
from training_app.bank.models import ItemVersion
from training_app.exams.objections.rules import Decision, Kind


@pytest.fixture
def appeals(released: Marked) -> Appeals:
    """What candidates ask after a sitting whose results are released."""
    return Appeals(released)


# the candidate


def test_the_result_leads_to_what_can_be_asked(appeals: Appeals) -> None:
    number = appeals.attempt().id
    page = appeals.browser("trainee").get(f"/exams/results/{number}").text
    assert f"/attempts/{number}/objections" in page and f"/attempts/{number}/objections?item=14" in page


def test_a_candidate_asks_sees_the_state_and_takes_it_back(appeals: Appeals) -> None:
    browser, path = appeals.browser("trainee"), f"/attempts/{appeals.attempt().id}/objections"
    answer = browser.post(path, data={"kind": "item", "item": "14", "text": TEXT})
    assert answer.status_code == 302
    page = browser.get(path).text
    assert "Item 14" in page and "Waiting for a decision" in page and TEXT in page
    taken = re.findall(r'action="(/objections/\d+/take-back)"', page)
    assert browser.post(taken[0]).status_code == 302
    assert "Taken back" in browser.get(path).text


def test_the_item_of_the_link_is_chosen_already(appeals: Appeals) -> None:
    page = appeals.browser("trainee").get(f"/attempts/{appeals.attempt().id}/objections?item=14").text
    assert 'selected value="14"' in page
    assert re.search(r'<input checked[^>]*value="item"', page)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "score", "text": ""}, "Please fill this in"),
        ({"kind": "score", "text": "short"}, "From 10 to 2000 characters"),
        ({"kind": "score", "text": "x" * 2001}, "From 10 to 2000 characters"),
        ({"kind": "anything", "text": TEXT}, "Not a valid choice"),
        ({"text": TEXT}, "Please fill this in"),
        ({"kind": "item", "text": TEXT}, "no such item"),
        ({"kind": "item", "item": "61", "text": TEXT}, "Not a valid choice"),
        ({"kind": "item", "item": "x", "text": TEXT}, "Invalid Choice"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(appeals: Appeals, fields: dict[str, str], sentence: str) -> None:
    answer = appeals.browser("trainee").post(f"/attempts/{appeals.attempt().id}/objections", data=fields)
    assert answer.status_code == 422 and sentence in answer.text
    assert fields["text"] in answer.text


def test_a_second_time_is_told_on_the_form(appeals: Appeals) -> None:
    browser, path = appeals.browser("trainee"), f"/attempts/{appeals.attempt().id}/objections"
    fields = {"kind": "score", "text": TEXT}
    assert [browser.post(path, data=fields).status_code for _ in range(2)] == [302, 422]


def test_the_candidate_reads_the_answer_and_not_who_decided(appeals: Appeals) -> None:
    appeals.decide(appeals.ask(), decision=Decision.REJECTED)
    page = appeals.browser("trainee").get(f"/attempts/{appeals.attempt().id}/objections").text
    assert ANSWER in page and "Not upheld" in page
    assert appeals.marked.exam.home.person("base.admin").name_en not in page


def test_hostile_text_is_shown_as_text(appeals: Appeals) -> None:
    hostile = '<script>alert("1")</script> \u202eevil {{ 7 * 7 }} %(name)s'
    browser = appeals.browser("trainee")
    browser.post(f"/attempts/{appeals.attempt().id}/objections", data={"kind": "score", "text": hostile})
    own = browser.get(f"/attempts/{appeals.attempt().id}/objections").text
    desk = appeals.browser("base.admin").get("/objections/1").text
    for page in (own, desk):
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page and "\u202e" not in page and "{{ 7" in page


# the desk


def test_the_list_is_searched_filtered_and_carried_away(appeals: Appeals) -> None:
    appeals.ask(Kind.SCORE)
    appeals.take_back(appeals.ask(Kind.PROCEDURE, "second.trainee"), "second.trainee")
    desk = appeals.browser("base.admin")
    pages = [desk.get(f"/objections?state={state}").text for state in ("open", "withdrawn", "upheld")]
    assert [page.count('<td data-label="Asked"') for page in pages] == [1, 1, 0]
    assert "Score check" in desk.get("/objections?q=trainee&kind=score").text
    assert desk.get("/objections?format=csv").text.count("\n") == 3
    assert desk.get("/objections?format=xlsx").data.startswith(b"PK")


def test_another_base_lists_and_opens_nothing(appeals: Appeals) -> None:
    objection = appeals.ask()
    far = appeals.browser("far.admin")
    assert "Trainee" not in far.get("/objections?format=csv").text
    assert far.get(f"/objections/{objection.id}").status_code == 404
    assert appeals.marked.exam.home.acts("refused")[-1].details["permission"] == "objections.decide"  # type: ignore[index]  # written a moment ago


def test_opening_the_evidence_is_written_down(appeals: Appeals) -> None:
    objection = appeals.ask()
    assert appeals.browser("base.admin").get(f"/objections/{objection.id}").status_code == 200
    (act,) = appeals.marked.exam.home.acts("objection.opened")
    assert (act.object_id, act.actor_id) == (str(objection.id), appeals.marked.exam.home.number("base.admin"))


def test_the_evidence_page_shows_receipt_chain_runs_and_saves(appeals: Appeals) -> None:
    page = appeals.browser("base.admin").get(f"/objections/{appeals.ask().id}").text
    for words in ("Every line follows", "passes through the head", "This site signed", "Score runs", "Every save"):
        assert words in page


def test_a_secret_item_stays_closed_to_who_may_not_read_the_bank(appeals: Appeals) -> None:
    place = appeals.marked.paper()[0]
    objection = appeals.ask(Kind.ITEM, position=1)
    with appeals.marked.exam.home.database.write() as session:
        session.execute(update(ItemVersion).where(ItemVersion.id == place.version_id).values(public=False))
    closed = appeals.browser("base.admin").get(f"/objections/{objection.id}").text
    opened = appeals.browser("head").get(f"/objections/{objection.id}").text
    assert place.item.stem.en not in closed and place.item.id not in closed and "This item is secret" in closed
    assert place.item.id in opened


def test_a_decision_with_its_answer_ends_it(appeals: Appeals) -> None:
    objection = appeals.ask()
    desk = appeals.browser("base.admin")
    fields = {"decision": "upheld", "answer": ANSWER}
    answer = desk.post(f"/objections/{objection.id}/decide", data=fields)
    assert urlsplit(answer.location).path == f"/objections/{objection.id}"
    again = appeals.browser("second.admin").post(
        f"/objections/{objection.id}/decide", data={"decision": "rejected", "answer": "Another answer of mine."}
    )
    assert again.status_code == 409 and "Another answer of mine." in again.text and ANSWER in again.text


def test_a_decision_without_answer_is_not_taken(appeals: Appeals) -> None:
    objection = appeals.ask()
    answer = appeals.browser("base.admin").post(f"/objections/{objection.id}/decide", data={"decision": "upheld"})
    assert answer.status_code == 422 and appeals.stored(objection).decision is None


def test_who_had_a_part_is_told_so_in_place_of_the_form(appeals: Appeals) -> None:
    objection = appeals.ask(Kind.SCORE)
    head = appeals.browser("head")
    page = head.get(f"/objections/{objection.id}").text
    assert "You entered or confirmed the cut score" in page and 'name="decision"' not in page
    refused = head.post(f"/objections/{objection.id}/decide", data={"decision": "upheld", "answer": ANSWER})
    assert refused.status_code == 403 and appeals.stored(objection).decision is None


def test_an_upheld_procedure_leads_to_the_void_place_and_the_resit(appeals: Appeals) -> None:
    objection = appeals.decide(appeals.ask())
    desk = appeals.browser("base.admin")
    assert "Declare this place void" in desk.get(f"/objections/{objection.id}").text
    assert desk.post(f"/objections/{objection.id}/void", data={"reason": ""}).status_code == 422
    assert desk.post(f"/objections/{objection.id}/void", data={"reason": "The computer failed."}).status_code == 302
    assert "is a resit" in desk.get(f"/objections/{objection.id}").text
    assert desk.post(f"/objections/{objection.id}/void", data={"reason": "Again."}).status_code == 409


def test_an_upheld_item_leads_programme_administrators_to_its_key(appeals: Appeals) -> None:
    objection = appeals.decide(appeals.ask(Kind.ITEM, position=3), "head")
    link = f"/sittings/{appeals.marked.id}/keys/{objection.item_version_id}"
    assert link in appeals.browser("second.head").get(f"/objections/{objection.id}").text
    assert link not in appeals.browser("base.admin").get(f"/objections/{objection.id}").text


def test_homes_lead_to_what_waits(appeals: Appeals) -> None:
    objection = appeals.ask()
    assert f"/objections/{objection.id}" in appeals.browser("base.admin").get("/").text
    assert f"/objections/{objection.id}" not in appeals.browser("far.admin").get("/").text


# in a browser


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_hold_in_both_languages_wide_and_narrow(page: Page, site: Site, language: str) -> None:
    sign_in(page, site, site.account("base_admin", base="suzhou"))
    page.goto(f"{site.url}/language/{language}?next=/objections")
    axe(page)
    page.locator("table a").last.click()
    expect(page.locator("h1")).to_be_visible()
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 844})
        axe(page)
        assert sticking_out(page) == ""


def test_a_candidate_asks_with_the_keyboard_alone(page: Page, site: Site) -> None:
    sign_in(page, site, site.account("trainee", base="shenzhen"))
    page.goto(f"{site.url}/language/en?next=/exams/results")
    page.locator("a[href*='/exams/results/']").first.click()
    page.locator("a[href$='/objections']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/objections")
    axe(page)
    page.locator("input[name=kind]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.type("Please count my points once more.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".objection-own").first).to_contain_text("Waiting for a decision")

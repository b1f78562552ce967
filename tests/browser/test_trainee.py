"""A trainee in a browser: in by keyboard, practice, the entry test with its review."""

import re

import pytest
from playwright.sync_api import Page, expect

from question_bank.items import Kind
from question_bank.scoring import key_response
from tests.support.browser import sign_in
from tests.support.papers import account, database_of, give_anything, new_paper
from tests.support.site import Site
from tests.support.sitting_down import wrong_response
from training_app.bank.services import StoredItem, current_bank
from training_app.clock import now, shanghai_day
from training_app.exams.practice.services import pool_of

ITEMS = 20


def one_of_each_kind(site: Site) -> list[StoredItem]:
    """A practice item of each kind."""
    with database_of(site) as database, database.read() as session:
        found = pool_of(current_bank(session), shanghai_day(now())).values()
        return [next(stored for stored in found if stored.item.kind is kind) for kind in Kind]


def give(page: Page, response: object) -> None:
    """Fills the fields of the item on the page."""
    if isinstance(response, str):
        page.locator("#number").fill(response)
    elif isinstance(response, dict):
        for premise, chosen in response.items():
            page.locator(f"select[name='pair.{premise}']").select_option(chosen)
    elif isinstance(response, list) and page.locator("select[name^='place.']").count():
        for place, element in enumerate(response, start=1):
            page.locator(f"select[name='place.{element}']").select_option(str(place))
    elif isinstance(response, list):
        for option in response:
            page.locator(f".option:has(input[value='{option}'])").click()


def test_a_trainee_signs_in_and_answers_by_keyboard_alone(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/sign-in")
    who = account(site, "ou.yifei")
    page.locator("input[name=username]").focus()
    page.keyboard.type(who.username)
    page.keyboard.press("Tab")
    page.keyboard.type(who.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/")
    stored = one_of_each_kind(site)[0]
    page.goto(f"{site.url}/exams/practice/A26/items/{stored.version_id}")
    page.keyboard.press("b")
    expect(page.locator(".option-input").nth(1)).to_be_checked()
    page.keyboard.press("b")
    expect(page.locator(".option-input").nth(1)).not_to_be_checked()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/answers/"))
    expect(page.locator(".feedback")).to_be_visible()


@pytest.mark.parametrize("right", [True, False], ids=["the key", "a slip"])
def test_practice_tells_right_from_wrong_for_every_kind(page: Page, site: Site, right: bool) -> None:
    sign_in(page, site, account(site, "ou.yifei"))
    outcomes = []
    for stored in one_of_each_kind(site):
        page.goto(f"{site.url}/exams/practice/A26/items/{stored.version_id}")
        give(page, key_response(stored.item) if right else wrong_response(stored.item))
        page.locator("form#answer .btn-navy").click()
        page.wait_for_url(re.compile("/answers/"))
        outcomes.append("feedback-right" in (page.locator(".feedback").get_attribute("class") or ""))
    assert outcomes == [right] * len(Kind)


@pytest.mark.parametrize("kind", list(Kind), ids=str)
def test_a_change_of_language_keeps_what_was_given_in_practice(page: Page, site: Site, kind: Kind) -> None:
    sign_in(page, site, account(site, "ou.yifei"))
    stored = next(one for one in one_of_each_kind(site) if one.item.kind is kind)
    page.goto(f"{site.url}/exams/practice/A26/items/{stored.version_id}")
    give(page, key_response(stored.item))
    before = page.evaluate(FIELDS)
    page.locator("a.tool[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate(FIELDS) == before


FIELDS = (
    "[...new FormData(document.querySelector('form#answer'))]"
    ".filter(([name]) => !['csrf_token', 'client_seq'].includes(name)).map(field => field.join('=')).sort()"
)


def test_a_trainee_sits_the_entry_test_hands_in_and_reads_the_review(page: Page, site: Site) -> None:
    new_paper(page, site, "cheng.yan")
    for place in range(1, ITEMS + 1):
        expect(page.locator(".cell[aria-current]")).to_have_text(str(place))
        give_anything(page)
        page.locator("#next").click()
    expect(page.locator("#dialog .open-items")).to_have_count(0)
    page.locator("#dialog .btn-gold").click()
    page.wait_for_url(re.compile("/result"))
    expect(page.locator("article.review")).to_have_count(ITEMS)
    page.locator(".palette a").nth(6).click()
    expect(page.locator("#item-7")).to_be_in_viewport()

"""A trainee in a browser: in by keyboard, practice, the entry test with and without a script, time up, two windows."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from question_bank.items import Kind
from question_bank.scoring import key_response
from tests.conftest import OpenPage
from tests.support.browser import PHONE, SCREEN, Watch, axe, sign_in, sticking_out
from tests.support.site import Account, Site
from tests.support.sitting_down import wrong_response
from training_app.bank.services import StoredItem, current_bank
from training_app.clock import now, shanghai_day
from training_app.db import Database
from training_app.exams.models import Attempt
from training_app.exams.practice.services import pool_of
from training_app.people.models import Person

SAVED = ".connection-saved"
ITEMS = 20


def account(site: Site, username: str) -> Account:
    return next(account for account in site.installation.accounts() if account.username == username)


def database_of(site: Site) -> Database:
    assert site.installation.database_url is not None
    return Database(site.installation.database_url)


def one_of_each_kind(site: Site) -> list[StoredItem]:
    """A practice item of each kind."""
    database = database_of(site)
    with database.read() as session:
        found = pool_of(current_bank(session), shanghai_day(now())).values()
        items = [next(stored for stored in found if stored.item.kind is kind) for kind in Kind]
    database.dispose()
    return items


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


def give_anything(page: Page) -> None:
    """Answers whatever item the page shows."""
    if page.locator(".option-input").count():
        page.locator(".option").first.click()
    elif page.locator("#number").count():
        page.locator("#number").fill("12")
    for place, select_ in enumerate(page.locator("form#answer select").all(), start=1):
        select_.select_option(index=min(place, select_.locator("option").count() - 1))


def open_test(page: Page, site: Site) -> str:
    """The address of the paper after the button that starts or goes on with the entry test."""
    page.goto(f"{site.url}/exams")
    page.locator("form[action$='/exams/entry'] button, a[href*='/attempts/'].btn-gold").first.click()
    page.wait_for_url(re.compile(r"/attempts/\d+"))
    return page.url.partition("?")[0]


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


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without a script"])
def test_a_trainee_sits_the_entry_test_hands_in_and_reads_the_review(
    open_page: OpenPage, site: Site, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, site, account(site, "cheng.yan" if javascript else "su.mu"))
    open_test(page, site)
    for place in range(1, ITEMS + 1):
        expect(page.locator(".cell[aria-current]")).to_have_text(str(place))
        give_anything(page)
        page.locator(".paper-foot-end .btn-navy").click()
    page.wait_for_url(re.compile("/hand-in"))
    expect(page.locator(".open-items")).to_have_count(0)
    page.locator(".btn-gold").click()
    page.wait_for_url(re.compile("/result"))
    expect(page.locator("article.review")).to_have_count(ITEMS)
    page.locator(".palette a").nth(6).click()
    expect(page.locator("#item-7")).to_be_in_viewport()


def test_the_paper_holds_to_accessibility_and_width_in_both_languages_light_and_dark(
    open_page: OpenPage, site: Site
) -> None:
    for dark, language in ((False, "zh"), (True, "en")):
        page = open_page(dark=dark)
        sign_in(page, site, account(site, "peng.xinyue"))
        page.goto(f"{site.url}/language/{language}")
        paper = open_test(page, site)
        for place in (1, 13, 16, 20):
            page.goto(f"{paper}?item={place}")
            axe(page)
            page.set_viewport_size(PHONE)
            assert sticking_out(page) == ""
            page.set_viewport_size(SCREEN)


def test_a_change_of_language_on_the_paper_keeps_the_answer(page: Page, site: Site) -> None:
    sign_in(page, site, account(site, "he.jiaqi"))
    open_test(page, site)
    give_anything(page)
    before = page.evaluate(FIELDS)
    page.locator("button[name=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate(FIELDS) == before
    expect(page.locator(SAVED)).to_be_visible()


def test_nothing_shows_as_saved_without_the_server_and_it_is_sent_again_by_itself(
    page: Page, site: Site, watch: Watch
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    sign_in(page, site, account(site, "he.jiaqi"))
    paper = open_test(page, site)
    page.goto(f"{paper}?item=2")
    page.context.set_offline(True)
    page.locator(".option").nth(1).click()
    expect(page.locator(".connection-offline")).to_be_visible()
    page.locator(".paper-foot-end .btn-navy").click()
    expect(page.locator(".connection-offline")).to_be_visible()
    expect(page.locator(".cell[aria-current]")).to_have_text("2")
    page.context.set_offline(False)
    expect(page.locator(SAVED)).to_be_visible()
    page.reload()
    expect(page.locator(".option-input").nth(1)).to_be_checked()


def test_two_windows_do_not_contradict_each_other(page: Page, site: Site, watch: Watch) -> None:
    watch.expect("409")
    sign_in(page, site, account(site, "he.jiaqi"))
    paper = open_test(page, site)
    page.goto(f"{paper}?item=3")
    other = page.context.new_page()
    other.goto(f"{paper}?item=3")
    page.locator(".option").nth(0).click()
    expect(page.locator(SAVED)).to_be_visible()
    other.locator(".option").nth(1).click()
    expect(other.locator("#fault")).to_contain_text("另一个窗口")
    other.reload()
    expect(other.locator(".option-input").nth(0)).to_be_checked()


def test_the_back_button_shows_what_is_saved_and_lets_it_be_changed(page: Page, site: Site) -> None:
    sign_in(page, site, account(site, "he.jiaqi"))
    paper = open_test(page, site)
    page.goto(f"{paper}?item=4")
    page.locator(".option").nth(0).click()
    page.locator(".paper-foot-end .btn-navy").click()
    page.wait_for_url(f"{paper}?item=5")
    page.go_back()
    expect(page.locator(".option-input").nth(0)).to_be_checked()
    page.locator(".option").nth(1).click()
    expect(page.locator(".connection-saving")).to_have_count(0)
    expect(page.locator(SAVED)).to_be_visible()
    page.reload()
    expect(page.locator(".option-input").nth(1)).to_be_checked()


def test_when_time_is_up_the_answer_is_sent_and_the_result_opens_by_itself(page: Page, site: Site) -> None:
    sign_in(page, site, account(site, "gu.mingyuan"))
    paper = open_test(page, site)
    end_soon(site, "gu.mingyuan")
    page.goto(f"{paper}?item=1")
    page.locator(".option").first.click()
    page.wait_for_url(re.compile("/result"), timeout=30_000)
    expect(page.locator(".verdict")).to_be_visible()


def end_soon(site: Site, username: str) -> None:
    """The running test of that person ends in six seconds."""
    database = database_of(site)
    with database.write() as session:
        person = session.scalars(select(Person.id).where(Person.username == username)).one()
        mine = (Attempt.person_id == person, Attempt.state == "running")
        session.execute(update(Attempt).where(*mine).values(deadline_at=now() + timedelta(seconds=6)))
    database.dispose()

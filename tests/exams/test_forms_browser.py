"""Several forms in a browser: a sitting planned and prepared by keyboard, its job, and how far its forms differ."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.conftest import OpenPage
from tests.support.browser import PHONE, SCREEN, axe, sign_in, sticking_out
from tests.support.site import Site

TYPED = {"title_zh": "两卷认证考试", "title_en": "Certification with two forms"}
PEOPLE = ("DEMO-0001", "DEMO-0002", "DEMO-0003")


def tab_to(page: Page, wanted: Locator) -> None:
    """The keyboard stands on it, as somebody without a pointer gets there."""
    expect(wanted).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def enter(page: Page, field: str, text: str) -> None:
    tab_to(page, page.locator(f"#{field}"))
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def go(page: Page, wanted: Locator) -> None:
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def plan(page: Page) -> None:
    for field, text in TYPED.items():
        enter(page, field, text)
    page.locator("#day").fill("2030-12-16")  # how a date is typed depends on the browser's language
    tab_to(page, page.locator("input[name=rooms]").first)
    page.keyboard.press("Space")
    enter(page, "form_count", "2")
    enter(page, "overlap", "20")
    axe(page)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/sittings/\d+$"))


def place_people(page: Page) -> None:
    go(page, page.locator("main a[href$='/people']"))
    enter(page, "text", "\n".join(PEOPLE))
    go(page, page.locator("form[action$='/people/list'] button[type=submit]"))
    go(page, page.locator("form[action$='/people/apply'] button[type=submit]"))
    go(page, page.locator("form[action$='/seats'] button[type=submit]"))


def look_at_forms(page: Page, word: str) -> None:
    """The section that puts the forms side by side, as axe sees it."""
    table = page.get_by_role("table", name=word)
    expect(table.locator("tbody tr")).to_have_count(2)
    axe(page)
    assert sticking_out(page) == ""


def test_a_sitting_with_two_forms_is_planned_and_prepared_by_keyboard(open_page: OpenPage, site: Site) -> None:
    page = open_page()
    sign_in(page, site, site.account("base_admin"))
    page.goto(f"{site.url}/language/zh?next=/sittings/new")
    plan(page)
    here = page.url
    place_people(page)
    go(page, page.locator("form[action$='/prepare'] button[type=submit]"))
    page.wait_for_url("**/jobs/*")
    axe(page)
    forms = page.locator("#job-progress .lines a")
    expect(forms).to_have_text("2", timeout=300_000)  # while the rest of the tests keeps the machine busy
    go(page, forms)
    page.wait_for_url(here)
    look_at_forms(page, "试卷")
    letters = page.get_by_role("table", name="考生名单").locator("td[data-label=试卷]").all_text_contents()
    assert set(letters) == {"A", "B"}
    page.set_viewport_size(PHONE)
    page.goto(f"{site.url}/language/en?next={here.removeprefix(site.url)}")
    look_at_forms(page, "Forms of the paper")
    page.set_viewport_size(SCREEN)

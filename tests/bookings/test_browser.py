"""The pages of rooms as people see them: both languages, a screen and a phone, with accessibility checked."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, axe, sign_in, sticking_out
from tests.support.site import Site


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_rooms_are_read_and_edited_in_both_languages(open_page, site: Site, language: str) -> None:
    page = open_page(language=language)
    sign_in(page, site, site.account("base_admin"))
    page.goto(f"{site.url}/language/{language[:2]}?next=/rooms")
    expect(page.locator("html")).to_have_attribute("lang", language)
    look_at(page)
    page.locator("tbody a").first.click()
    page.wait_for_url(re.compile(r"/rooms/\d+$"))
    look_at(page)
    room = page.url
    for form in ("/edit", "/seats", "/hours", "/closures/new", "/retire"):
        page.goto(f"{room}{form}")
        look_at(page)
    page.goto(f"{room}/seats")
    page.locator(".plan a").first.click()
    page.wait_for_url(re.compile(r"/seats/\d+$"))
    look_at(page)
    page.goto(f"{site.url}/kit")
    look_at(page)
    page.locator("tbody a").first.click()
    page.wait_for_url(re.compile(r"/kit/\d+$"))
    look_at(page)


def test_hours_are_saved_without_javascript(open_page, site: Site) -> None:
    page = open_page(javascript=False, language="en")
    sign_in(page, site, site.account("programme_admin"))
    page.goto(f"{site.url}/rooms?kind=interview&base=guangzhou")
    page.locator("tbody a").first.click()
    page.goto(f"{page.url}/hours")
    page.locator("#saturday").fill("9:00-12:00")
    page.locator("form.form button").click()
    expect(page.locator("main")).to_contain_text("09:00–12:00")


def look_at(page: Page) -> None:
    """The page holds to accessibility and to the width of both windows."""
    axe(page)
    assert sticking_out(page) == "", f"{page.url} is wider than a screen"
    wide = page.viewport_size
    page.set_viewport_size(PHONE)
    assert sticking_out(page) == "", f"{page.url} is wider than a phone"
    axe(page)
    page.set_viewport_size(wide)

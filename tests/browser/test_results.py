"""Results in a browser: the way from home to the own result, keys and cut scores by keyboard, on a desk and a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import OpenPage
from tests.support.browser import axe, sign_in, sticking_out
from tests.support.site import Site


def result_of_trainee(page: Page, site: Site) -> None:
    sign_in(page, site, site.account("trainee"))
    page.goto(f"{site.url}/exams/results")
    page.locator("a[href*='/exams/results/']").first.click()
    page.wait_for_url(re.compile(r"/exams/results/\d+$"))


@pytest.mark.parametrize("phone", [False, True])
def test_a_candidate_finds_the_own_result_and_its_report(open_page: OpenPage, site: Site, phone: bool) -> None:
    page = open_page(phone=phone)
    result_of_trainee(page, site)
    expect(page.locator(".verdict-title")).to_have_text(re.compile(r"\d+/100"))
    axe(page)
    assert sticking_out(page) == ""
    with page.expect_download() as download:
        page.locator("a[href$='/report.pdf']").click()
    assert download.value.suggested_filename.startswith("report-")


def test_the_detail_of_sections_opens_by_keyboard(page: Page, site: Site) -> None:
    result_of_trainee(page, site)
    summary = page.locator("details summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details").first).to_have_attribute("open", "")


@pytest.mark.parametrize("phone", [False, True])
def test_keys_and_results_of_a_sitting_are_readable(open_page: OpenPage, site: Site, phone: bool) -> None:
    page = open_page(phone=phone, language="en")
    sign_in(page, site, site.account("programme_admin"))
    page.goto(f"{site.url}/sittings?state=released")
    page.locator("td a[href*='/sittings/']").first.click()
    page.locator("a[href$='/results']").first.click()
    page.wait_for_url("**/results")
    axe(page)
    assert sticking_out(page) == ""
    address = page.url.removesuffix("/results")
    for path in ("/keys", "/changes"):
        page.goto(address + path)
        axe(page)
        assert sticking_out(page) == ""


def test_a_correction_is_tried_by_keyboard_and_not_made(page: Page, site: Site) -> None:
    sign_in(page, site, site.account("programme_admin"))
    page.goto(f"{site.url}/sittings?state=released")
    page.locator("td a[href*='/sittings/']").first.click()
    page.locator("a[href$='/results']").first.click()
    page.locator("a[href$='/keys']").first.click()
    page.locator(".key-head a").first.click()
    page.locator("input[name=kind][value=void]").focus()
    page.keyboard.press("Space")
    page.locator("textarea[name=reason]").fill("试一试")
    page.locator("button[value=preview]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("button[value=correct]")).to_be_visible()
    axe(page)

"""The criteria reader in a browser: tree, search, editions side by side, practice from a criterion."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import OpenPage
from tests.support.browser import PHONE, SCREEN, axe, sign_in, sticking_out
from tests.support.site import Site

ITEM = "/criteria/A26.09.19"


def test_a_trainee_finds_a_criterion_by_tree_and_search_and_goes_on_to_practise_it(page: Page, site: Site) -> None:
    sign_in(page, site, site.account("trainee"))
    page.goto(f"{site.url}{ITEM}")
    expect(page.locator("[aria-current=page]", has_text="处罚次数与累计金额")).to_be_visible()
    page.locator("input[type=search]").fill("处罚次数")
    page.locator("input[type=search]").press("Enter")
    page.locator(".found a", has_text="处罚次数与累计金额").first.click()
    expect(page.locator("h1")).to_have_text("处罚次数与累计金额")
    page.locator("a[href*='/exams/practice/A26.09.19']").click()
    page.wait_for_url(re.compile("/exams/practice/A26.09.19/items/"))


def test_the_two_regimes_and_the_two_grades_stand_side_by_side_with_dates_and_certainty(page: Page, site: Site) -> None:
    sign_in(page, site, site.account("trainee"))
    page.goto(f"{site.url}{ITEM}")
    editions = page.locator(".editions > *")
    assert editions.count() >= 3
    expect(editions.first).to_contain_text("2026-03-31")
    expect(page.locator(".editions")).to_contain_text("2026-04-01")
    expect(page.locator(".editions .certainty")).to_have_count(editions.count())
    expect(page.locator("body")).to_contain_text("不是公告原文")


def test_a_search_without_a_hit_says_what_to_try(page: Page, site: Site) -> None:
    sign_in(page, site, site.account("trainee"))
    page.goto(f"{site.url}{ITEM}?q=zzzz")
    expect(page.locator(".nothing")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_kind_of_page_of_the_reader_holds_to_accessibility_and_width(
    open_page: OpenPage, site: Site, dark: bool
) -> None:
    page = open_page(dark=dark)
    sign_in(page, site, site.account("decider"))
    for path in ("/criteria/A26", ITEM, "/criteria/A26.07", "/criteria/T.MR.01", f"{ITEM}?q=%E5%B9%B4"):
        page.goto(f"{site.url}{path}")
        axe(page)
        page.set_viewport_size(PHONE)
        assert sticking_out(page) == "", path
        page.set_viewport_size(SCREEN)


def test_the_reader_reads_without_a_script(open_page: OpenPage, site: Site) -> None:
    page = open_page(javascript=False)
    sign_in(page, site, site.account("decider"))
    page.goto(f"{site.url}{ITEM}")
    expect(page.locator(".editions")).to_be_visible()
    page.locator("a[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("body")).to_contain_text("not the official text")

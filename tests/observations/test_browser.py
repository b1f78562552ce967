"""Pages of observations as their host sees them: accessible, and no wider than a screen or a phone."""

import re

from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, SCREEN, axe, sign_in, sticking_out
from tests.support.site import Account, Site

PLANNED = "高级认证现场观摩（演示）"


def host(site: Site) -> Account:
    return next(one for one in site.installation.accounts() if one.username == "lu.wenjing")


def test_a_host_finds_venues_people_and_the_plan_on_pages_that_fit(page: Page, site: Site) -> None:
    sign_in(page, site, host(site))
    page.goto(f"{site.url}/observations")
    page.get_by_role("link", name=PLANNED).first.click()
    page.wait_for_url(re.compile("/observations/[0-9]+$"))
    here = page.url
    venue = page.locator("a[href*='/venues/']").first.get_attribute("href")
    for address in (here, f"{site.url}{venue}", f"{here}/people?q=a", f"{here}/edit", f"{here}/cancel"):
        page.goto(address)
        expect(page.locator("h1")).to_have_count(1)
        axe(page)
        assert sticking_out(page) == "", address
        page.set_viewport_size(PHONE)
        assert sticking_out(page) == "", f"{address} on a phone"
        page.set_viewport_size(SCREEN)

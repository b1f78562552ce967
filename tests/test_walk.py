"""A short walk through a site on SQLite: in by the door, the criteria, an item of practice, the other language, out."""

import re

from playwright.sync_api import Page, expect

from tests.support.browser import axe, sign_in
from tests.support.site import Site


def test_a_trainee_walks_through_the_site_on_sqlite(page: Page, sqlite_site: Site) -> None:
    sign_in(page, sqlite_site, sqlite_site.account("trainee"))
    page.goto(f"{sqlite_site.url}/criteria")
    axe(page)
    page.goto(f"{sqlite_site.url}/exams")
    page.locator("a[href*='/exams/practice/']").first.click()
    page.wait_for_url(re.compile("/exams/practice/.+/items/"))
    axe(page)
    page.locator("a[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(re.compile("/exams/practice/.+/items/"))
    page.locator("form[action$='/sign-out'] button").evaluate("button => button.form.requestSubmit(button)")
    page.wait_for_url("**/sign-in")

"""Every role's home and every page of its menu, as people see them: in both languages, on a screen and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, SCREEN, axe, sign_in, sticking_out
from tests.support.site import Site
from training_app.people.rules import Role

MENU = ".menu-wide a"


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_has_a_home_in_both_languages(page: Page, site: Site, role: Role) -> None:
    sign_in(page, site, site.account(role))
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    look_at(page, site.url)
    page.set_viewport_size(PHONE)
    axe(page)
    page.set_viewport_size(SCREEN)
    page.locator("a.tool[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    look_at(page, site.url)


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Pages that were looked at with axe already: many roles have the same ones in their menus."""
    return set()


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_every_page_of_a_roles_menu_fits_a_screen_and_a_phone(
    page: Page, site: Site, role: Role, looked_at: set[str]
) -> None:
    sign_in(page, site, site.account(role))
    for address in [link.get_attribute("href") or "" for link in page.locator(MENU).all()]:
        look_at(page, f"{site.url}{address}", with_axe=address not in looked_at)
        looked_at.add(address)


def look_at(page: Page, address: str, *, with_axe: bool = True) -> None:
    """The page answers, has one heading, holds to accessibility and to the width of both windows."""
    answer = page.goto(address)
    assert answer is not None and answer.ok, f"{address} answers {answer and answer.status}"
    expect(page.locator("h1")).to_have_count(1)
    if with_axe:
        axe(page)
    assert sticking_out(page) == "", f"{address} is wider than a screen"
    page.set_viewport_size(PHONE)
    assert sticking_out(page) == "", f"{address} is wider than a phone"
    page.set_viewport_size(SCREEN)

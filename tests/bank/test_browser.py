"""The bank in a browser: an author sends a folder, a reviewer finds and confirms an item by keys; axe and width."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.bank.test_uploads import folder
from tests.conftest import OpenPage
from tests.support.browser import PHONE, SCREEN, Watch, axe, sign_in, sticking_out
from tests.support.site import Site

SECRET = ("public: true", "public: false")


def send(page: Page, site: Site, path: Path, *changes: tuple[str, str]) -> None:
    """The verdict on the folder, as its author reads it."""
    path.write_bytes(folder(*changes))
    page.goto(f"{site.url}/bank/upload")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile("/bank/uploads/"))


def holds_to_accessibility_and_width(page: Page) -> None:
    axe(page)
    page.set_viewport_size(PHONE)
    assert sticking_out(page) == "", page.url
    page.set_viewport_size(SCREEN)


def test_an_author_sends_a_folder_and_a_reviewer_confirms_an_item_by_keys(
    open_page: OpenPage, site: Site, tmp_path: Path
) -> None:
    author = open_page()
    sign_in(author, site, site.account("author"))
    send(author, site, tmp_path / "faulty.zip", ("90000 / 10 = 9000", "90000 / 10 = 9001"))
    expect(author.locator("main")).to_contain_text("working")
    holds_to_accessibility_and_width(author)
    send(author, site, tmp_path / "ours.zip", SECRET, ("MY-", "BRW-"))
    holds_to_accessibility_and_width(author)
    author.locator("main .btn-gold").press("Enter")
    expect(author.locator("main .btn-gold")).to_have_count(0)

    reviewer = open_page()
    sign_in(reviewer, site, site.account("reviewer"))
    reviewer.goto(f"{site.url}/bank/BRW-001")
    holds_to_accessibility_and_width(reviewer)
    reviewer.locator("input[name=confirm-place]").focus()
    reviewer.keyboard.type("附件2第18项")
    reviewer.locator("input[name=confirm-looked_on]").fill("2026-11-20")
    reviewer.locator("main form .btn-gold").press("Enter")
    reviewer.wait_for_url(lambda url: not url.endswith("/BRW-001"))
    reviewer.goto(f"{site.url}/bank/BRW-001")
    expect(reviewer.locator("main")).to_contain_text("附件2第18项")


def test_a_refused_confirmation_keeps_the_place_and_takes_the_keyboard_there(
    open_page: OpenPage, site: Site, watch: Watch
) -> None:
    watch.expect("status of 422")
    page = open_page(language="en")
    sign_in(page, site, site.account("reviewer"))
    page.goto(f"{site.url}/bank?q=BN-00")
    page.locator("tbody a").first.click()
    page.locator("main form .btn-gold").click()
    expect(page.locator("input[name=confirm-place]")).to_be_focused()


def test_the_list_is_searched_while_typing(page: Page, site: Site) -> None:
    sign_in(page, site, site.account("reviewer"))
    page.goto(f"{site.url}/bank")
    before = page.locator("tbody tr").count()
    page.locator("#list-q").press_sequentially("BN-006")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert before > 1 and "q=BN-006" in page.url


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_kind_of_page_of_the_bank_holds_to_accessibility_and_width(
    open_page: OpenPage, site: Site, dark: bool
) -> None:
    page = open_page(dark=dark)
    sign_in(page, site, site.account("reviewer"))
    for path in ("/", "/bank", "/bank?q=zzzz", "/bank/review", "/bank/stock", "/bank/BN-006", "/bank/CASE-02-1"):
        page.goto(f"{site.url}{path}")
        holds_to_accessibility_and_width(page)

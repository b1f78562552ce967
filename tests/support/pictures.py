"""The pictures of the README, taken from the real pages of a fresh demonstration. `make pictures` runs this file."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.browser import running_chromium, sign_in  # noqa: E402 - the folder above comes first
from tests.support.site import Installation, Site  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


def take_all() -> None:
    """Each picture of the README is written anew."""
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder) / "var")
        installation.must_run("demo")
        with installation.serving() as site, running_chromium() as browser:
            _take(browser, site, ("shen.zhixia", "zh-CN"), [("home-zh", "/"), ("practice-list-zh", "/exams")])
            _take(browser, site, ("shen.zhixia", "en-GB"), [("reader-en", "/criteria/A26.09.19")])
            _take(browser, site, ("qin.xiaolan", "zh-CN"), [("base-zh", "/")])
            _practice(browser, site)
            _paper(browser, site)


def _page(browser: Browser, site: Site, person: tuple[str, str]) -> Page:
    username, language = person
    page = browser.new_context(locale=language, viewport=SIZE, timezone_id="Asia/Shanghai").new_page()
    account = next(account for account in site.installation.accounts() if account.username == username)
    sign_in(page, site, account)
    page.goto(f"{site.url}/language/{language[:2]}?next=/")
    return page


def _take(browser: Browser, site: Site, person: tuple[str, str], wanted: list[tuple[str, str]]) -> None:
    page = _page(browser, site, person)
    for name, path in wanted:
        page.goto(site.url + path)
        _keep(page, name)


def _keep(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png")


def _practice(browser: Browser, site: Site) -> None:
    page = _page(browser, site, ("cheng.yan", "en-GB"))
    page.goto(f"{site.url}/exams/practice/A26.05")
    while not page.locator("input[type=radio].option-input").count() or page.locator(".case-sheet").count():
        page.get_by_role("link", name="Another item").click()
    page.locator(".option").first.click()
    page.get_by_role("button", name="Check the answer").click()
    _keep(page, "practice-en")


def _paper(browser: Browser, site: Site) -> None:
    page = _page(browser, site, ("gu.mingyuan", "zh-CN"))
    page.goto(f"{site.url}/exams")
    page.locator("button.btn-gold").click()
    for _ in range(6):
        if page.locator(".option").count():
            page.locator(".option").nth(1).click()
            page.locator(".connection-saved").wait_for()
        if page.locator(".zone-case").count() and page.locator(".option").count():
            break
        page.locator(".paper-foot-end .btn-navy").click()
        page.wait_for_load_state()
    _keep(page, "paper-zh")


if __name__ == "__main__":
    take_all()

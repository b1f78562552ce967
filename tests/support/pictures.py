"""The pictures of the README, taken from the real pages of a fresh demonstration. `make pictures` runs this file."""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.browser import running_chromium, sign_in  # noqa: E402 - the folder above comes first
from tests.support.live import FAKE_DEVICES, new_occasion  # noqa: E402
from tests.support.site import Installation, Site  # noqa: E402
from training_app.observations.venues import VenueEntry  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


def take_all() -> None:
    """Each picture of the README is written anew."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "var"
        installation = Installation(data_dir, f"sqlite:///{data_dir / 'site.sqlite'}")
        installation.must_run("demo")
        with installation.serving(MEDIA="yes") as site, running_chromium(*FAKE_DEVICES) as browser:
            _take(browser, site, ("shen.zhixia", "zh-CN"), [("home-zh", "/")])
            _take(browser, site, ("shen.zhixia", "en-GB"), [("reader-en", "/criteria/A26.09.19")])
            _take(browser, site, ("tao.jingyi", "en-GB"), [("item-en", "/bank/CASE-01-1")])
            _practice(browser, site)
            _exam(browser, site)
            _results(browser, site)
            _observation(browser, site)


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


def _exam(browser: Browser, site: Site) -> None:
    """Two candidates on their papers and the console that shows them; the third has not come."""
    busy, calm = (_on_paper(browser, site, name) for name in ("gu.mingyuan", "cheng.yan"))
    _answer(calm, 3)
    _answer(busy, 60, until=".zone-case:visible")
    _keep(busy, "paper-zh")
    invigilator = _page(browser, site, ("tang.ruolin", "zh-CN"))
    invigilator.goto(site.url)
    invigilator.locator("a[href$='/console']").first.click()
    invigilator.locator(".tile, .seat-tile, [data-place]").first.wait_for()
    _keep(invigilator, "console-zh")


def _on_paper(browser: Browser, site: Site, name: str) -> Page:
    page = _page(browser, site, (name, "zh-CN"))
    page.goto(f"{site.url}/exams")
    place = page.locator("li", has=page.locator("a[href^='/door?']")).first
    seat = re.findall(r"[A-Z]-\d\d", place.inner_text())[0]
    place.locator("a[href^='/door?']").click()
    page.get_by_role("button", name="入场", exact=True).click()
    page.locator("input[name=seat]").fill(seat)
    page.get_by_role("button", name="是我本人，我坐在这里").click()
    page.get_by_role("button", name="打开我的试卷").click()
    page.locator("#connection.connection-saved").wait_for()
    return page


def _answer(page: Page, items: int, until: str = "") -> None:
    """The first option of so many items, or of all up to one that shows what `until` names."""
    for _ in range(items):
        option = page.locator(".option:visible")
        if option.count():
            option.nth(1).click()
        if until and page.locator(until).count() and option.count():
            break
        page.locator(".paper-foot-end .btn-navy:visible").click()
    page.locator("#connection.connection-saved").wait_for()


def _results(browser: Browser, site: Site) -> None:
    page = _page(browser, site, ("shen.zhixia", "en-GB"))
    page.goto(f"{site.url}/exams")
    page.locator("a[href*='/result']").first.click()
    page.wait_for_load_state()
    _keep(page, "result-en")


def _observation(browser: Browser, site: Site) -> None:
    """The studio of an occasion with three venues, and the hall."""
    names = (("苏州会场", "Suzhou hall"), ("深圳会场", "Shenzhen hall"), ("广州会场", "Guangzhou hall"))
    occasion = new_occasion(site, tuple(VenueEntry(zh, en, is_synthetic=True) for zh, en in names))
    studio = _page(browser, site, (occasion.host.username, "zh-CN"))
    studio.goto(occasion.studio)
    studio.locator("[data-act=open]").click()
    studio.locator(".monitor[data-playing=true]").nth(2).wait_for()
    studio.keyboard.press("2")
    studio.locator("[data-act=air]").click()
    hall = _page(browser, site, ("shen.zhixia", "en-GB"))
    hall.goto(f"{site.url}/observations/{occasion.id}")
    hall.locator("form[action$='/notice'] [type=submit]").click()
    hall.goto(occasion.hall)
    hall.wait_for_function("() => document.querySelector('#video').currentTime > 3")
    _keep(hall, "hall-en")
    studio.locator("#watching li").first.wait_for()
    _keep(studio, "studio-zh")


if __name__ == "__main__":
    take_all()

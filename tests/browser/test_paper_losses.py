"""What must survive on a paper: a cut network, a killed browser, a reload, a wrong clock, a shared computer."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import OpenPage
from tests.support.browser import ARGUMENTS, PATIENCE_MS, SCREEN, Watch, sign_in
from tests.support.killing import kill_browser_of
from tests.support.papers import (
    COVER,
    OFFLINE,
    SAVED,
    account,
    give_anything,
    go,
    keeps,
    kept_in,
    new_paper,
    position_of,
    version_at,
)
from tests.support.site import Site

Reopen = Callable[[], BrowserContext]
CUT = "ERR_INTERNET_DISCONNECTED"
HANDED_IN = {"submitted", "marked", "released"}


@pytest.fixture
def reopen(chromium: Browser, watch: Watch, tmp_path: Path) -> Iterator[Reopen]:
    """A function that opens a browser on the one profile of this test, after killing what ran on it."""
    profile = tmp_path / "profile"
    opened: list[BrowserContext] = []

    def open_again() -> BrowserContext:
        kill_browser_of(profile)
        context = chromium.browser_type.launch_persistent_context(
            str(profile),
            executable_path="/usr/bin/chromium",
            args=list(ARGUMENTS),
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=SCREEN,
        )
        context.set_default_timeout(PATIENCE_MS)
        watch.listen_to(context)
        opened.append(context)
        return context

    yield open_again
    opened[-1].close()


def page_without_cookies(context: BrowserContext) -> Page:
    """A page that is not signed in, though Chromium may have written cookies down before it was killed."""
    context.clear_cookies()
    return context.new_page()


def saved_count(page: Page, count: int) -> None:
    expect(page.locator(SAVED)).to_be_visible()
    expect(page.locator("[data-tally=answered] b")).to_have_text(str(count))


def test_answers_given_without_the_network_are_kept_shown_and_sent_by_themselves(
    page: Page, site: Site, watch: Watch
) -> None:
    watch.expect(CUT)
    paper = new_paper(page, site, "shen.zhixia")
    page.context.set_offline(True)
    for position in (2, 3):
        go(page, position)
        give_anything(page)
    expect(page.locator(OFFLINE)).to_contain_text("2")
    expect(page.locator(".paper-notice")).to_contain_text("第 2、3 题")
    expect(page.locator("#palette .cell-pending")).to_have_count(2)
    assert paper.answers() == {}
    page.context.set_offline(False)
    saved_count(page, 2)
    assert set(paper.answers()) == {version_at(page, 2), version_at(page, 3)}


def test_an_answer_given_in_time_counts_although_the_network_comes_back_after_the_deadline(
    page: Page, site: Site, watch: Watch
) -> None:
    watch.expect(CUT)
    paper = new_paper(page, site, "shen.zhixia")
    paper.ends_in(4)
    page.keyboard.press("f")
    page.locator(".timer.is-short").wait_for()
    page.context.set_offline(True)
    version = version_at(page, 1)
    give_anything(page)
    expect(page.locator(COVER)).to_contain_text("时间到")
    expect(page.locator(COVER)).to_contain_text("1 题保存在这台计算机上")
    page.context.set_offline(False)
    page.wait_for_url(re.compile("/result"))
    assert set(paper.answers()) == {version}
    assert paper.pile() == []


def test_what_arrives_after_the_grace_goes_to_the_late_pile_and_the_page_says_so(
    page: Page, site: Site, watch: Watch
) -> None:
    watch.expect(CUT)
    paper = new_paper(page, site, "shen.zhixia")
    page.context.set_offline(True)
    give_anything(page)
    expect(page.locator(OFFLINE)).to_contain_text("1")
    paper.ends_in(-65)
    page.context.set_offline(False)
    expect(page.locator(COVER)).to_contain_text("您已交卷")
    expect(page.locator(".paper-notice")).to_contain_text("第 1 题")
    assert [why for why, _ in paper.pile()] == ["late"]
    assert kept_in(page) == []


def test_time_up_hands_in_by_itself(page: Page, site: Site) -> None:
    paper = new_paper(page, site, "shen.zhixia", "numeric")
    position = position_of(page, "numeric")
    go(page, position)
    paper.ends_in(4)
    page.keyboard.press("f")
    page.locator(".timer.is-short").wait_for()
    page.locator(f"#item-{position} input").press_sequentially("37")
    version = version_at(page, position)
    page.wait_for_url(re.compile("/result"))
    assert paper.answers() == {version: "37"}


def test_a_hand_in_without_the_network_waits_and_goes_on_by_itself(page: Page, site: Site, watch: Watch) -> None:
    watch.expect(CUT)
    paper = new_paper(page, site, "shen.zhixia")
    page.context.set_offline(True)
    give_anything(page)
    page.locator("#hand-in").click()
    page.locator("#dialog .btn-gold").click()
    expect(page.locator(COVER)).to_contain_text("恢复连接后自动交卷")
    assert paper.state() == "running"
    page.context.set_offline(False)
    page.wait_for_url(re.compile("/result"))
    assert paper.state() in HANDED_IN
    assert len(paper.answers()) == 1


def test_a_reload_without_the_network_shows_the_sites_own_page_which_goes_on_by_itself(
    page: Page, site: Site, watch: Watch
) -> None:
    watch.expect(CUT)
    paper = new_paper(page, site, "gu.mingyuan")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    give_anything(page)
    expect(page.locator(OFFLINE)).to_contain_text("1")
    page.reload()
    expect(page.locator("h1")).to_have_text("无法连接服务器")
    expect(page.locator("[lang=en] [data-kept=one]")).to_contain_text("1 answer is kept")
    page.context.set_offline(False)
    saved_count(page, 1)
    assert len(paper.answers()) == 1


def test_a_killed_browser_comes_back_with_everything_even_with_a_number_half_typed(
    reopen: Reopen, site: Site, watch: Watch
) -> None:
    watch.expect(CUT)
    context = reopen()
    page = context.new_page()
    paper = new_paper(page, site, "gu.mingyuan", "numeric")
    position = position_of(page, "numeric")
    context.set_offline(True)
    give_anything(page)
    go(page, position)
    page.locator(f"#item-{position} input").press_sequentially("123")
    assert keeps(page, "all.some((one) => one.payload === '123')")
    page = page_without_cookies(reopen())
    sign_in(page, site, account(site, "gu.mingyuan"))
    paper.open(page)
    saved_count(page, 2)
    expect(page.locator(f"#item-{position} input")).to_have_value("123")
    assert paper.answers()[version_at(page, position)] == "123"


SLOW_DISK = """async () => {
    const loaded = performance.getEntriesByType("resource").map((one) => one.name)
    const { Store } = await import(loaded.find((name) => name.includes("/outbox/store.js")))
    const write = Store.prototype.write
    window.held = []
    Store.prototype.write = function (steps) {
        return new Promise((resolve) => window.held.push(() => write.call(this, steps).then(resolve)))
    }
    window.letGo = async (count) => { for (const go of window.held.splice(0, count)) await go() }
}"""


def test_on_a_slow_disk_the_last_stroke_and_the_last_choice_count(page: Page, site: Site) -> None:
    paper = new_paper(page, site, "gu.mingyuan", "single", "numeric")
    single, numeric = position_of(page, "single"), position_of(page, "numeric")
    version = version_at(page, numeric)
    go(page, single)
    page.keyboard.press("a")
    saved_count(page, 1)
    chosen = paper.answers()
    page.evaluate(SLOW_DISK)
    for key in ("b", "a"):
        page.keyboard.press(key)
    go(page, numeric)
    number = page.locator(f"#item-{numeric} input")
    number.press_sequentially("12")
    page.evaluate("letGo(4)")
    number.press_sequentially("3")
    page.locator("#hand-in").click()
    page.locator("#dialog .btn-gold").click()
    page.evaluate("setInterval(() => letGo(99), 50)")
    page.wait_for_url(re.compile("/result"))
    assert paper.answers() == {**chosen, version: "123"}
    assert paper.pile() == []


def test_another_persons_unsent_answers_go_to_the_late_pile_and_are_never_shown(
    reopen: Reopen, site: Site, watch: Watch
) -> None:
    watch.expect(CUT)
    context = reopen()
    page = context.new_page()
    first = new_paper(page, site, "gu.mingyuan", "numeric")
    context.set_offline(True)
    position = position_of(page, "numeric")
    go(page, position)
    page.locator(f"#item-{position} input").fill("98765")
    page.locator(f"#item-{position} input").blur()
    expect(page.locator(OFFLINE)).to_contain_text("1")
    page = page_without_cookies(reopen())
    second = new_paper(page, site, "cheng.yan")
    assert keeps(page, f"all.every((one) => one.attempt !== {first.attempt_id})")
    assert first.pile() == [("left_behind", "98765")]
    assert "left_behind" in first.facts()
    assert first.answers() == second.answers() == {}
    assert "98765" not in page.content()


AN_HOUR_AHEAD = """(() => {
    const Real = Date
    const ahead = 3600 * 1000
    window.Date = class extends Real {
        constructor(...given) { given.length ? super(...given) : super(Real.now() + ahead) }
        static now() { return Real.now() + ahead }
    }
})()"""


def test_a_computers_clock_that_is_wrong_by_an_hour_changes_nothing(open_page: OpenPage, site: Site) -> None:
    page = open_page()
    page.add_init_script(AN_HOUR_AHEAD)
    paper = new_paper(page, site, "cheng.yan")
    give_anything(page)
    saved_count(page, 1)
    expect(page.locator(".timer-value")).to_have_text(re.compile(r"^(20:00|19:\d\d)$"))
    assert paper.delays_s() == [pytest.approx(0, abs=3)]
    page.reload()
    saved_count(page, 1)
    expect(page.locator(COVER)).to_be_hidden()


def test_a_browser_that_keeps_nothing_is_told_of_and_still_saves(open_page: OpenPage, site: Site) -> None:
    page = open_page()
    page.add_init_script("indexedDB.open = () => { throw new DOMException('refused', 'SecurityError') }")
    paper = new_paper(page, site, "cheng.yan")
    expect(page.locator(".paper-notice")).to_contain_text("不允许在本机保存")
    give_anything(page)
    saved_count(page, 1)
    page.reload()
    saved_count(page, 1)
    assert len(paper.answers()) == 1

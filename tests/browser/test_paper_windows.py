"""A paper in two windows, on two computers, with another sign-in, paused: told, and nothing overwritten silently."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import OpenPage
from tests.support.browser import Watch, axe, sign_in
from tests.support.papers import COVER, OFFLINE, SAVED, Paper, account, give_anything, go, hurry, new_paper
from tests.support.site import Site

CUT = "ERR_INTERNET_DISCONNECTED"
ELSEWHERE = "#connection.connection-elsewhere"


def second_window(context: BrowserContext, paper: Paper) -> Page:
    other = context.new_page()
    other.goto(paper.url)
    return other


def computer(open_page: OpenPage, site: Site, paper: Paper, username: str) -> Page:
    """The paper's page on another computer."""
    other = open_page()
    sign_in(other, site, account(site, username))
    other.goto(paper.url)
    return other


def test_a_second_window_is_told_and_the_first_goes_on(page: Page, site: Site) -> None:
    paper = new_paper(page, site, "he.jiaqi")
    other = second_window(page.context, paper)
    expect(other.locator(COVER)).to_contain_text("另一个窗口")
    axe(other)
    give_anything(page)
    expect(page.locator("[data-tally=answered] b")).to_have_text("1")
    other.reload()
    expect(other.locator(COVER)).to_contain_text("另一个窗口")


def test_the_second_window_takes_over_with_what_the_first_had_not_sent(page: Page, site: Site, watch: Watch) -> None:
    paper = new_paper(page, site, "he.jiaqi")
    page.route("**/saves", lambda route: route.abort("internetdisconnected"))
    watch.expect(CUT)
    give_anything(page)
    expect(page.locator(OFFLINE)).to_contain_text("1")
    other = second_window(page.context, paper)
    other.locator(f"{COVER} .btn-gold").click()
    expect(other.locator("[data-tally=answered] b")).to_have_text("1")
    expect(page.locator(COVER)).to_contain_text("另一个窗口")
    assert paper.pile() == []
    assert "took_over" in paper.facts()


def test_another_computer_is_told_takes_over_by_a_button_and_the_first_is_locked(
    page: Page, open_page: OpenPage, site: Site
) -> None:
    paper = new_paper(page, site, "he.jiaqi")
    give_anything(page)
    expect(page.locator("[data-tally=answered] b")).to_have_text("1")
    other = computer(open_page, site, paper, "he.jiaqi")
    expect(other.locator(COVER)).to_contain_text("另一台计算机")
    other.locator(f"{COVER} .btn-gold").click()
    expect(other.locator(SAVED)).to_be_visible()
    expect(other.locator("#item-1 .option-input").first).to_be_checked()
    hurry(page)
    expect(page.locator(ELSEWHERE)).to_be_visible()
    expect(page.locator("#item-1")).to_be_hidden()


def test_what_the_first_computer_still_kept_is_put_aside_and_overwrites_nothing(
    page: Page, open_page: OpenPage, site: Site, watch: Watch
) -> None:
    watch.expect(CUT)
    paper = new_paper(page, site, "jiang.nan")
    page.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.locator(OFFLINE)).to_contain_text("1")
    other = computer(open_page, site, paper, "jiang.nan")
    other.locator(f"{COVER} .btn-gold").click()
    expect(other.locator(SAVED)).to_be_visible()
    other.keyboard.press("b")
    expect(other.locator("#item-1 .saved-mark:not(.is-kept)")).to_be_visible()
    stored = paper.answers()
    page.context.set_offline(False)
    expect(page.locator("[data-notice=put_aside]")).to_contain_text("第 1 题")
    assert paper.answers() == stored
    assert [why for why, _ in paper.pile()] == ["conflict"]


def test_a_moved_seat_opens_the_paper_at_the_new_computer_without_a_question(
    page: Page, open_page: OpenPage, site: Site
) -> None:
    paper = new_paper(page, site, "jiang.nan")
    give_anything(page)
    expect(page.locator("[data-tally=answered] b")).to_have_text("1")
    paper.release()
    other = computer(open_page, site, paper, "jiang.nan")
    expect(other.locator("[data-tally=answered] b")).to_have_text("1")
    go(other, 2)
    give_anything(other)
    expect(other.locator("[data-tally=answered] b")).to_have_text("2")
    hurry(page)
    expect(page.locator(ELSEWHERE)).to_be_visible()


def test_a_pause_covers_the_paper_and_gives_the_time_back(page: Page, site: Site) -> None:
    paper = new_paper(page, site, "jiang.nan")
    paper.pause()
    hurry(page)
    expect(page.locator(COVER)).to_contain_text("考试暂停")
    expect(page.locator("#item-1")).to_be_hidden()
    expect(page.locator(".timer-value")).to_have_text("已暂停")
    axe(page)
    paper.resume()
    hurry(page)
    expect(page.locator("#item-1")).to_be_visible()
    expect(page.locator(".timer-value")).to_have_text(re.compile(r"^\d\d:\d\d$"))


def test_a_page_that_was_signed_out_keeps_what_is_chosen_and_goes_on_after_the_next_sign_in(
    page: Page, site: Site, watch: Watch
) -> None:
    watch.expect("401")
    watch.expect("400")  # the page's token was of the sign-in before
    paper = new_paper(page, site, "su.mu")
    page.context.clear_cookies()
    give_anything(page)
    expect(page.locator(ELSEWHERE)).to_contain_text("退出登录")
    other = page.context.new_page()
    sign_in(other, site, account(site, "su.mu"))
    hurry(page)
    expect(page.locator("[data-tally=answered] b")).to_have_text("1")
    assert len(paper.answers()) == 1


def test_when_another_person_signs_in_the_paper_is_covered_and_its_answers_reach_the_pile(
    page: Page, site: Site, watch: Watch
) -> None:
    watch.expect("401")
    watch.expect("400")
    watch.expect("404")
    paper = new_paper(page, site, "su.mu")
    page.context.clear_cookies()
    give_anything(page)
    expect(page.locator(ELSEWHERE)).to_contain_text("退出登录")
    other = page.context.new_page()
    sign_in(other, site, account(site, "luo.haoran"))
    hurry(page)
    expect(page.locator(COVER)).to_contain_text("此答卷属于他人")
    expect(page.locator("#item-1")).to_be_hidden()
    expect(page.locator(COVER)).to_be_visible()
    assert paper.answers() == {}
    assert [why for why, _ in paper.pile()] == ["left_behind"]

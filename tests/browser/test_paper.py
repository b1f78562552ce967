"""The paper in a browser: answered by keyboard alone, in both languages without the network, on a phone, handed in."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import OpenPage
from tests.support.browser import PHONE, SCREEN, axe, sign_in, sticking_out
from tests.support.papers import (
    COVER,
    SAVED,
    account,
    give_anything,
    go,
    kept_in,
    new_paper,
    paper_with_cases,
    position_of,
    shown,
)
from tests.support.site import Site

KINDS = ("single", "multiple", "true_false", "numeric", "ordering", "matching")
FIELDS = """() => [...document.querySelectorAll(".paper-item input, .paper-item select")]
    .map((field) => field.type === "text" || field.localName === "select" ? field.value : field.checked)"""
MOST_STEPS = 120


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until that element has the focus."""
    page.keyboard.press("Tab")
    for _ in range(MOST_STEPS):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def answer_by_keyboard(page: Page) -> None:
    item = page.locator(shown(page))
    kind = item.get_attribute("data-kind")
    if item.locator(".option").count():
        page.keyboard.press("a" if kind == "single" else "1")
    elif kind == "numeric":
        tab_to(page, "input[name=number]")
        page.keyboard.type("12")
        page.keyboard.press("Tab")
    for _ in range(item.locator("select").count()):
        tab_to(page, "select")
        page.keyboard.press("ArrowDown")
    page.locator(f"{shown(page)} h2").focus()


def test_the_whole_paper_is_answered_flagged_and_handed_in_by_keyboard_alone(page: Page, site: Site) -> None:
    paper = new_paper(page, site, "liang.siyuan")
    count = page.locator(".paper-item").count()
    for position in range(1, count + 1):
        expect(page.locator(".cell[aria-current]")).to_have_text(str(position))
        answer_by_keyboard(page)
        page.keyboard.press("n")
    page.keyboard.press("f")
    expect(page.locator("[data-tally=flagged] b")).to_have_text("1")
    expect(page.locator("[data-tally=answered] b")).to_have_text(str(count))
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).to_be_visible()
    tab_to(page, "#dialog .btn-gold")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/result"))
    assert paper.state() in {"submitted", "marked", "released"}
    assert len(paper.answers()) == count


def test_every_kind_of_answer_stands_again_after_a_reload_and_in_the_other_language(page: Page, site: Site) -> None:
    paper = new_paper(page, site, "liang.siyuan", *KINDS)
    for kind in KINDS:
        go(page, position_of(page, kind))
        give_anything(page)
    expect(page.locator("[data-tally=answered] b")).to_have_text(str(len(KINDS)))
    before = page.evaluate(FIELDS)
    for _ in range(2):
        page.reload()
        expect(page.locator(SAVED)).to_be_visible()
        assert page.evaluate(FIELDS) == before
        page.locator("#other-language").click()
    assert len(paper.answers()) == len(KINDS)


def test_moving_flagging_and_the_language_need_no_network(page: Page, site: Site) -> None:
    new_paper(page, site, "liang.siyuan")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.keyboard.press("n")
    page.locator("#other-language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#item-2 h2 .in-en")).to_have_text("Item 2")
    expect(page.locator("#item-2 h2 .in-zh")).to_be_hidden()
    expect(page).to_have_title(re.compile("^Entry test"))
    assert [url for url in asked if not url.endswith("/saves")] == []
    page.context.set_offline(False)


def test_the_browser_keeps_numbers_and_choices_but_no_words_and_nothing_after_the_hand_in(
    page: Page, site: Site
) -> None:
    new_paper(page, site, "liang.siyuan")
    give_anything(page)
    expect(page.locator("[data-tally=answered] b")).to_have_text("1")
    kept = kept_in(page)
    assert {key for entry in kept for key in entry} <= {
        *("attempt", "item", "seq", "at", "beacon", "payload", "open", "stored"),
    }
    assert [len(entry["payload"][0]) for entry in kept] == [1]  # type: ignore[index]
    page.locator("#hand-in").click()
    page.locator("#dialog .btn-gold").click()
    page.wait_for_url(re.compile("/result"))
    assert kept_in(page) == []


def test_the_hand_in_names_what_is_open_and_leads_there(page: Page, site: Site) -> None:
    new_paper(page, site, "liang.siyuan")
    give_anything(page)
    page.locator("#hand-in").click()
    open_cells = page.locator("#dialog .open-items .cell")
    expect(open_cells).to_have_count(page.locator(".paper-item").count() - 1)
    open_cells.filter(has_text=re.compile("^7$")).click()
    expect(page.locator("#item-7")).to_be_visible()
    expect(page.locator("#dialog")).to_be_hidden()


def test_the_clock_can_be_hidden_and_says_when_a_minute_is_left(page: Page, site: Site) -> None:
    paper = new_paper(page, site, "liang.siyuan")
    page.locator(".timer-eye").click()
    expect(page.locator(".timer-value")).to_be_hidden()
    paper.ends_in(62)
    page.locator("#flag").click()  # the next answer of the server brings the new end
    expect(page.locator("#spoken")).to_have_text("还剩 1 分钟")


def test_an_option_is_chosen_and_taken_back_by_its_letter(page: Page, site: Site) -> None:
    new_paper(page, site, "liang.siyuan")
    page.keyboard.press("b")
    expect(page.locator("#item-1 .option-input").nth(1)).to_be_checked()
    page.keyboard.press("2")
    expect(page.locator("#item-1 .option-input").nth(1)).not_to_be_checked()
    expect(page.locator("[data-tally=answered] b")).to_have_text("0")


@pytest.mark.parametrize(("dark", "language"), [(False, "zh"), (True, "en")], ids=["light zh", "dark en"])
def test_the_paper_holds_to_accessibility_and_width(open_page: OpenPage, site: Site, dark: bool, language: str) -> None:
    page = open_page(dark=dark)
    paper = paper_with_cases(site, "peng.xinyue")
    sign_in(page, site, account(site, "peng.xinyue"))
    page.goto(f"{site.url}/language/{language}?next=/attempts/{paper.attempt_id}")
    expect(page.locator(SAVED)).to_be_visible()
    for kind in KINDS:
        position = position_of(page, kind)
        go(page, position)
        give_anything(page)
        axe(page, f"#item-{position}")
        page.set_viewport_size(PHONE)
        assert sticking_out(page) == "", kind
        page.set_viewport_size(SCREEN)
    axe(page)
    page.locator("#hand-in").click()
    axe(page)


def test_on_a_phone_case_item_and_palette_are_one_touch_apart(open_page: OpenPage, site: Site) -> None:
    page = open_page(phone=True)
    paper = paper_with_cases(site, "ou.yifei")
    sign_in(page, site, account(site, "ou.yifei"))
    paper.open(page)
    page.locator("#to-palette").click()
    page.locator(f"#palette .cell[data-position='{position_of_case(page)}']").click()
    page.locator("label[for=pane-case]").click()
    expect(page.locator(".paper-case").locator("visible=true")).to_have_count(1)
    axe(page)
    assert sticking_out(page) == ""
    page.locator("label[for=pane-item]").click()
    page.locator(f"{shown(page)} .option, {shown(page)} .answer-number, {shown(page)} .answer-row").first.tap()
    expect(page.locator(COVER)).to_be_hidden()


def position_of_case(page: Page) -> int:
    """The place of the first item that belongs to a case."""
    return int(page.locator(".paper-item[data-case]").first.get_attribute("data-position") or 0)

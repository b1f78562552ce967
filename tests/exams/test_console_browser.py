"""The console in a browser: two invigilators at once, renewals that disturb nobody, the keyboard, axe."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select, update

from tests.conftest import OpenPage
from tests.support.browser import Watch, axe, sign_in, sticking_out
from tests.support.databases import SqliteDatabases
from tests.support.demonstration import demonstration
from tests.support.exam_room import ExamRoom, fill_room, in_every_state
from tests.support.site import Account, Site
from training_app.db import Database
from training_app.exams.day_models import Presence
from training_app.people.models import Person
from training_app.signing import Keys

WATCHERS = ("tang.ruolin", "xu.botao")


@pytest.fixture(scope="module")
def hall(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, ExamRoom]]:
    """A running site with a sitting of 36 seats in the middle, in every state, and two invigilators on duty."""
    with demonstration(sqlite_databases, tmp_path_factory.mktemp("hall") / "var") as installation:
        room = _fill(str(installation.database_url), installation.data_dir)
        with installation.serving() as site:
            yield site, room


def _fill(url: str, data_dir: Path) -> ExamRoom:
    database = Database(url, keys=Keys(data_dir / "keys"))
    app = Flask("hall")
    Babel(app)
    with app.test_request_context(), database.write() as session:
        admin = session.scalars(select(Person).where(Person.username == "qin.xiaolan")).unique().one()
        room = fill_room(session, admin, datetime.now(UTC), *WATCHERS, states=in_every_state)
        # nobody at work falls silent while the tests run, but the one whose connection is lost
        alive = [number for seat, number in room.attempts.items() if seat != "B-04"]
        later = room.now + timedelta(hours=1)
        session.execute(update(Presence).where(Presence.attempt_id.in_(alive)).values(seen_at=later))
    database.dispose()
    return room


def open_console(page: Page, hall: tuple[Site, ExamRoom], who: int = 0, more: str = "", language: str = "en") -> Page:
    """The console as one of the two invigilators sees it."""
    site, room = hall
    account = next(one for one in site.installation.accounts() if one.username == WATCHERS[who])
    sign_in(page, site, Account(account.username, account.password, account.roles, account.base))
    page.goto(f"{site.url}/language/{language}?next=/sittings/{room.sitting}/console")
    page.goto(f"{site.url}/sittings/{room.sitting}/console{more}")
    return page


def renewed(page: Page) -> None:
    """The board has just renewed itself."""
    with page.expect_response(re.compile(r"/console/board")):
        pass
    page.wait_for_function("() => !document.querySelector('.htmx-swapping, .htmx-settling')")


def test_two_invigilators_at_once(open_page: OpenPage, hall: tuple[Site, ExamRoom], watch: Watch) -> None:
    watch.expect("409")
    first, second = (open_console(open_page(), hall, who) for who in (0, 1))
    for page in (first, second):
        page.locator(".tile", has_text="A-01").click()
        page.get_by_role("link", name="Pause…").click()
        page.get_by_label("Reason").fill("power cut")
    first.locator("#side").get_by_role("button", name="Pause").click()
    expect(first.locator("#side")).to_contain_text("The clock of this paper stands still.")
    expect(first.locator(".tile-trouble", has_text="A-01")).to_contain_text("Paused for")
    second.locator("#side").get_by_role("button", name="Pause").click()
    expect(second.locator("#side")).to_contain_text("Somebody was faster: Tang Ruolin")
    second.get_by_role("link", name="Let go on…").click()
    second.get_by_label("Reason").fill("power is back")
    second.get_by_role("button", name="Let go on").click()
    expect(second.locator("#side")).to_contain_text("The paper goes on")


def test_time_is_proposed_and_a_second_person_sees_and_approves_it(
    open_page: OpenPage, hall: tuple[Site, ExamRoom]
) -> None:
    first, second = (open_console(open_page(), hall, who) for who in (0, 1))
    first.locator(".tile", has_text="A-03").click()
    first.get_by_role("link", name="Add time…").click()
    first.get_by_label("Minutes").fill("7")
    first.get_by_label("Reason").fill("late computer")
    first.get_by_role("button", name="Add time").click()
    expect(first.locator("#side")).to_contain_text("A second person approves it.")
    approve = second.get_by_role("button", name="Approve")
    expect(approve).to_be_visible()
    approve.click()
    expect(second.locator("#side")).to_contain_text("Time added: 1 people.")
    expect(first.locator("#seat-now")).to_contain_text("7 min added to the end")


def test_a_renewal_keeps_focus_scroll_and_what_is_being_typed(page: Page, hall: tuple[Site, ExamRoom]) -> None:
    open_console(page, hall)
    board = page.locator("#board-box")
    tile = page.locator(".tile", has_text="C-04")
    tile.focus()
    top = board.evaluate("box => box.scrollTop")
    assert top > 0
    renewed(page)
    expect(page.locator(".tile", has_text="C-04")).to_be_focused()
    assert board.evaluate("box => box.scrollTop") == top
    page.locator(".tile", has_text="A-04").click()
    expect(page.locator("#side h2")).to_contain_text("A-04")
    page.get_by_role("link", name="Note an incident").click()
    text = page.get_by_label("What happened")
    text.fill("half a sen")
    renewed(page)
    expect(text).to_be_focused()
    text.press_sequentially("tence")
    expect(text).to_have_value("half a sentence")
    expect(page.locator(".tile", has_text="A-04")).to_have_attribute("aria-current", "true")


def test_a_renewal_that_was_asked_for_another_seat_changes_nothing_beside_the_board(
    page: Page, hall: tuple[Site, ExamRoom]
) -> None:
    open_console(page, hall)
    page.locator(".tile", has_text="A-04").click()
    expect(page.locator("#side h2")).to_contain_text("A-04")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/console/board.*live=1"), hold, times=1)
    with page.expect_request(re.compile(r"/console/board.*live=1")):
        pass
    page.locator(".tile", has_text="A-05").click()
    expect(page.locator("#side h2")).to_contain_text("A-05")
    ticket = page.locator("#seat-now .code").last.inner_text()
    with page.expect_event("requestfinished", lambda request: "/console/board" in request.url):
        held[0].continue_()
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    assert page.locator("#seat-now .code").last.inner_text() == ticket


def test_the_console_is_walked_by_keyboard_alone(page: Page, hall: tuple[Site, ExamRoom]) -> None:
    open_console(page, hall)
    first = page.locator(".tile").first
    while not first.evaluate("tile => tile === document.activeElement"):
        page.keyboard.press("Tab")
    seat = first.locator("b").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#side h2")).to_be_focused()
    expect(page.locator("#side h2")).to_contain_text(seat)
    while page.evaluate("() => document.activeElement.id") != "act-incident":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("What happened")).to_be_focused()
    page.keyboard.type("went to the seat")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#side")).to_contain_text("The incident is noted.")
    expect(page.locator("#side")).to_contain_text("went to the seat")
    page.keyboard.press("Escape")
    expect(page.locator("#sitting-head")).to_be_visible()


def test_a_form_that_lacks_something_says_so_beside_the_board(
    page: Page, hall: tuple[Site, ExamRoom], watch: Watch
) -> None:
    watch.expect("422")
    open_console(page, hall)
    page.locator(".tile", has_text="A-07").click()
    page.get_by_role("link", name="Hand in for this person…").click()
    page.get_by_role("button", name="Hand in for this person").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    expect(page.locator("#side")).to_contain_text("Please fill this in.")
    expect(page.locator(".tile", has_text="A-07")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "dark", "phone"),
    # each of the three with each of the others
    [("zh", False, False), ("zh", True, True), ("en", False, True), ("en", True, False)],
)
def test_every_part_of_the_console_holds_for_everybody(
    open_page: OpenPage, hall: tuple[Site, ExamRoom], language: str, dark: bool, phone: bool
) -> None:
    page = open_page(phone=phone, dark=dark)
    places = hall[1].places
    parts = [
        "",
        "?view=plan",
        f"?seat={places['B-04']}",
        f"/places/{places['B-04']}/document",
        "/lost",
        "/end",
        "/late",
    ]
    open_console(page, hall, language=language)
    for part in parts:
        page.goto(f"{hall[0].url}/sittings/{hall[1].sitting}/console{part}")
        axe(page)
        assert sticking_out(page) == "", part


def test_on_a_phone_a_seat_takes_the_place_of_the_board(open_page: OpenPage, hall: tuple[Site, ExamRoom]) -> None:
    page = open_console(open_page(phone=True), hall)
    page.locator(".tile", has_text="C-01").tap()
    expect(page.locator("#side h2")).to_contain_text("C-01")
    expect(page.locator("#board-box")).to_be_hidden()
    page.get_by_role("link", name="Close").tap()
    expect(page.locator("#board-box")).to_be_visible()


def test_without_a_script_the_console_can_be_used(open_page: OpenPage, hall: tuple[Site, ExamRoom]) -> None:
    page = open_console(open_page(javascript=False), hall)
    page.locator(".tile", has_text="D-02").click()
    expect(page.locator("#side h2")).to_contain_text("D-02")
    page.get_by_role("link", name="Note an incident").click()
    page.get_by_label("What happened").fill("asked for paper")
    page.locator("#side").get_by_role("button", name="Note an incident").click()
    expect(page.locator("#side")).to_contain_text("The incident is noted.")

"""A whole sitting in a browser, from the door to the page of results; a paper over plain HTTP and HTTPS by name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from tests.conftest import OpenPage
from tests.support.browser import Watch, sign_in
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.demonstration import demonstration
from tests.support.named import NamedSite, secure_site, trusting
from tests.support.papers import (
    COVER,
    SAVED,
    Paper,
    account,
    database_of,
    give_anything,
    go,
    hurry,
    kept_in,
    new_paper,
    position_of,
    shown,
)
from tests.support.site import Site
from training_app.clock import now
from training_app.exams.day_models import Presence
from training_app.exams.models import Attempt
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person

WHO = "cheng.yan"
ROOM = {"zh": "自助机位室（演示）", "en": "Walk-in room (demonstration)"}
KINDS = ("single", "multiple", "numeric")


@pytest.fixture(scope="module")
def house(postgres_databases: PostgresDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own: its sitting is ended."""
    data_dir = tmp_path_factory.mktemp("house") / "var"
    with demonstration(postgres_databases, data_dir) as installation, installation.serving() as running:
        yield running


@dataclass(frozen=True, slots=True)
class Place:
    """The candidate's place in the sitting that is open at the base."""

    site: Site
    sitting: int
    ticket: str

    @property
    def seat(self) -> str:
        """Where the candidate sits now."""
        with database_of(self.site) as database, database.read() as session:
            row = session.scalars(select(RosterPlace).where(RosterPlace.ticket_number == self.ticket)).one()
            assert row.seat is not None
            return row.seat.label

    def let_latest_start_pass(self) -> None:
        """Nobody may begin any more; the sitting of the demonstration is open for a day."""
        with database_of(self.site) as database, database.write() as session:
            session.execute(update(Sitting).where(Sitting.id == self.sitting).values(latest_start_at=now()))

    def come_in(self, page: Page) -> None:
        """Through the door with the ticket."""
        candidate = account(self.site, WHO)
        page.goto(f"{self.site.url}/door")
        page.locator("input[name=ticket]").fill(self.ticket)
        page.locator("input[name=username]").fill(candidate.username)
        page.locator("input[name=password]").fill(candidate.password)
        page.locator(".door-sheet .btn-gold, .door-sheet [type=submit]").last.click()

    def sit_down(self, page: Page) -> None:
        """Confirms name and seat."""
        page.locator("input[name=seat]").fill(self.seat)
        page.get_by_role("button", name="是我本人，我坐在这里").click()


def place_of(site: Site) -> Place:
    wanted = (
        select(RosterPlace.sitting_id, RosterPlace.ticket_number)
        .join(Person, Person.id == RosterPlace.person_id)
        .join(Sitting, Sitting.id == RosterPlace.sitting_id)
        .where(Person.username == WHO, Sitting.state == "open")
    )
    with database_of(site) as database, database.read() as session:
        row = session.execute(wanted).one()
        return Place(site, row.sitting_id, row.ticket_number)


def deadline_of(paper: Paper) -> datetime:
    with database_of(paper.site) as database, database.read() as session:
        found = session.get_one(Attempt, paper.attempt_id).deadline_at
        assert found is not None
        return found


def console_of(open_page: OpenPage, place: Place) -> Page:
    """The console on the computer of the invigilator on duty."""
    page = open_page(language="en-GB")
    sign_in(page, place.site, account(place.site, "tang.ruolin"))
    page.goto(f"{place.site.url}/language/en?next=/sittings/{place.sitting}/console")
    expect(page.locator("#board")).to_be_visible()
    return page


def act(console: Page, name: str, **fields: str) -> None:
    """An act of the console: opened by its link, its fields filled, done and told to be done."""
    side = console.locator("#side")
    side.locator(f"#act-{name}").click()
    for field, value in fields.items():
        side.locator(f"textarea[name={field}]").fill(value)
    side.locator("form [type=submit]").click()
    expect(side.locator(".message")).to_be_visible()


def the_seat(console: Page, seat: str) -> None:
    console.locator(".tile", has_text=seat).first.click()
    expect(console.locator("#side h2")).to_contain_text(seat)


def begin(page: Page, place: Place) -> Paper:
    place.come_in(page)
    page.wait_for_url(re.compile(r"/places/\d+$"))
    place.sit_down(page)
    page.get_by_role("button", name="打开我的试卷").click()
    page.wait_for_url(re.compile(r"/attempts/\d+$"))
    expect(page.locator(SAVED)).to_be_visible()
    return Paper(place.site, int(page.url.rsplit("/", 1)[-1]))


def answer_some(page: Page) -> int:
    """So many items have an answer: one of each of some kinds, and one of a case."""
    case = int(page.locator(".paper-item[data-case]").last.get_attribute("data-position") or 0)
    positions = {case, *(position_of(page, kind) for kind in KINDS)}
    for position in positions:
        go(page, position)
        give_anything(page)
    go(page, case)
    expect(page.locator(".paper-case:visible")).to_have_count(1)
    expect(page.locator("[data-tally=answered] b")).to_have_text(str(len(positions)))
    return len(positions)


def read_the_room(page: Page) -> None:
    name = page.locator(".paper-name p")
    expect(name.get_by_text(ROOM["zh"])).to_be_visible()
    page.locator("#other-language").click()
    expect(name.get_by_text(ROOM["en"])).to_be_visible()
    expect(name.get_by_text(ROOM["zh"])).to_be_hidden()
    page.locator("#other-language").click()


def leave_the_window(page: Page) -> None:
    left = page.evaluate("() => { dispatchEvent(new Event('blur')); return performance.now() }")
    page.wait_for_function("left => performance.now() - left > 1100", arg=left)
    with page.expect_response("**/saves"):
        page.evaluate("() => dispatchEvent(new Event('focus'))")


def be_told(page: Page, console: Page) -> None:
    act(console, "notice", text="The air conditioning is repaired at once.")
    expect(page.locator(".paper-notice")).to_contain_text("air conditioning")


def stand_still(page: Page, console: Page, paper: Paper) -> None:
    before = deadline_of(paper)
    act(console, "pause", reason="power cut")
    hurry(page)
    expect(page.locator(COVER)).to_contain_text("考试暂停")
    expect(page.locator(".paper-zones")).to_be_hidden()
    act(console, "resume", reason="power is back")
    hurry(page)
    expect(page.locator(COVER)).to_be_hidden()
    expect(page.locator(shown(page))).to_be_visible()
    assert deadline_of(paper) > before


def move_away(page: Page, console: Page, place: Place, other: Page) -> None:
    """The seat is moved: `other` is the new computer, which goes on, and `page` the one that is told."""
    side, answered, before = console.locator("#side"), page.locator("[data-tally=answered] b").inner_text(), place.seat
    side.locator("#act-move").click()
    side.locator("select[name=seat]").select_option(index=1)
    side.locator("textarea[name=reason]").fill("the screen flickers")
    side.locator("form [type=submit]").click()
    expect(side.locator("h2")).not_to_contain_text(before)
    place.come_in(other)
    other.wait_for_url(re.compile(r"/attempts/\d+$"))
    expect(other.locator("[data-tally=answered] b")).to_have_text(answered)
    expect(other.locator(".paper-person")).to_contain_text(place.seat)
    hurry(page)
    expect(page.locator(COVER)).to_contain_text("另一台计算机")


def end(console: Page, place: Place) -> None:
    place.let_latest_start_pass()
    console.goto(f"{place.site.url}/sittings/{place.sitting}/console")
    act(console, "end", reason="everybody has finished")
    expect(console.locator("#side .message")).to_contain_text("The sitting is closed. Sat: 1, absent: 2.")


def hand_in(page: Page) -> str:
    """The code of the receipt."""
    page.locator("#hand-in").click()
    page.locator("#dialog .btn-gold").click()
    page.wait_for_url(re.compile(r"/receipt$"))
    return page.locator("dd").first.inner_text()


def read_as_anybody(page: Page, site: Site, code: str) -> None:
    page.goto(f"{site.url}/receipts/{code}")
    expect(page.locator("main")).to_contain_text(code)
    for personal in ("程", "Cheng", WHO, "苏州"):
        expect(page.locator("main")).not_to_contain_text(personal)


def test_a_sitting_goes_from_the_door_to_its_results(open_page: OpenPage, house: Site) -> None:
    place, page, other = place_of(house), open_page(), open_page()
    paper = begin(page, place)
    console = console_of(open_page, place)
    read_the_room(page)
    answered = answer_some(page)
    be_told(page, console)
    leave_the_window(page)
    the_seat(console, place.seat)
    stand_still(page, console, paper)
    move_away(page, console, place, other)
    code = hand_in(other)
    assert kept_in(other) == []
    assert len(paper.answers()) == answered and paper.pile() == []
    assert "left_window" in paper.facts()
    read_as_anybody(open_page(), house, code)
    end(console, place)
    desk = open_page()
    sign_in(desk, house, account(house, "bai.yuchen"))
    desk.goto(f"{house.url}/sittings/{place.sitting}/results")
    expect(desk.locator("main")).to_contain_text(place.ticket)


# by a name that is not localhost


def is_kept_reloaded_and_handed_in(page: Page, paper: Paper) -> None:
    page.keyboard.press("a")
    expect(page.locator("[data-tally=answered] b")).to_have_text("1")
    page.reload()
    expect(page.locator(SAVED)).to_be_visible()
    expect(page.locator("[data-tally=answered] b")).to_have_text("1")
    page.locator("#hand-in").click()
    page.locator("#dialog .btn-gold").click()
    page.wait_for_url(re.compile("/result"))
    assert len(paper.answers()) == 1 and kept_in(page) == []


def told_secure(paper: Paper) -> bool | None:
    """What the page of the paper told of its address."""
    with database_of(paper.site) as database, database.read() as session:
        return session.get_one(Presence, paper.attempt_id).secure


def test_over_plain_http_by_name_the_paper_loses_nothing(page: Page, sqlite_site: Site, watch: Watch) -> None:
    watch.expect("Cross-Origin-Opener-Policy")  # a browser takes it from secure origins alone, and says so
    named = NamedSite(sqlite_site.installation, sqlite_site.port, sqlite_site.server)
    paper = new_paper(page, named, "liang.siyuan")
    assert page.evaluate("[isSecureContext, 'serviceWorker' in navigator, !!crypto.subtle]") == [False, False, False]
    assert told_secure(paper) is False
    is_kept_reloaded_and_handed_in(page, paper)


def test_over_https_by_name_the_paper_is_found_again_without_the_network(
    chromium: Browser, watch: Watch, sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    with secure_site(sqlite_databases, tmp_path) as site, trusting(chromium, site, watch) as page:
        paper = new_paper(page, site, "liang.siyuan")
        page.wait_for_function("() => isSecureContext && navigator.serviceWorker.controller !== null")
        page.context.set_offline(True)
        page.reload()
        expect(page.locator("[data-paper-shell]")).to_be_visible()
        page.context.set_offline(False)
        expect(page.locator(SAVED)).to_be_visible()
        assert told_secure(paper) is True
        is_kept_reloaded_and_handed_in(page, paper)

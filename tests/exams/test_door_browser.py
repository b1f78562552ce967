"""The door in Chromium: from ticket to first page by keyboard, the waiting room that goes on by itself, a cut line."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.conftest import OpenPage
from tests.support.browser import Watch, axe, sticking_out
from tests.support.site import Account, Site
from training_app import clock
from training_app.db import Database
from training_app.exams.day.codes import make_entry_code
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.setup.demonstration import administrator
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person
from training_app.people.signed import holder_of
from training_app.signing import key_for


def own(session: Session, username: str) -> RosterPlace:
    """The place in the sitting that is open at the base of that trainee."""
    walk_in = select(Sitting.id).where(Sitting.state.in_(("open", "running")))
    found = select(RosterPlace).join(Person, Person.id == RosterPlace.person_id)
    return session.scalars(found.where(Person.username == username, RosterPlace.sitting_id.in_(walk_in))).one()


class Candidate:
    """A trainee of the demonstration and the place in the sitting that is open."""

    def __init__(self, site: Site, username: str) -> None:
        self.site = site
        self.account: Account = next(one for one in site.installation.accounts() if one.username == username)
        url = site.installation.database_url or f"sqlite:///{site.installation.data_dir / 'site.sqlite'}"
        self.database = Database(url)
        with self.database.read() as session:
            place = own(session, username)
            self.place, self.ticket, self.sitting = place.id, place.ticket_number, place.sitting_id
            assert place.seat is not None
            self.seat = place.seat.label

    def move_start(self, at: datetime | None) -> None:
        """The common start of the sitting is announced for then."""
        with self.database.write() as session:
            session.execute(update(Sitting).where(Sitting.id == self.sitting).values(start_at=at))

    def starts(self) -> int:
        """How often the attempt was started."""
        with self.database.read() as session:
            attempt = session.get_one(RosterPlace, self.place).attempt_id
            mine = (AttemptEvent.attempt_id == attempt, AttemptEvent.to_state == "running")
            return session.scalar(select(func.count()).where(*mine)) or 0

    def enter(self, page: Page) -> None:
        """The page of the waiting room, reached by keyboard alone."""
        self.knock(page)
        page.locator("input[name=seat]").focus()
        page.keyboard.type(self.seat.replace("-0", "").lower())
        page.keyboard.press("Enter")
        expect(page.locator("#waiting-title")).to_be_visible()
        page.wait_for_load_state()

    def knock(self, page: Page) -> None:
        """The page to which the door leads."""
        page.goto(f"{self.site.url}/door")
        page.locator("input[name=ticket]").focus()
        page.keyboard.type(self.ticket.lower())
        page.keyboard.press("Tab")
        page.keyboard.type(self.account.username)
        page.keyboard.press("Tab")
        page.keyboard.type(self.account.password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/places/{self.place}")


@pytest.mark.parametrize(("language", "phone"), [("zh-CN", False), ("en-GB", True)])
def test_from_the_door_to_the_first_page_by_keyboard(
    sqlite_site: Site, open_page: OpenPage, language: str, phone: bool
) -> None:
    person = Candidate(sqlite_site, {"zh-CN": "ou.yifei", "en-GB": "su.mu"}[language])
    page = open_page(language=language, phone=phone)
    page.goto(f"{sqlite_site.url}/door")
    axe(page)
    assert sticking_out(page) == ""
    person.enter(page)
    axe(page)
    assert sticking_out(page) == ""
    page.keyboard.press("b")
    expect(page.locator("#trial-saved")).to_be_visible()
    page.locator("#start button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/attempts/*")
    expect(page.locator("#paper-data")).to_be_attached()
    assert person.starts() == 1


def test_the_seat_page_and_its_fault_are_accessible(sqlite_site: Site, page: Page, watch: Watch) -> None:
    watch.expect("422")
    person = Candidate(sqlite_site, "cheng.yan")
    page.goto(f"{sqlite_site.url}/door")
    page.locator("input[name=ticket]").fill(person.ticket)
    page.locator("input[name=username]").fill(person.account.username)
    page.locator("input[name=password]").fill(person.account.password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"**/places/{person.place}")
    axe(page)
    page.locator("input[name=seat]").fill("Z-99")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=seat]")).to_be_focused()
    axe(page)
    assert sticking_out(page) == ""


def test_two_waiting_pages_go_on_by_themselves_and_start_once(sqlite_site: Site, open_page: OpenPage) -> None:
    person = Candidate(sqlite_site, "peng.xinyue")
    person.move_start(clock.now() + timedelta(seconds=25))
    first, second = open_page(), open_page()
    person.enter(first)
    person.knock(second)
    for page in (first, second):
        expect(page.locator("#count")).to_contain_text("00:")
        expect(page.locator("#start")).to_be_hidden()
    for page in (first, second):
        page.wait_for_url("**/attempts/*", timeout=60_000)
    person.move_start(None)
    assert person.starts() == 1
    with person.database.read() as session:
        place = session.get_one(RosterPlace, person.place)
        assert session.get_one(Attempt, place.attempt_id).state == "running"


def test_a_waiting_page_without_network_says_so_and_comes_back(sqlite_site: Site, page: Page, watch: Watch) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    person = Candidate(sqlite_site, "gu.mingyuan")
    person.enter(page)
    page.context.set_offline(True)
    expect(page.locator("[data-line=offline]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-line=saved]")).to_be_visible()


def test_an_entry_code_opens_one_place_and_leads_back_to_it(sqlite_site: Site, page: Page, watch: Watch) -> None:
    watch.expect("403")
    person = Candidate(sqlite_site, "he.jiaqi")
    code = handed_out(person)
    page.goto(f"{sqlite_site.url}/door/code")
    axe(page)
    page.locator("input[name=ticket]").fill(person.ticket)
    page.locator("input[name=code]").fill(code.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/places/{person.place}")
    page.goto(f"{sqlite_site.url}/me")
    axe(page)
    page.locator(".fault a.btn").click()
    page.wait_for_url(f"**/places/{person.place}")


def handed_out(person: Candidate) -> str:
    """A code for the place, from the administrator of the base."""
    now = clock.now()
    key = key_for(sqlite_secret(person.site), "door", 0)
    with person.database.write() as session:
        sitting = session.get_one(Sitting, person.sitting)
        by = By(holder_of(administrator(session, sitting.base_id)), None, now)
        return make_entry_code(session, sitting, session.get_one(RosterPlace, person.place), key=key, by=by)


def sqlite_secret(site: Site) -> str:
    """The secret that the site made for itself."""
    return (site.installation.data_dir / "secret-key").read_text(encoding="ascii").strip()

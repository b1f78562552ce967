"""Papers in a browser: opening one, giving answers, and what the database then holds of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from question_bank.criteria_loading import load_criteria
from question_bank.items import Kind
from tests.support.browser import sign_in
from tests.support.site import Account, Site
from training_app import tables
from training_app.bank.services import blueprint_for
from training_app.clock import now, shanghai_day
from training_app.db import Database
from training_app.exams.attempts import given_of
from training_app.exams.day_models import LateEvent, PaperFact
from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.paper.clockwork import begin, pause, resume
from training_app.exams.paper.handing_in import submit
from training_app.exams.papers import Drawing, Drawn, Occasion, draw, new_attempt, store_form
from training_app.people.models import Person
from training_app.signing import Keys

SAVED = "#connection.connection-saved"
OFFLINE = "#connection.connection-offline"
COVER = "#cover"

assert tables  # tables refer to each other by name: every one of them must be known


def account(site: Site, username: str) -> Account:
    """The demonstration account of that name."""
    return next(account for account in site.installation.accounts() if account.username == username)


@contextmanager
def database_of(site: Site) -> Iterator[Database]:
    """The database behind a running site."""
    assert site.installation.database_url is not None
    database = Database(site.installation.database_url, keys=Keys(site.installation.data_dir / "keys"))
    try:
        yield database
    finally:
        database.dispose()


@dataclass(frozen=True, slots=True)
class Paper:
    """An attempt of the running site, as the database has it."""

    site: Site
    attempt_id: int

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"{self.site.url}/attempts/{self.attempt_id}"

    def open(self, page: Page) -> None:
        """Loads the page, up to the first word of the server."""
        page.goto(self.url)
        expect(page.locator(SAVED)).to_be_visible()

    def state(self) -> str:
        """The state of the attempt."""
        with database_of(self.site) as database, database.read() as session:
            return session.get_one(Attempt, self.attempt_id).state

    def device(self) -> str | None:
        """The window that holds the paper."""
        with database_of(self.site) as database, database.read() as session:
            return session.get_one(Attempt, self.attempt_id).device

    def answers(self) -> dict[int, object]:
        """What counts as the answer of each item, by item version."""
        with database_of(self.site) as database, database.read() as session:
            given = given_of(session, session.get_one(Attempt, self.attempt_id))
            return {version: one.response for version, one in given.items()}

    def events(self) -> list[tuple[int, int]]:
        """Item version and number of every stored answer, as they came."""
        wanted = select(ResponseEvent).where(ResponseEvent.attempt_id == self.attempt_id)
        with database_of(self.site) as database, database.read() as session:
            rows = session.scalars(wanted.order_by(ResponseEvent.server_seq)).all()
            return [(row.item_version_id, row.client_seq) for row in rows]

    def delays_s(self) -> list[float]:
        """Seconds from when each answer was given, as it is recorded, to when it arrived."""
        wanted = select(ResponseEvent).where(ResponseEvent.attempt_id == self.attempt_id)
        with database_of(self.site) as database, database.read() as session:
            rows = session.scalars(wanted.order_by(ResponseEvent.server_seq)).all()
            return [(row.received_at - row.captured_at).total_seconds() for row in rows if row.captured_at]

    def pile(self) -> list[tuple[str, object]]:
        """Why and what, of each answer on the late pile."""
        wanted = select(LateEvent).where(LateEvent.attempt_id == self.attempt_id).order_by(LateEvent.id)
        with database_of(self.site) as database, database.read() as session:
            return [(row.why, row.payload) for row in session.scalars(wanted)]

    def facts(self) -> list[str]:
        """The kinds of facts that the page told or caused."""
        wanted = select(PaperFact.kind).where(PaperFact.attempt_id == self.attempt_id).order_by(PaperFact.id)
        with database_of(self.site) as database, database.read() as session:
            return list(session.scalars(wanted))

    def ends_in(self, seconds: float) -> None:
        """The deadline is that far away, as if the paper had been shorter from the start."""
        with database_of(self.site) as database, database.write() as session:
            attempt = session.get_one(Attempt, self.attempt_id)
            assert attempt.started_at is not None and attempt.length_s is not None and attempt.deadline_at is not None
            length_s = (now() + timedelta(seconds=seconds) - attempt.started_at).total_seconds()
            change = round(length_s) - attempt.length_s
            attempt.deadline_at += timedelta(seconds=change)
            attempt.length_s += change

    def release(self) -> None:
        """No window holds the paper, as after the seat was moved."""
        with database_of(self.site) as database, database.write() as session:
            session.execute(update(Attempt).where(Attempt.id == self.attempt_id).values(device=None))

    def pause(self) -> None:
        """The clock stands still."""
        with database_of(self.site) as database, database.write() as session:
            pause(session, session.get_one(Attempt, self.attempt_id), reason="fire drill", by=None, now=now())

    def resume(self) -> None:
        """The clock goes on."""
        with database_of(self.site) as database, database.write() as session:
            resume(session, session.get_one(Attempt, self.attempt_id), reason="drill over", by=None, now=now())

    def close(self) -> None:
        """Handed in by somebody else."""
        with database_of(self.site) as database, database.write() as session:
            attempt = session.get_one(Attempt, self.attempt_id)
            submit(session, attempt, reason="handed in", by=None, now=now())


def new_paper(page: Page, site: Site, username: str, *kinds: str) -> Paper:
    """The entry test of that person, just begun and shown, with an item of each of `kinds` on it.

    One that was running before is closed. Forms are drawn: the person begins anew until one has these kinds.
    """
    sign_in(page, site, account(site, username))
    while True:
        close_tests_of(site, username)
        page.goto(f"{site.url}/exams")
        page.locator("form[action$='/exams/entry'] button").first.click()
        page.wait_for_url(re.compile(r"/attempts/\d+$"))
        expect(page.locator(SAVED)).to_be_visible()
        if all(page.locator(f".paper-item[data-kind='{kind}']").count() for kind in kinds):
            return Paper(site, int(page.url.rsplit("/", 1)[-1]))


def paper_with_cases(site: Site, username: str) -> Paper:
    """A timed practice of 60 items, cases and every kind among them, just begun; one that ran before is closed."""
    close_tests_of(site, username)
    with database_of(site) as database, database.write() as session:
        person = session.scalars(select(Person).where(Person.username == username)).one()
        found = blueprint_for(session, "certification")
        assert found is not None
        form = store_form(session, _drawn_with_every_kind(session, found[0]), cut=1, now=now())
        attempt = new_attempt(session, person.id, Occasion("practice", None), form)
        begin(session, attempt, length_s=5400, personal_s=0, now=now())
        return Paper(site, attempt.id)


def _drawn_with_every_kind(session: Session, blueprint_version: int) -> Drawn:
    today = shanghai_day(now())
    for number in count():
        drawing = Drawing(blueprint_version, f"browser/{number}", today, demonstration=True)
        drawn = draw(session, drawing, load_criteria())
        if {entry.item.kind for entry in drawn.form.entries} == set(Kind):
            return drawn
    raise AssertionError


def close_tests_of(site: Site, username: str) -> None:
    """No test of that person is running."""
    live = (Person.username == username, Attempt.kind != "sitting", Attempt.state.in_(("running", "paused")))
    wanted = select(Attempt.id).join(Person, Person.id == Attempt.person_id).where(*live)
    with database_of(site) as database, database.read() as session:
        found = list(session.scalars(wanted))
    for attempt_id in found:
        Paper(site, attempt_id).close()


def shown(page: Page) -> str:
    """The css selector of the item in sight."""
    return f"#item-{page.locator('.cell[aria-current]').inner_text()}"


def go(page: Page, position: int) -> None:
    """Shows the item at that place."""
    page.locator(f"#palette .cell[data-position='{position}']").click()
    expect(page.locator(f"#item-{position}")).to_be_visible()


def give_anything(page: Page) -> None:
    """Answers the item in sight, whatever its kind."""
    item = page.locator(shown(page))
    if item.locator(".option-input").count():
        item.locator(".option").first.click()
    elif item.locator("input[name=number]").count():
        item.locator("input[name=number]").fill("12")
        item.locator("input[name=number]").blur()
    for place, choice in enumerate(item.locator("select").all(), start=1):
        choice.select_option(index=min(place, choice.locator("option").count() - 1))


def hurry(page: Page) -> None:
    """The page asks the server at once, as the browser does when the network is back."""
    page.evaluate("dispatchEvent(new Event('online'))")


def position_of(page: Page, kind: str, number: int = 0) -> int:
    """The place of an item of that kind: the first, or a later one."""
    return int(page.locator(f".paper-item[data-kind='{kind}']").nth(number).get_attribute("data-position") or 0)


def version_at(page: Page, position: int) -> int:
    """The item version at that place."""
    return int(page.locator(f"#item-{position}").get_attribute("data-item") or 0)


def kept_in(page: Page) -> list[dict[str, object]]:
    """Every answer that the browser keeps, of any attempt."""
    found: list[dict[str, object]] = page.evaluate(f"({ENTRIES})()")
    return found


def keeps(page: Page, condition: str) -> bool:
    """Whether the kept answers come to fulfil `condition`, JavaScript on their list `all`, within 10 seconds."""
    found: bool = page.evaluate(
        f"""async () => {{
            for (const end = performance.now() + 10_000; performance.now() < end;) {{
                const all = await ({ENTRIES})()
                if ({condition}) return true
            }}
            return false
        }}"""
    )
    return found


ENTRIES = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open("paper-outbox")
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
        const all = request.result.transaction("entries").objectStore("entries").getAll()
        all.onsuccess = () => { request.result.close(); resolve(all.result) }
    }
})"""

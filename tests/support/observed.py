"""A house in which observations are held: programme, rooms, people who host and watch, and acts on an observation."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.databases import Databases
from tests.support.house import BEGAN, SECRET, House, fill, house_over
from training_app.audit.services import chain_findings
from training_app.bookings.invariants import booking_findings
from training_app.bookings.models import Room
from training_app.bookings.rooms import add, set_hours
from training_app.bookings.rules import Hours
from training_app.clock import SHANGHAI, shanghai_day
from training_app.db import Database
from training_app.observations.acts import By
from training_app.observations.confidentiality import accept
from training_app.observations.hosting import HOSTED, open_venues
from training_app.observations.invariants import observation_findings
from training_app.observations.links import secret_of_link
from training_app.observations.models import Observation
from training_app.observations.places import add_place, person_to_place
from training_app.observations.plans import Plan, plan
from training_app.observations.reach import observation_within
from training_app.observations.rules import Times
from training_app.observations.stage import stage_of
from training_app.observations.venues import ConsentEntry, VenueEntry, make_link, note_consent
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.rules import Role
from training_app.people.signed import holder_of
from training_app.programmes.services import PERSONNEL, found_programme
from training_app.registry import Finding
from training_app.schema import migrate
from training_app.streams.names import Stage

T = TypeVar("T")
NOON = datetime(2026, 12, 3, 10, 0, tzinfo=SHANGHAI).astimezone(UTC)
"""When observations begin here, a Thursday."""
EARLIER = NOON - timedelta(hours=1)
"""When hosts and viewers act."""
HOST = "visitor"
"""An instructor of Suzhou and Shenzhen."""
TWO = (VenueEntry("车间", "Workshop"), VenueEntry("仓库", "Warehouse"))


@dataclass(frozen=True, slots=True)
class Observed:
    """The house, and acts of its hosts and administrators."""

    home: House

    def by(self, username: str = HOST, now: datetime = EARLIER) -> By:
        """That person, at that moment."""
        return By(holder_of(self.home.person(username)), "127.0.0.1", now)

    def room(self) -> int:
        """The room in Suzhou."""
        with self.home.database.read() as session:
            return session.scalars(select(Room.id)).one()

    def entered(self, **other: Any) -> Plan:
        """What is entered for an observation with two venues and two places."""
        usual = Plan(
            kind="validation",
            title_zh="现场观摩",
            title_en="On site",
            note="",
            times=Times(NOON, NOON + timedelta(hours=2)),
            host_id=self.home.number(HOST),
            programme_id=PERSONNEL,
            bases=("suzhou",),
            places=2,
            keep_days=30,
            venues=TWO,
        )
        return replace(usual, **other)

    def planned(self, username: str = "base.admin", **other: Any) -> int:
        """The id of a planned observation in Suzhou."""
        with self.home.database.write() as session:
            return plan(session, "suzhou", self.entered(**other), self.by(username, BEGAN)).id

    def act(self, number: int, do: Callable[[Session, Observation, By], T], by: By | None = None) -> T:
        """What `do` gives, in a transaction of its own on the locked observation."""
        acting = by or self.by()
        with self.home.database.write() as session:
            found = observation_within(session, acting.holder, "observations.edit", number, to_change=True)
            return do(session, found, acting)

    def place(self, number: int, *usernames: str) -> None:
        """These people have places."""

        def give(session: Session, found: Observation, by: By) -> None:
            for username in usernames:
                add_place(session, found, person_to_place(session, found, self.home.number(username)), by)

        self.act(number, give)

    def agree(self, number: int, *, recorded: bool = True) -> None:
        """Every venue consents, has a link, and may be recorded for ten days."""
        until = shanghai_day(NOON) + timedelta(days=10) if recorded else None

        def note(session: Session, found: Observation, by: By) -> None:
            for venue in found.venues:
                note_consent(session, found, venue, ConsentEntry("厂长", "全部", until), by=by)
                make_link(session, found, venue, by)

        self.act(number, note)

    def on_air(self, **other: Any) -> int:
        """The id of one that is on the air, with the trainee in a place, who accepted the notice."""
        number = self.planned(**other)
        self.agree(number)
        self.act(number, open_venues)
        if other.get("places", 2):
            self.place(number, "trainee")
        self.host(number, "air")
        self.accept(number, "trainee")
        return number

    def host(self, number: int, act: str, now: datetime = EARLIER) -> None:
        """The host does that."""
        self.act(number, HOSTED[act], self.by(now=now))

    def accept(self, number: int, username: str) -> None:
        """The person accepts the notice."""
        with self.home.database.write() as session:
            accept(session, session.get_one(Observation, number), self.by(username))

    def stage(self, number: int) -> Stage:
        """What the media process is to know."""
        with self.home.database.read() as session:
            return stage_of(session, session.get_one(Observation, number))

    def stored(self, number: int) -> Observation:
        """The observation as the database has it, with its venues."""
        with self.home.database.read() as session:
            found = session.get_one(Observation, number)
            assert all(venue.links is not None and venue.consents is not None for venue in found.venues)
            return found

    def secret(self, number: int, position: int = 1) -> str:
        """What opens the page of a venue."""
        link = self.stored(number).venues[position - 1].link
        assert link is not None
        return secret_of_link(SECRET, link)

    def findings(self) -> list[Finding]:
        """What does not hold."""
        with self.home.database.read() as session:
            return [*observation_findings(session), *booking_findings(session), *chain_findings(session)]


def _fill_new(url: str) -> None:
    database = Database(url)
    migrate(database)
    with database.write() as session:
        fill(session)
        found_programme(session, shanghai_day(BEGAN))
        for username, name in (("second.trainee", "程砚"), ("third.trainee", "顾鸣远")):
            entered = NewPerson(username, "staff", name, username, None, None, None, "suzhou")
            person = add_person(session, entered, BEGAN)
            person.password_hash = "set"
            give_role(session, person, Role.TRAINEE, "suzhou", now=BEGAN)
        room = Room(base_id="suzhou")
        add(session, room, {"kind": "training", "name_zh": "培训室", "name_en": "Training room", "note": ""})
        set_hours(session, room, [Hours(day, 510, 1050) for day in range(5)], room.version)
    database.dispose()


@contextmanager
def observed(databases: Databases, data_dir: Path) -> Iterator[Observed]:
    """A house of its own with its site, on a copy of a database that was filled once."""
    with house_over(databases, data_dir, "observed", _fill_new) as opened:
        yield Observed(opened)


@contextmanager
def observed_without_pages(databases: Databases) -> Iterator[Observed]:
    """The same for tests that ask for no page: nothing is served."""
    copies = databases.prepared("observed", _fill_new)
    url = copies.take()
    database = Database(url)
    try:
        yield Observed(House(Flask(__name__), database))
    finally:
        database.dispose()
        copies.give_back(url)

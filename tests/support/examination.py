"""A house in which sittings can be held: the shipped bank as a demonstration draws from it, rooms, trainees."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.databases import Databases, Prepare
from tests.support.house import BEGAN, House, fill, house_over, opened_house
from tests.support.school import CONTENT, NOW
from training_app.bank.loading import load_content
from training_app.bank.models import BlueprintVersion
from training_app.bookings.models import Opening, Room, Seat
from training_app.clock import SHANGHAI
from training_app.db import Database
from training_app.exams.rules import Times
from training_app.exams.setup.roster import add_place
from training_app.exams.setup.rules import ONE_FORM, FormWishes
from training_app.exams.setup.sittings import Plan, plan, sitting_within
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.installation import Installation
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.models import Person
from training_app.people.rules import Role
from training_app.people.signed import holder_of
from training_app.programmes.services import found_programme
from training_app.schema import migrate

THURSDAY = datetime(2026, 12, 3, 9, 0, tzinfo=SHANGHAI)
WEEK = timedelta(days=7)
MORE_PEOPLE = (
    ("second.trainee", "程砚", "suzhou", Role.TRAINEE),
    ("third.trainee", "顾鸣远", "suzhou", Role.TRAINEE),
    ("watcher", "唐若琳", "suzhou", Role.INVIGILATOR),
    ("far.watcher", "邓可唯", "shenzhen", Role.INVIGILATOR),
)

T = TypeVar("T")


def times(starts: datetime = THURSDAY, minutes: int = 90) -> Times:
    """A sitting of 90 minutes from 9:00, rooms kept until 11:30."""
    latest = starts + timedelta(minutes=15)
    return Times(starts, latest, starts + timedelta(minutes=150), timedelta(minutes=minutes))


@dataclass(frozen=True, slots=True)
class Examination:
    """The house, and acts of its administrators."""

    home: House

    def by(self, username: str = "base.admin") -> By:
        """That person, now."""
        return By(holder_of(self.home.person(username)), "127.0.0.1", NOW)

    def rooms(self, base: str = "suzhou") -> tuple[int, ...]:
        """Ids of the exam rooms of a base, the larger one first."""
        with self.home.database.read() as session:
            found = select(Room.id).where(Room.base_id == base, Room.kind == "exam").order_by(Room.id)
            return tuple(session.scalars(found))

    def entered(self, starts: datetime = THURSDAY, rooms: tuple[int, ...] | None = None) -> Plan:
        """What is entered for a sitting in the larger room of Suzhou."""
        with self.home.database.read() as session:
            blueprint = session.scalars(
                select(BlueprintVersion.id).where(BlueprintVersion.purpose == "certification")
            ).one()
        return Plan("认证考试", "Certification", blueprint, times(starts), rooms or self.rooms()[:1])

    def planned(
        self, starts: datetime = THURSDAY, rooms: tuple[int, ...] | None = None, forms: FormWishes = ONE_FORM
    ) -> int:
        """The id of a planned sitting in Suzhou."""
        entered = replace(self.entered(starts, rooms), forms=forms)
        with self.home.database.write() as session:
            return plan(session, "suzhou", entered, self.by()).id

    def far(self, starts: datetime = THURSDAY) -> int:
        """The id of a planned sitting in Shenzhen."""
        entered = self.entered(starts, self.rooms("shenzhen"))
        with self.home.database.write() as session:
            return plan(session, "shenzhen", entered, self.by("far.admin")).id

    def replaced(self, sitting: int, starts: datetime) -> int:
        """The id of a sitting that sets another one anew."""
        entered = replace(self.entered(starts), replaces_id=sitting)
        with self.home.database.write() as session:
            return plan(session, "suzhou", entered, self.by()).id

    def act(self, sitting: int, do: Callable[[Session, Sitting, By], T], username: str = "base.admin") -> T:
        """What `do` gives, in a transaction of its own on the locked sitting."""
        by = self.by(username)
        with self.home.database.write() as session:
            return do(session, sitting_within(session, by.holder, "sittings.edit", sitting, to_change=True), by)

    def place(self, sitting: int, *usernames: str) -> list[int]:
        """Ids of the places that these people got."""

        def add(session: Session, found: Sitting, by: By) -> list[int]:
            people = [
                session.scalars(select(Person).where(Person.username == name)).unique().one() for name in usernames
            ]
            return [add_place(session, found, person, by).id for person in people]

        return self.act(sitting, add)

    def stored(self, sitting: int) -> Sitting:
        """The sitting as the database has it, with forms, rooms and places."""
        with self.home.database.read() as session:
            found = session.get_one(Sitting, sitting)
            assert found.forms is not None and found.rooms is not None and found.places is not None
            return found

    def places(self, sitting: int) -> list[RosterPlace]:
        """The places of the sitting, oldest first."""
        return list(self.stored(sitting).places)


def fill_new(url: str) -> None:
    """The house of an examination in the empty database at `url`."""
    database = Database(url)
    migrate(database)
    with database.write() as session:
        session.add(Installation(id=1, demonstration=True, created_at=BEGAN))
        fill(session)
        found_programme(session, BEGAN.date())
        load_content(session, CONTENT, origin="shipped", now=BEGAN)
        furnish(session)
    database.dispose()


def furnish(session: Session) -> None:
    """Two exam rooms in Suzhou, one in Shenzhen, open on working days from 8 to 18; more people."""
    for number, (username, name, base, role) in enumerate(MORE_PEOPLE, start=1):
        person = add_person(
            session, NewPerson(username, "staff", name, username.title(), f"M-{number}", base=base), BEGAN
        )
        give_role(session, person, role, base, now=BEGAN)
    for base, name, rows, width in (("suzhou", "大考场", 3, 4), ("suzhou", "小考场", 1, 2), ("shenzhen", "考场", 1, 2)):
        room = Room(base_id=base, kind="exam", name_zh=name, name_en=name, note="")
        session.add(room)
        session.flush()
        session.add_all(Opening(room_id=room.id, weekday=day, from_minute=480, to_minute=1080) for day in range(5))
        session.add_all(
            Seat(room_id=room.id, label=f"{row}-{place}", row=row, place=place, usable=True)
            for row in range(1, rows + 1)
            for place in range(1, width + 1)
        )
    session.flush()


@contextmanager
def examination(
    databases: Databases, data_dir: Path, filled: tuple[str, Prepare] | None = None
) -> Iterator[Examination]:
    """An examination of its own, on a copy of a database that was filled once; `filled` names another filling."""
    with (
        house_over(databases, data_dir, *(filled or ("examination", fill_new))) as home,
        home.app.test_request_context(headers={"Accept-Language": "en"}),
    ):
        yield Examination(home)


@contextmanager
def examination_after(
    databases: Databases, data_dir: Path, name: str, act: Callable[[Examination], T]
) -> Iterator[tuple[Examination, T]]:
    """An examination of its own in which `act` was done before, once for all; and what that gave."""
    before = databases.folder / f"{name}-data"

    def fill(url: str) -> T:
        fill_new(url)
        with opened_house(url, before) as home, home.app.test_request_context():
            return act(Examination(home))

    gave = databases.prepared(name, fill).gave
    before.mkdir(exist_ok=True)  # a site without keys and files of its own makes none
    shutil.copytree(before, data_dir)
    with examination(databases, data_dir, (name, fill)) as exam:
        yield exam, gave

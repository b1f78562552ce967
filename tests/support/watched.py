"""A house with a sitting in the middle, for tests of the console: acts of the people who watch over it."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from question_bank.items import Item
from tests.support.databases import Databases
from tests.support.exam_room import ExamRoom, Filling, fill_room, in_every_state
from tests.support.examination import Examination, examination, fill_new
from tests.support.school import NOW
from training_app.bookings.models import Seat
from training_app.db import Database
from training_app.exams.console.access import console_to_act, seat_of_console
from training_app.exams.console.board import Board, Tile, board_of
from training_app.exams.models import Attempt, Form
from training_app.exams.paper.parts import parts_of_form
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.admission import give_role
from training_app.people.models import Person
from training_app.people.rules import Role
from training_app.signing import Keys

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watched:
    """An examination in the middle, at NOW, and acts of the people who watch over it."""

    exam: Examination
    room: ExamRoom

    def by(self, username: str = "watcher", after: timedelta = timedelta()) -> By:
        """That person, so long after NOW."""
        return replace(self.exam.by(username), now=NOW + after)

    def do(
        self,
        act: Callable[..., T],
        seat: str,
        *more: object,
        who: str = "watcher",
        after: timedelta = timedelta(),
        **named: object,
    ) -> T:
        """What `act` gives at a seat, in a transaction of its own on the locked sitting."""
        by = self.by(who, after)
        with self.exam.home.database.write() as session:
            sitting = console_to_act(session, by, self.room.sitting)
            at = seat_of_console(session, sitting, self.room.places[seat])
            return act(session, sitting, at, *more, **named, by=by)

    def do_all(
        self,
        act: Callable[..., T],
        *more: object,
        who: str = "watcher",
        after: timedelta = timedelta(),
        **named: object,
    ) -> T:
        """The same for an act on the whole sitting."""
        by = self.by(who, after)
        with self.exam.home.database.write() as session:
            return act(session, console_to_act(session, by, self.room.sitting), *more, **named, by=by)

    def board(self, after: timedelta = timedelta()) -> Board:
        """The board of the sitting, so long after NOW."""
        with self.exam.home.database.read() as session:
            return board_of(session, session.get_one(Sitting, self.room.sitting), NOW + after)

    def tile(self, seat: str, after: timedelta = timedelta()) -> Tile:
        """The tile of who sat there at the beginning."""
        found = self.board(after).tile(self.room.places[seat])
        assert found is not None
        return found

    def paper(self, session: Session) -> Sequence[Item]:
        """The items of the form."""
        form = session.get_one(Form, session.get_one(Sitting, self.room.sitting).forms[0].form_id)
        return list(parts_of_form(session, form.id, form.content_hash).items.values())

    def add_seat(self, label: str) -> int:
        """The id of one more seat in the room, which is free."""
        with self.exam.home.database.write() as session:
            room = session.get_one(Sitting, self.room.sitting).rooms[0].room_id
            seat = Seat(room_id=room, label=label, row=30, place=int(label[-2:]), usable=True)
            session.add(seat)
            session.flush()
            return seat.id

    def make_invigilator(self, username: str) -> None:
        """The person holds the role at Suzhou, without a duty here."""
        with self.exam.home.database.write() as session:
            person = session.scalars(select(Person).where(Person.username == username)).unique().one()
            give_role(session, person, Role.INVIGILATOR, "suzhou", now=NOW)

    def attempt(self, seat: str) -> Attempt:
        """The attempt of who sat there, as the database has it."""
        with self.exam.home.database.read() as session:
            return session.get_one(Attempt, self.room.attempts[seat])

    def place(self, seat: str) -> RosterPlace:
        """The place of who sat there, as the database has it."""
        with self.exam.home.database.read() as session:
            return session.get_one(RosterPlace, self.room.places[seat])


class _Apart(FlaskClient):
    """A browser whose requests share nothing with the request around the test, nor with those of other browsers."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """The answer, from an application context of its own."""
        with self.application.app_context():
            return super().open(*args, **kwargs)


@contextmanager
def watched(
    databases: Databases, data_dir: Path, *, seats: int = 36, states: Callable[[Filling], None] = in_every_state
) -> Iterator[Watched]:
    """A room of its own, on a copy of a database that was filled once; "watcher" and "visitor" are on duty."""
    name = f"room-{states.__name__}-{seats}"

    def fill(url: str) -> ExamRoom:
        fill_new(url)
        with tempfile.TemporaryDirectory() as folder:
            database = Database(url, keys=Keys(Path(folder) / "keys"))
            with database.write() as session:
                admin = session.scalars(select(Person).where(Person.username == "base.admin")).unique().one()
                made = fill_room(session, admin, NOW, "watcher", "visitor", seats=seats, states=states)
            database.dispose()
            return made

    room = databases.prepared(name, fill).gave
    with examination(databases, data_dir, (name, fill)) as opened:
        opened.home.app.test_client_class = _Apart
        yield Watched(opened, room)

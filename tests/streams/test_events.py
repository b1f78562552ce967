"""What happened to streams comes to the site once, whatever fails in between, and whoever it concerns hears of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.streams.conftest import Door
from training_app.config import Settings
from training_app.db import Database
from training_app.jobs.turns import take
from training_app.registry import Turn
from training_app.streams import control
from training_app.streams.events import Collector, forget
from training_app.streams.models import StreamEvent
from training_app.streams.names import Event, Kind, Stage, State

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
STAGE = Stage("o7", 3, State.OPEN, None, ())


def turn(collector: Collector) -> Turn:
    return Turn(collector.keep, every_s=0, before=collector.ask, after=collector.give_up)


def kept(database: Database) -> list[StreamEvent]:
    with database.read() as session:
        return list(session.scalars(select(StreamEvent).order_by(StreamEvent.id)))


def noting(heard: list[str]) -> Callable[[Session, Event], None]:
    return lambda _session, event: heard.append(event.sub)


def test_each_event_is_kept_once_and_heard_of_in_order(door: Door, database: Database) -> None:
    heard: list[str] = []
    collector = Collector(door.settings, [noting(heard)])
    door.emit("p1", "p2")
    assert take(database, "streams", turn(collector), NOW) == 2
    door.emit("p3")
    assert take(database, "streams", turn(collector), NOW) == 1
    rows = kept(database)
    assert heard == ["p1", "p2", "p3"] and door.spool.length == 0
    assert {(row.kind, row.occasion, row.path, row.handled_at, row.fault) for row in rows} == {
        (Kind.VIEWER_JOINED, "o7", "o7/program", NOW, "")
    }


def test_an_event_that_comes_again_is_neither_kept_nor_heard_of_again(door: Door, database: Database) -> None:
    heard: list[str] = []
    door.emit("p1")
    collector = once_of(door, heard)
    collector.ask()
    with database.write() as session:
        assert collector.keep(session, NOW) == 1
    again = once_of(door, heard)
    assert take(database, "streams", turn(again), NOW) == 0
    assert heard == ["p1"] and len(kept(database)) == 1 and door.spool.length == 0


def once_of(door: Door, heard: list[str]) -> Collector:
    """A collector that knows of nothing yet, as after a restart."""
    return Collector(door.settings, [noting(heard)])


def test_what_was_not_committed_is_not_given_up(door: Door, database: Database) -> None:
    collector = Collector(door.settings)
    door.emit("p1")

    def fail(session: Session, now: datetime) -> int:
        collector.keep(session, now)
        raise RuntimeError("before the commit")

    take(database, "streams", replace(turn(collector), run=fail), NOW)
    assert kept(database) == [] and door.spool.length == 1
    assert take(database, "streams", turn(collector), NOW + timedelta(minutes=1)) == 1


def test_who_fails_at_an_event_hears_of_it_again_and_stops_no_other(door: Door, database: Database) -> None:
    heard: list[str] = []
    broken = {"p1"}

    def listen(session: Session, event: Event) -> None:
        session.execute(text("UPDATE base SET name_en = name_en"))
        if event.sub in broken:
            raise RuntimeError(event.sub)
        heard.append(event.sub)

    collector = Collector(door.settings, [listen])
    door.emit("p1", "p2")
    take(database, "streams", turn(collector), NOW)
    assert heard == ["p2"] and [row.fault for row in kept(database)] == ["RuntimeError", ""]
    broken.clear()
    with database.write() as session:
        assert collector.hear_again(session, NOW) == 1 and collector.hear_again(session, NOW) == 0
    assert heard == ["p2", "p1"] and all(row.handled_at for row in kept(database))


def test_while_nobody_is_there_nothing_is_done_and_nothing_fails(settings: Settings, database: Database) -> None:
    collector = Collector(settings)
    assert take(database, "streams", turn(collector), NOW) == 0
    with database.read() as session:
        assert session.scalar(text("SELECT fault FROM job_turn")) == ""


def test_stages_that_are_not_known_over_there_are_told(door: Door, database: Database) -> None:
    wanted = [STAGE, replace(STAGE, occasion="o8")]
    control.tell(door.settings, replace(STAGE, version=4))
    collector = Collector(door.settings, stages=[lambda _session: wanted])
    take(database, "streams", turn(collector), NOW)
    assert [(stage.occasion, stage.version) for stage in door.told] == [("o7", 4), ("o8", 3)]


@pytest.mark.parametrize(("days", "left"), [(89, 1), (90, 0)])
def test_events_are_forgotten_after_90_days(door: Door, database: Database, days: int, left: int) -> None:
    door.emit("p1")
    take(database, "streams", turn(Collector(door.settings)), NOW)
    with database.write() as session:
        forget(session, NOW + timedelta(days=days))
    assert len(kept(database)) == left

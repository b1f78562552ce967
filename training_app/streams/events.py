"""What happened to the streams comes to the site: each event once, and whoever it concerns hears of it."""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from training_app.config import Settings
from training_app.media.protocol import Event, Kind, Stage, Unreadable, occasion_of
from training_app.streams import control
from training_app.streams.control import MediaAway
from training_app.streams.models import StreamEvent
from training_app.upserts import insert_into

log = logging.getLogger("training_app.streams")

AT_A_TIME: Final = 500
KEPT_FOR: Final = timedelta(days=90)

Listener = Callable[[Session, Event], None]
"""Deals with an event in the transaction in which it is kept. What it raises undoes what it did, and it hears again."""

Stages = Callable[[Session], Iterable[Stage]]
"""The stages that the media process must know now."""


class Collector:
    """Brings events from the media process and tells it the stages that it does not know.

    `ask` and `give_up` speak with the media process, outside of any transaction; `keep` writes down what came.
    """

    def __init__(self, settings: Settings, listeners: Sequence[Listener] = (), stages: Sequence[Stages] = ()) -> None:
        self._settings = settings
        self._listeners = tuple(listeners)
        self._stages = tuple(stages)
        self._brought: Sequence[Event] = ()
        self._wanted: Sequence[Stage] = ()

    def ask(self) -> None:
        """What happened is here, unless the media process is away."""
        self._brought = ()
        with suppress(MediaAway):
            self._brought = control.events(self._settings, AT_A_TIME)

    def give_up(self) -> None:
        """What is kept here, after the commit, is forgotten there; and stages that are not known there are told."""
        with suppress(MediaAway):
            self._tell_stages()
            if self._brought:
                control.take(self._settings, self._brought[-1].spool, self._brought[-1].number)

    def _tell_stages(self) -> None:
        known = control.health(self._settings).get("stages", {})
        for stage in self._wanted:
            if known.get(stage.occasion, -1) < stage.version:
                control.tell(self._settings, stage)

    def keep(self, session: Session, now: datetime) -> int:
        """How many events are new here. Of those that came before, nothing is done again."""
        self._wanted = [stage for stages in self._stages for stage in stages(session)]
        rows = [row for event in self._brought if (row := _kept(session, event, now)) is not None]
        for row in rows:
            _hear(session, row, self._listeners, now)
        return len(rows)

    def hear_again(self, session: Session, now: datetime) -> int:
        """How many events are dealt with at last at which somebody failed before."""
        rows = session.scalars(
            select(StreamEvent).where(StreamEvent.handled_at.is_(None)).order_by(StreamEvent.id).limit(AT_A_TIME)
        ).all()
        for row in rows:
            _hear(session, row, self._listeners, now)
        return sum(row.handled_at is not None for row in rows)


def event_of(row: StreamEvent) -> Event:
    """The event as it was told."""
    return Event(row.spool, row.number, row.at, Kind(row.kind), row.path, row.sub, row.details)


def forget(session: Session, now: datetime) -> int:
    """How many events were deleted, 90 days after they came."""
    old = delete(StreamEvent).where(StreamEvent.kept_at <= now - KEPT_FOR).returning(StreamEvent.id)
    return len(session.execute(old).all())


def _kept(session: Session, event: Event, now: datetime) -> StreamEvent | None:
    """The row of the event, None when it was here before."""
    row_id = session.scalar(
        insert_into(session, StreamEvent)
        .values(
            spool=event.spool,
            number=event.number,
            at=event.at,
            kind=event.kind.value,
            occasion=_occasion(event.path),
            path=event.path,
            sub=event.sub,
            details=dict(event.details),
            kept_at=now,
            fault="",
        )
        .on_conflict_do_nothing()
        .returning(StreamEvent.id)
    )
    return None if row_id is None else session.get_one(StreamEvent, row_id)


def _occasion(path: str) -> str:
    try:
        return occasion_of(path)
    except Unreadable:
        return ""


def _hear(session: Session, row: StreamEvent, listeners: Iterable[Listener], now: datetime) -> None:
    event = event_of(row)
    try:
        with session.begin_nested():
            for listener in listeners:
                listener(session, event)
    except Exception as error:
        log.exception("an event of a stream was not dealt with")
        row.fault = type(error).__name__[:80]
    else:
        row.handled_at = now

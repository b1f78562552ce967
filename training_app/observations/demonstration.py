"""Observations of a demonstration: a test picture on the air, one that is planned, one that is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.bookings.models import Room
from training_app.clock import SHANGHAI, shanghai_day
from training_app.observations.acts import By
from training_app.observations.attendance import hear
from training_app.observations.confidentiality import accept
from training_app.observations.hosting import end, go_on_air, open_venues
from training_app.observations.models import Observation
from training_app.observations.places import add_place, person_to_place
from training_app.observations.plans import Plan, plan
from training_app.observations.rules import Times
from training_app.observations.stage import path_of, person_sub
from training_app.observations.venues import ConsentEntry, VenueEntry, make_link, note_consent
from training_app.people.models import Person
from training_app.people.signed import holder_of
from training_app.programmes.services import PERSONNEL
from training_app.streams.names import Event, Kind

HEAD: Final = "meng.tingyu"
HOST: Final = "lu.wenjing"
EVERYBODY: Final = ("suzhou", "shenzhen", "guangzhou")
ON_AIR_FOR: Final = timedelta(days=30)
RECORDED_FOR: Final = timedelta(minutes=10)
PLANNED_IN: Final = timedelta(days=5)
OVER_SINCE: Final = timedelta(days=6)
AGREED: Final = ("演示企业联系人", "演示画面，无真实场景")
WATCHED: Final = (("shen.zhixia", "udp", 50), ("jiang.nan", "hls", 44), ("liang.siyuan", "udp", 12))
"""Who watched the one that is over, on which way, and for how many minutes."""

SCREEN: Final = VenueEntry("测试画面", "Test picture", is_synthetic=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one of them is called, and where it comes from."""

    title_zh: str
    title_en: str
    note: str
    venues: tuple[VenueEntry, ...]
    kind: str = "briefing"
    places: int | None = None


def observations_of_the_demonstration(session: Session, now: datetime) -> None:
    """Two on the air, one of them recorded for ten minutes, one planned with three venues, one over with attendance."""
    test = "测试画面带时钟与提示音；用于检查网络。A test picture with a clock and a tone, to try networks."
    endless = Shown("测试画面（演示）", "Test picture (demonstration)", test, (SCREEN,))
    recorded = Shown("录制测试（演示）", "Recording test (demonstration)", test, (SCREEN,))
    _on_air(session, endless, HEAD, now + ON_AIR_FOR, keep_until=None, now=now)
    day = shanghai_day(now) + timedelta(days=30)
    _on_air(session, recorded, HOST, now + RECORDED_FOR, keep_until=day, now=now)
    _planned(session, now)
    _over(session, now)


def _by(session: Session, username: str, now: datetime) -> By:
    return By(holder_of(_person(session, username)), None, now)


def _person(session: Session, username: str) -> Person:
    return session.scalars(select(Person).where(Person.username == username)).unique().one()


def _made(session: Session, shown: Shown, host: str, times: Times, *, now: datetime) -> Observation:
    by = _by(session, host, now)
    entered = Plan(
        kind=shown.kind,
        title_zh=shown.title_zh,
        title_en=shown.title_en,
        note=shown.note,
        times=times,
        host_id=by.holder.id,
        programme_id=PERSONNEL,
        bases=EVERYBODY,
        places=shown.places,
        keep_days=90,
        venues=shown.venues,
    )
    return plan(session, "suzhou", entered, by)


def _agree(session: Session, observation: Observation, keep_until: date | None, by: By) -> None:
    note_consent(session, observation, observation.venues[0], ConsentEntry(*AGREED, keep_until), by=by)


def _on_air(
    session: Session, shown: Shown, host: str, ends_at: datetime, *, keep_until: date | None, now: datetime
) -> None:
    by = _by(session, host, now)
    observation = _made(session, shown, host, Times(now, ends_at), now=now)
    _agree(session, observation, keep_until, by)
    open_venues(session, observation, by)
    go_on_air(session, observation, by)


def _at(now: datetime, away: timedelta, clock: time) -> datetime:
    """That time at the bases, on a working day."""
    day = shanghai_day(now + away)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return datetime.combine(day, clock, SHANGHAI)


def _planned(session: Session, now: datetime) -> None:
    room = session.scalars(
        select(Room.id).where(Room.base_id == "suzhou", Room.kind == "training").order_by(Room.id)
    ).first()
    venues = (
        VenueEntry("演示精密机械：报关室", "Demo Precision Machinery: customs office"),
        VenueEntry("演示精密机械：仓库", "Demo Precision Machinery: warehouse"),
        VenueEntry("苏州培训室", "Training room in Suzhou", room),
    )
    note = "高级认证企业现场验证：内部控制与贸易安全。Validation of an advanced certified enterprise on site."
    shown = Shown("高级认证现场观摩（演示）", "Validation on site (demonstration)", note, venues, "validation", 60)
    starts = _at(now, PLANNED_IN, time(9, 30))
    observation = _made(session, shown, HOST, Times(starts, starts + timedelta(hours=2)), now=now)
    by = _by(session, HOST, now)
    first, second = observation.venues[:2]
    _agree(session, observation, shanghai_day(starts) + timedelta(days=90), by)
    make_link(session, observation, first, by)
    make_link(session, observation, second, by)
    _give_places(session, observation, by)


def _give_places(session: Session, observation: Observation, by: By) -> Sequence[Person]:
    people = [_person(session, username) for username, _way, _minutes in WATCHED]
    for person in people:
        add_place(session, observation, person_to_place(session, observation, person.id), by)
    return people


def _over(session: Session, now: datetime) -> None:
    starts = datetime.combine(shanghai_day(now - OVER_SINCE), time(14, 0), SHANGHAI).astimezone(UTC)
    venues = (VenueEntry("演示家具：验货区", "Demo Furniture: inspection area"),)
    note = "现场不允许录制，因此没有录像。Recording was not allowed, so there is none."
    shown = Shown("企业通关观摩（演示）", "Clearance at an enterprise (demonstration)", note, venues, "validation", 40)
    times, before = Times(starts, starts + timedelta(hours=1)), starts - timedelta(days=4)
    observation = _made(session, shown, HOST, times, now=before)
    _agree(session, observation, None, _by(session, HOST, starts - timedelta(days=1)))
    people = _give_places(session, observation, _by(session, HOST, starts - timedelta(days=1)))
    open_venues(session, observation, _by(session, HOST, starts - timedelta(minutes=20)))
    go_on_air(session, observation, _by(session, HOST, starts))
    for number, (person, (_name, way, minutes)) in enumerate(zip(people, WATCHED, strict=True), start=1):
        accept(session, observation, By(holder_of(person), None, starts - timedelta(minutes=number)))
        came = {"transport": way, "jti": f"demonstration-{number}"}
        left = came | {"seconds": minutes * 60, "reason": "left"}
        who = path_of(observation), person_sub(person.id)
        hear(session, Event("demonstration", 2 * number - 1, starts, Kind.VIEWER_JOINED, *who, came))
        end_at = starts + timedelta(minutes=minutes)
        hear(session, Event("demonstration", 2 * number, end_at, Kind.VIEWER_LEFT, *who, left))
    end(session, observation, _by(session, HOST, starts + timedelta(minutes=52)))

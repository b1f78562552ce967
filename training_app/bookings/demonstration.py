"""Rooms, hours and equipment of a demonstration, with invented names."""

from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.bookings.closures import Closing, close
from training_app.bookings.models import Kit, Room, Seat
from training_app.bookings.rooms import add, set_hours
from training_app.bookings.rules import Hours, Span
from training_app.bookings.seating import Layout, lay_out
from training_app.clock import SHANGHAI, shanghai_day

TREES: Final = (("suzhou", "梧桐", "Wutong"), ("shenzhen", "木棉", "Mumian"), ("guangzhou", "紫荆", "Zijing"))
ROOMS: Final = (
    # kind, Chinese name after the tree, English name after it, rows and places of its seats
    ("exam", "机考考场", "exam room", Layout(6, 6)),
    ("interview", "访谈一室", "interview room 1", None),
    ("interview", "访谈二室", "interview room 2", None),
    ("training", "培训室", "training room", Layout(5, 8)),
)
KIT: Final = ("移动摄录设备", "mobile recording kit")
WEEK: Final = tuple(Hours(day, *span) for day in range(5) for span in ((510, 720), (810, 1050)))
"""Monday to Friday 08:30 to 12:00 and 13:30 to 17:30."""

BROKEN: Final = ("suzhou", "C-04")
"""One seat that nobody can sit on."""

CLOSED: Final = ("suzhou", 2, "空调检修（演示）")
"""The room, by its place in ROOMS, that is closed for a day soon."""


def rooms_of_the_demonstration(session: Session, now: datetime) -> None:
    """Four rooms and a piece of equipment at each base."""
    for base, zh, en in TREES:
        for place, (kind, name_zh, name_en, layout) in enumerate(ROOMS):
            room = Room(base_id=base)
            names = {"kind": kind, "name_zh": f"{zh}{name_zh}", "name_en": f"{en} {name_en}", "note": ""}
            add(session, room, names)
            set_hours(session, room, WEEK, room.version)
            if layout:
                session.refresh(room)
                lay_out(session, room, layout, seen_version=room.version, now=now)
            if (base, place) == CLOSED[:2]:
                close(session, room, Closing(_closed_span(now), CLOSED[2]), now)
        names = {"name_zh": f"{zh}{KIT[0]}", "name_en": f"{en} {KIT[1]}", "note": ""}
        add(session, Kit(base_id=base), names)
    of_the_base = select(Room.id).where(Room.base_id == BROKEN[0], Room.kind == "exam")
    session.execute(update(Seat).where(Seat.room_id.in_(of_the_base), Seat.label == BROKEN[1]).values(usable=False))


def _closed_span(now: datetime) -> Span:
    day = shanghai_day(now) + timedelta(days=3)
    return Span(datetime.combine(day, time(8), SHANGHAI), datetime.combine(day, time(18), SHANGHAI))

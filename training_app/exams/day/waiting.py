"""The waiting room: what its page is told each few seconds, the rules, and an item to try the paper with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from question_bank.texts import Text
from training_app.exams.day.door import Arrival
from training_app.exams.day.rules import first_page_delay_ms
from training_app.exams.day_models import RoomNotice

RULES: Final = (
    Text(
        "答题时间从本人试卷打开时起算；以服务器时钟为准，页面右上角显示剩余时间。",
        "Your time begins when your own paper opens. The server's clock counts; the paper shows how much is left.",
    ),
    Text(
        "每个作答先存入本机，再发送至服务器；只有服务器确认后，页面才显示“已保存”。",
        'Each answer is kept on this computer first and then sent. The page says "saved" only when the server has it.',
    ),
    Text(
        "断网时请继续作答，不要重启计算机；恢复后会自动补发。设备故障请举手。",
        "If the network fails, go on answering and do not restart: answers are sent by themselves. If the computer "
        "fails, raise your hand.",
    ),
    Text(
        "可随时修改、标记和跳过试题，也可切换中英文；以最后一次作答为准。",
        "You may change, flag and skip items and switch the language at any time; the last answer counts.",
    ),
    Text(
        "离开全屏或切换窗口会如实显示在监考台上，但不会自动产生后果。",
        "Leaving the full screen or the window is shown to the invigilators as a fact; nothing follows by itself.",
    ),
    Text(
        "监考员不解释题意。时间到后，已作答的内容自动交卷。",
        "Invigilators do not explain items. When the time is up, what you have answered is handed in by itself.",
    ),
    Text(
        "交卷后出现回执；经监考员确认后方可离场。",
        "A receipt appears after you hand in. Leave when the invigilator has confirmed it.",
    ),
)


@dataclass(frozen=True, slots=True)
class TrialOption:
    """An option of the trial item."""

    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class TrialItem:
    """An item about the paper itself, in no bank and on no form; nothing that is chosen leaves the page."""

    stem: Text
    options: tuple[TrialOption, ...]


TRIAL: Final = TrialItem(
    Text(
        "试答题：怎样知道一个作答已经保存到服务器？", "To try it out: how do you know that an answer is on the server?"
    ),
    (
        TrialOption("A", Text("选项变为蓝色", "The option turns blue")),
        TrialOption("B", Text("页面上方显示“已保存”和时间", "The head of the page says “saved”, with the time")),
        TrialOption("C", Text("已翻到下一题", "The next item has been opened")),
        TrialOption("D", Text("已标记本题", "The item is flagged")),
    ),
)
"""A fixed one: a public item of the bank might be on the form of the sitting."""


def first_page_at(arrival: Arrival) -> datetime:
    """When the page of this person goes on by itself: the common start and the person's part of the spread."""
    assert arrival.attempt is not None
    return arrival.start + timedelta(milliseconds=first_page_delay_ms(arrival.attempt.id))


def waiting_state(session: Session, arrival: Arrival, now: datetime) -> dict[str, object]:
    """What the page of the waiting room is told, ready for JSON.

    state: "waiting", "running" (the paper is there), or why the person can no longer begin.
    """
    attempt, sitting = arrival.attempt, arrival.sitting
    why = arrival.why_not(now)
    begun = attempt is not None and attempt.state in {"running", "paused"}
    return {
        "state": "running" if why is None and begun else why or "waiting",
        "entered": arrival.place.entered_at is not None and attempt is not None and attempt.state != "created",
        "server_now": now.isoformat(),
        "start_at": arrival.start.isoformat(),
        "announced": sitting.start_at is not None,
        "first_page_at": first_page_at(arrival).isoformat() if attempt else None,
        "latest_start_at": sitting.latest_start_at.isoformat(),
        "seat": arrival.place.seat.label if arrival.place.seat else None,
        "notices": [{"id": notice.id, "text": notice.text} for notice in notices_for(session, arrival)],
    }


def notices_for(session: Session, arrival: Arrival) -> list[RoomNotice]:
    """The last sentences from the console for this person, the room or everybody, newest first."""
    place = arrival.place
    room = place.seat.room_id if place.seat else None
    mine = or_(
        RoomNotice.place_id == place.id,
        (RoomNotice.place_id.is_(None)) & (or_(RoomNotice.room_id.is_(None), RoomNotice.room_id == room)),
    )
    found = select(RoomNotice).where(RoomNotice.sitting_id == place.sitting_id, mine)
    return list(session.scalars(found.order_by(RoomNotice.id.desc()).limit(3)))

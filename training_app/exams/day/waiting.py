"""The waiting room: what its page is told each few seconds, the rules, and an item to try the paper with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import Table, and_, bindparam, or_, select

from question_bank.texts import Text
from training_app.db import Asks, Database
from training_app.exams.day.quick import Seen, place_seen
from training_app.exams.day.rules import first_page_delay_ms
from training_app.exams.day_models import RoomNotice
from training_app.people.claims import Claim

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


def first_page_at(seen: Seen) -> datetime:
    """When the page of this person goes on by itself: the common start and the person's part of the spread."""
    assert seen.attempt_id is not None
    return seen.start + timedelta(milliseconds=first_page_delay_ms(seen.attempt_id))


def waiting_state(asked: Asks, seen: Seen, now: datetime) -> dict[str, object]:
    """What the page of the waiting room is told, ready for JSON.

    state: "waiting", "running" (the paper is there), or why the person can no longer begin.
    """
    why = seen.why_not(now)
    state = "running" if why is None and seen.attempt_state in {"running", "paused"} else why or "waiting"
    has_paper = seen.attempt_id is not None
    return {
        "state": state,
        "entered": seen.entered_at is not None and has_paper and seen.attempt_state != "created",
        "server_now": now.isoformat(),
        "start_at": seen.start.isoformat(),
        "announced": seen.start_at is not None,
        "first_page_at": first_page_at(seen).isoformat() if has_paper else None,
        "latest_start_at": seen.latest_start_at.isoformat(),
        "seat": seen.seat,
        "notices": _notices_for(asked, seen),
    }


_NOTICE = cast("Table", RoomNotice.__table__).c
_NOTICES = (
    select(_NOTICE.id, _NOTICE.text)
    .where(
        _NOTICE.sitting_id == bindparam("sitting"),
        or_(
            _NOTICE.place_id == bindparam("place"),
            and_(_NOTICE.place_id.is_(None), or_(_NOTICE.room_id.is_(None), _NOTICE.room_id == bindparam("room"))),
        ),
    )
    .order_by(_NOTICE.id.desc())
    .limit(3)
)


def _notices_for(asked: Asks, seen: Seen) -> list[dict[str, object]]:
    """The last sentences from the console for this person, the room or everybody, newest first."""
    rows = asked.execute(_NOTICES, {"sitting": seen.sitting_id, "place": seen.id, "room": seen.room_id})
    return [{"id": row.id, "text": row.text} for row in rows]


def waiting_quickly(database: Database, claim: Claim, place_id: int, now: datetime) -> dict[str, object] | None:
    """The same for the own place of who claims to be signed in; None when it is none."""
    with database.look() as connection:
        seen = place_seen(connection, place_id, claim)
        return waiting_state(connection, seen, now) if seen else None

"""Sheets of an invented sitting."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from question_bank.texts import Text
from training_app.documents.fonts import load_fonts
from training_app.documents.lists import Candidate, RoomSheet, Seat
from training_app.documents.slips import CodeSlip
from training_app.documents.tickets import TicketSheet

START = datetime(2026, 12, 4, 6, 30, tzinfo=UTC)
TITLE = Text("AEO认证人员资格考试", "AEO certification examination")
BASE = Text("苏州培训基地", "Suzhou base")
ROOM = Text("第一机房", "Computer room 1")


@pytest.fixture(scope="session", autouse=True)
def fonts() -> None:
    """The fonts are read before a test's time counts."""
    load_fonts()


@pytest.fixture
def made_at() -> datetime:
    return datetime(2026, 11, 23, 1, 5, tzinfo=UTC)


@pytest.fixture
def ticket() -> Callable[..., TicketSheet]:
    """Makes a ticket sheet; what is given replaces what stands here."""

    def made(**changes: object) -> TicketSheet:
        sheet = {
            "name_zh": "沈知夏",
            "name_en": "Shen Zhixia",
            "staff_number": "DEMO-0001",
            "organisation": Text("演示精密机械（苏州）有限公司", "Demo Precision Machinery (Suzhou) Co., Ltd."),
            "ticket_number": "SZ26-1204-0017",
            "title": TITLE,
            "base": BASE,
            "room": ROOM,
            "seat_label": "A07",
            "starts_at": START,
            "latest_start_at": START + timedelta(minutes=30),
            "length_minutes": 90,
            "personal_minutes": 0,
            "rules": (Text("保持安静。", "Keep quiet."), Text("需要帮助时举手。", "Raise your hand for help.")),
            "demonstration": False,
        }
        return TicketSheet(**{**sheet, **changes})

    return made


@pytest.fixture
def room() -> Callable[..., RoomSheet]:
    """Makes the sheet of a room with these seats; what is given replaces what stands here."""

    def made(*seats: Seat, **changes: object) -> RoomSheet:
        sheet = {
            "title": TITLE,
            "base": BASE,
            "room": ROOM,
            "starts_at": START,
            "length_minutes": 90,
            "seats": seats,
            "demonstration": False,
        }
        return RoomSheet(**{**sheet, **changes})

    return made


@pytest.fixture
def candidate() -> Callable[..., Candidate]:
    """Makes a candidate by name; the number is part of staff and ticket number."""

    def made(name_zh: str = "沈知夏", name_en: str = "Shen Zhixia", number: int = 1, personal: int = 0) -> Candidate:
        return Candidate(name_zh, name_en, f"DEMO-{number:04d}", f"SZ26-1204-{number:04d}", personal)

    return made


@pytest.fixture
def slip() -> Callable[..., CodeSlip]:
    """Makes a slip; what is given replaces what stands here."""

    def made(**changes: object) -> CodeSlip:
        sheet = {
            "name_zh": "沈知夏",
            "name_en": "Shen Zhixia",
            "username": "shen.zhixia",
            "code": "7KQ4-M2XD-P9TR-0VHB",
            "purpose": Text("首次登录", "First sign-in"),
            "base": BASE,
            "where": Text("https://training.example/sign-in", "https://training.example/sign-in"),
            "valid_until": START,
            "demonstration": False,
        }
        return CodeSlip(**{**sheet, **changes})

    return made


@pytest.fixture
def in_threads() -> Callable[[Callable[[], bytes]], list[bytes]]:
    """Runs an act eight times in four threads and gives what each made."""

    def run(act: Callable[[], bytes]) -> list[bytes]:
        with ThreadPoolExecutor(4) as pool:
            return [done.result() for done in [pool.submit(act) for _ in range(8)]]

    return run

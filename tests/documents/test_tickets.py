"""Admission tickets: what stands on them, for whom."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime

import pytest
import segno

from question_bank.texts import Text
from tests.support.paths import ROOT
from tests.support.pdf import lines_of, pages_of, shown_in, words_of
from training_app.documents.tickets import QR_SIZE, TicketSheet, admission_tickets

Ticket = Callable[..., TicketSheet]

MANY = """
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from question_bank.texts import Text
from training_app.documents.tickets import TicketSheet, admission_tickets
at = datetime(2026, 12, 4, 6, 30, tzinfo=UTC)
rules = tuple(Text(f"第{n}条规则，请遵守。", f"Rule {n}: keep to it.") for n in range(8))
one = TicketSheet("沈知夏", "Shen Zhixia", "DEMO-1", Text("演示公司", "Demo Co."), "T", Text("资格考试", "Examination"),
                  Text("苏州", "Suzhou"), Text("机房", "Room"), "A1", at, at, 90, 0, rules, True)
begun = time.perf_counter()
pdf = admission_tickets(
    (replace(one, name_zh=chr(0x4E00 + 7 * n) + "知夏", ticket_number=f"SZ26-1204-{n:04d}") for n in range(500)),
    "zh",
    at,
)
seconds = time.perf_counter() - begun
# unlike getrusage, this does not count what the test itself held when it started this process
(peak_kb,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(len(pdf), int(peak_kb) / 1024, round(seconds, 1))
"""


def squares_of(pdf: bytes) -> set[tuple[int, int]]:
    """The dark squares of the QR code by row and column, read from the drawing."""
    drawn = [
        [float(number) for number in ops] for ops, name in pages_of(pdf)[0].get_contents().operations if name == b"re"
    ]
    side = min(height for _, _, _, height in drawn)
    bars = [(x, y, round(width / side)) for x, y, width, height in drawn if height == side]
    left, top = min(x for x, _, _ in bars), max(y for _, y, _ in bars)
    return {(round((top - y) / side), round((x - left) / side) + step) for x, y, width in bars for step in range(width)}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("准考证Admissionticket", "姓名Name", "座位号Seat", "请携带", "考场规则1.保持安静。2.需要帮助时举手。")),
        ("en", ("Admissionticket准考证", "Name姓名", "Seat座位号", "Whattobring", "Rules1.Keepquiet.2.Raiseyourhand")),
    ],
)
def test_a_ticket_speaks_both_languages_the_asked_one_first(
    ticket: Ticket, made_at: datetime, language: str, words: tuple[str, ...]
) -> None:
    (page,) = words_of(admission_tickets([ticket()], language, made_at))
    assert [word for word in words if word not in page] == []


def test_a_ticket_tells_who_when_and_where(ticket: Ticket, made_at: datetime) -> None:
    (page,) = words_of(admission_tickets([ticket()], "zh", made_at))
    told = (
        "沈知夏ShenZhixia",
        "DEMO-0001",
        "SZ26-1204-0017",
        "苏州培训基地第一机房",
        "A07",
        "演示精密机械（苏州）有限公司",
    )
    times = ("2026-12-04周五14:30", "2026-12-04周五15:00", "90分钟")
    assert [part for part in told + times if part not in page] == []


def test_the_qr_code_holds_the_ticket_number_and_nothing_else(ticket: Ticket, made_at: datetime) -> None:
    matrix = segno.make("SZ26-1204-0017", error="m", micro=False).matrix
    dark = {(row, column) for row, line in enumerate(matrix) for column, is_dark in enumerate(line) if is_dark}
    assert squares_of(admission_tickets([ticket()], "zh", made_at)) == dark


def test_the_squares_of_the_qr_code_can_be_read_from_paper(ticket: Ticket, made_at: datetime) -> None:
    rows = max(row for row, _ in squares_of(admission_tickets([ticket()], "zh", made_at))) + 1
    assert QR_SIZE / rows > 0.4 / 25.4 * 72


def test_personal_time_is_part_of_the_length(ticket: Ticket, made_at: datetime) -> None:
    (page,) = words_of(admission_tickets([ticket(personal_minutes=25)], "zh", made_at))
    assert "115分钟含个人延长25分钟" in page


def test_who_has_no_personal_time_reads_nothing_of_it(ticket: Ticket, made_at: datetime) -> None:
    assert "个人延长" not in words_of(admission_tickets([ticket()], "zh", made_at))[0]


def test_a_ticket_without_a_seat_says_when_it_is_told(ticket: Ticket, made_at: datetime) -> None:
    assert "座位号Seat入场时告知" in words_of(admission_tickets([ticket(seat_label="")], "zh", made_at))[0]


def test_who_has_no_staff_number_or_firm_has_no_such_row(ticket: Ticket, made_at: datetime) -> None:
    (page,) = words_of(admission_tickets([ticket(staff_number="", organisation=None)], "zh", made_at))
    assert "工号" not in page and "单位" not in page


def test_the_english_name_stands_where_there_is_no_chinese_one(ticket: Ticket, made_at: datetime) -> None:
    (page,) = words_of(admission_tickets([ticket(name_zh="")], "zh", made_at))
    assert page.count("ShenZhixia") == 1


def test_each_candidate_has_a_page_in_the_order_given(ticket: Ticket, made_at: datetime) -> None:
    pages = words_of(admission_tickets([ticket(name_zh=f"考生{name}") for name in "乙甲丙"], "zh", made_at))
    assert [page[page.index("考生") + 2] for page in pages] == ["乙", "甲", "丙"]


def test_long_names_go_on_in_a_second_line(ticket: Ticket, made_at: datetime) -> None:
    firm = "演示国际供应链管理与跨境电子商务综合服务（粤港澳大湾区）股份有限公司广州南沙保税港区分公司"
    lines = lines_of(admission_tickets([ticket(organisation=Text(firm, "Demo"))], "zh", made_at))
    parts = [line for line in lines if line and line in firm]
    assert "".join(parts) == firm and len(parts) == 2


def test_many_rules_are_set_smaller_to_stay_on_the_page(ticket: Ticket, made_at: datetime) -> None:
    rules = tuple(Text(f"第{number}条规则，请各位考生遵守。", f"Rule {number}") for number in range(10))
    assert len(words_of(admission_tickets([ticket(rules=rules)], "zh", made_at))) == 1


def test_rules_that_no_page_holds_go_on_to_the_next(ticket: Ticket, made_at: datetime) -> None:
    rules = tuple(Text(f"第{number}条规则，请各位考生遵守。", f"Rule {number}") for number in range(60))
    pages = words_of(admission_tickets([ticket(rules=rules)], "zh", made_at))
    assert len(pages) > 1 and "第59条规则" in pages[-1]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<b>粗</b>&amp;</font>",
        "\u202e夏知沈\u2066\x00\x1b[2J",
        "\ud800\udfff",
        "שלום עולם",
        ") Tj ET (",
        "{{7*7}}%(x)s{}{0}",
        "沈" * 4000,
        "x" * 4000,
        "。" * 400,
    ],
)
def test_hostile_text_is_printed_harmlessly(ticket: Ticket, made_at: datetime, hostile: str) -> None:
    text = Text(hostile, hostile)
    sheet = ticket(
        name_zh=hostile, name_en=hostile, organisation=text, title=text, base=text, room=text,
        seat_label=hostile, staff_number=hostile, rules=(text,),
    )  # fmt: skip
    shown = list(shown_in(admission_tickets([sheet], "zh", made_at)))
    assert [one for one in shown if one.is_missing or one.character in "\u202e\u2066\x00\x1b"] == []
    assert "准考证号" in "".join(one.character for one in shown)


def test_markup_is_printed_as_it_was_written(ticket: Ticket, made_at: datetime) -> None:
    assert "<b>沈</b>&amp;" in words_of(admission_tickets([ticket(name_zh="<b>沈</b>&amp;")], "zh", made_at))[0]


def test_the_same_tickets_are_the_same_bytes(ticket: Ticket, made_at: datetime) -> None:
    assert admission_tickets([ticket()], "zh", made_at) == admission_tickets([ticket()], "zh", made_at)


def test_another_date_makes_another_file(ticket: Ticket, made_at: datetime) -> None:
    later = made_at.replace(minute=6)
    assert admission_tickets([ticket()], "zh", made_at) != admission_tickets([ticket()], "zh", later)


def test_five_hundred_tickets_fit_in_little_memory(record_property: Callable[[str, object], None]) -> None:
    done = subprocess.run([sys.executable, "-c", MANY], cwd=ROOT, capture_output=True, text=True, check=True)
    size, peak_mb, seconds = map(float, done.stdout.split())
    record_property("seconds", seconds)
    print(f"500 tickets: {seconds} s, {peak_mb:.0f} MB at most, {size / 1e6:.1f} MB of PDF")  # noqa: T201
    assert peak_mb < 180 and size < 10_000_000

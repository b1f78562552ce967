"""Pages: what stands around the text, and how pieces flow over them."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.support.paths import ROOT
from tests.support.pdf import pages_of, words_of
from training_app.documents import sheet
from training_app.documents.blocks import TEXT, Column, numbered, section, table
from training_app.documents.sheet import A4, Document, Frame, NothingToPrint, Piece, moment

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
PRINTS = """
import hashlib
from datetime import UTC, datetime
from question_bank.texts import Text
from training_app.documents.slips import CodeSlip, code_slips
slip = CodeSlip("沈知夏", "Shen", "shen", "7KQ4", Text("登录", "In"), Text("苏州", "S"), Text("此处", "Here"),
                datetime(2026, 12, 4, tzinfo=UTC), False)
print(hashlib.sha256(code_slips([slip], "zh", datetime(2026, 11, 23, tzinfo=UTC))).hexdigest())
"""


def piece(height: float, *, head: Piece | None = None, with_next: bool = False) -> Piece:
    return Piece(height, lambda _canvas, _left, _top: None, head, with_next)


def heights(pages: list[list[Piece]]) -> list[list[float]]:
    return [[one.height for one in page] for page in pages]


def frame(language: str = "zh", *, demonstration: bool = False) -> Frame:
    return Frame("苏州培训基地", "资格考试", language, NOON, demonstration, A4)


def printed(pieces: list[Piece], around: Frame) -> bytes:
    document = Document("文件", around.language, NOON)
    document.add(around, pieces)
    return document.finish()


def test_pieces_fill_a_page_then_the_next() -> None:
    assert heights(sheet.pages_of([piece(40), piece(40), piece(40)], 100)) == [[40, 40], [40]]


def test_a_heading_stays_with_what_follows() -> None:
    pieces = [piece(70), piece(20, with_next=True), piece(30)]
    assert heights(sheet.pages_of(pieces, 100)) == [[70], [20, 30]]


def test_the_head_of_a_table_is_repeated_on_every_page() -> None:
    head = piece(11, with_next=True)
    rows = [piece(40, head=head) for _ in range(4)]
    assert heights(sheet.pages_of([head, *rows], 100)) == [[11, 40, 40], [11, 40, 40]]


def test_pieces_that_should_stay_together_but_fill_more_than_a_page_are_parted() -> None:
    pieces = [piece(60, with_next=True), piece(60, with_next=True), piece(60)]
    assert heights(sheet.pages_of(pieces, 100)) == [[60], [60], [60]]


def test_a_table_names_its_columns_on_every_page() -> None:
    rows = [[[(f"第{number}行", TEXT)], [("内容", TEXT)]] for number in range(80)]
    pages = words_of(printed(table([Column("序号", 80), Column("说明", 200)], rows, 20), frame()))
    assert len(pages) == 4 and [page for page in pages if page.count("序号说明") != 1] == []


def test_every_row_of_a_table_is_printed_once() -> None:
    rows = [[[(f"第{number:03d}行", TEXT)]] for number in range(80)]
    text = "".join(words_of(printed(table([Column("序号", 80)], rows, 20), frame())))
    assert [number for number in range(80) if text.count(f"第{number:03d}行") != 1] == []


@pytest.mark.parametrize(
    ("language", "foot"),
    [("zh", ("第1页，共2页", "制作时间2026-11-23周一14:30")), ("en", ("Page1of2", "Made2026-11-23Mon14:30"))],
)
def test_the_foot_tells_page_and_date(language: str, foot: tuple[str, str]) -> None:
    page = words_of(printed([piece(600), piece(600)], frame(language)))[0]
    assert all(part in page for part in foot)


def test_the_head_tells_base_and_title() -> None:
    assert words_of(printed([piece(10)], frame()))[0].startswith("苏州培训基地资格考试")


def test_a_demonstration_is_marked_on_every_page() -> None:
    pages = words_of(printed([piece(600), piece(600)], frame(demonstration=True)))
    assert [page.count("演示DEMONSTRATION") for page in pages] == [2, 2]


def test_what_is_no_demonstration_carries_no_mark() -> None:
    assert "DEMONSTRATION" not in words_of(printed([piece(10)], frame()))[0]


def test_pages_are_counted_anew_for_each_part_of_a_document() -> None:
    document = Document("文件", "en", NOON)
    document.add(frame("en"), [piece(10)])
    document.add(frame("en"), [piece(10)])
    assert [page.count("Page1of1") for page in words_of(document.finish())] == [1, 1]


def test_a_document_without_a_page_is_refused() -> None:
    with pytest.raises(NothingToPrint):
        Document("文件", "zh", NOON).finish()


def test_sections_and_numbered_lists_are_printed() -> None:
    text = words_of(printed([*section("规则", 300), *numbered(["安静。", "举手。"], TEXT, 300)], frame()))[0]
    assert "规则1.安静。2.举手。" in text


def test_the_paper_is_a4() -> None:
    box = pages_of(printed([piece(10)], frame()))[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


def test_times_are_those_of_the_bases() -> None:
    assert moment(datetime(2026, 11, 22, 18, 0, tzinfo=UTC), "zh") == "2026-11-23 周一 02:00"


def test_another_process_at_another_time_makes_the_same_bytes() -> None:
    command = [sys.executable, "-c", PRINTS]
    runs = [
        subprocess.run(
            command, cwd=ROOT, env={"PYTHONHASHSEED": seed, "TZ": zone}, capture_output=True, text=True, check=True
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    ]
    assert runs[0] == runs[1] and len(runs[0]) == 65


def test_threads_make_the_same_bytes(in_threads: Callable[[Callable[[], bytes]], list[bytes]]) -> None:
    def make() -> bytes:
        return printed(numbered([f"第{number}条 𬀩㛃䶮" for number in range(40)], TEXT, 300), frame())

    assert set(in_threads(make)) == {make()}

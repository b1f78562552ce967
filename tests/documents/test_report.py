"""Score reports: what stands on them, on one page, with the way to the receipt."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from question_bank.texts import Text
from tests.support.pdf import fonts_of, pages_of, words_of
from training_app.documents.report import ReportSheet, SectionLine, score_reports
from training_app.documents.sheet import NothingToPrint

AT = datetime(2026, 12, 4, 6, 30, tzinfo=UTC)
SHEET = ReportSheet(
    name_zh="沈知夏",
    name_en="Shen Zhixia",
    staff_number="DEMO-0001",
    organisation=Text("演示精密机械有限公司", "Demo Precision Machinery Co., Ltd."),
    ticket_number="SZV261203-012-0347",
    title=Text("十二月认证考试", "Certification in December"),
    base=Text("苏州", "Suzhou"),
    handed_in_at=AT,
    released_at=AT,
    mark=81,
    passed=True,
    score=106,
    maximum=131,
    cut=79,
    sections=tuple(SectionLine(Text(f"内部控制标准{n}", f"Internal control {n}"), n, n + 5) for n in range(14)),
    form="ae9c8f9c84df",
    run=6,
    decided_on=date(2026, 12, 4),
    key_revision=None,
    receipt_code="EFFR-ACXW-DX2K-34VY",
    receipt_address="https://training.example/receipts/EFFR-ACXW-DX2K-34VY",
    demonstration=True,
)


def text(sheet: ReportSheet, language: str = "en") -> str:
    return "".join(words_of(score_reports([sheet], language, AT))).replace(" ", "")


def test_mark_points_cut_and_outcome_stand_on_the_report() -> None:
    shown = text(SHEET)
    assert "81" in shown and "Passed" in shown and "106of131points;thecutscoreis79" in shown
    assert "沈知夏" in shown and "SZV261203-012-0347" in shown and "EFFR-ACXW-DX2K-34VY" in shown


def test_who_did_not_pass_reads_so_in_chinese() -> None:
    assert "不合格" in text(replace(SHEET, passed=False, mark=54), "zh")


def test_corrected_keys_are_named() -> None:
    assert "corrected,no.2" in text(replace(SHEET, key_revision=2)) and "asdrawn" in text(SHEET)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_report_is_one_page_with_embedded_fonts(language: str) -> None:
    pdf = score_reports([SHEET], language, AT)
    assert len(pages_of(pdf)) == 1 and fonts_of(pdf) and all(fonts_of(pdf).values())


def test_a_demonstration_is_marked_and_a_real_report_is_not() -> None:
    assert "DEMONSTRATION" in text(SHEET) and "DEMONSTRATION" not in text(replace(SHEET, demonstration=False))


def test_an_attempt_without_a_receipt_has_none_on_the_report() -> None:
    assert "Receipt" not in text(replace(SHEET, receipt_code="", receipt_address=""))


def test_the_same_report_has_the_same_bytes() -> None:
    assert score_reports([SHEET], "zh", AT) == score_reports([SHEET], "zh", AT)


def test_no_report_is_no_document() -> None:
    with pytest.raises(NothingToPrint):
        score_reports([], "zh", AT)

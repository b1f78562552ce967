"""Slips with a one-time code."""

from collections.abc import Callable
from datetime import datetime

import pytest

from question_bank.texts import Text
from tests.support.pdf import pages_of, shown_in, words_of
from training_app.documents.sheet import NothingToPrint
from training_app.documents.slips import CodeSlip, code_slips

Slip = Callable[..., CodeSlip]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("首次登录", "一次性代码", "登录名shen.zhixia", "有效期至2026-12-04周五14:30", "请当面交给本人")),
        ("en", ("Firstsign-in", "One-timecode", "Sign-innameshen.zhixia", "Validuntil2026-12-04Fri14:30", "inperson")),
    ],
)
def test_a_slip_tells_all_that_is_needed(slip: Slip, made_at: datetime, language: str, words: tuple[str, ...]) -> None:
    (page,) = words_of(code_slips([slip()], language, made_at))
    told = (*words, "7KQ4-M2XD-P9TR-0VHB", "沈知夏ShenZhixia", "https://training.example/sign-in")
    assert [word for word in told if word not in page] == []


def test_a_slip_is_a5(slip: Slip, made_at: datetime) -> None:
    box = pages_of(code_slips([slip()], "zh", made_at))[0].mediabox
    assert (round(box.width), round(box.height)) == (420, 595)


def test_each_slip_is_a_page_of_its_own(slip: Slip, made_at: datetime) -> None:
    pages = words_of(code_slips([slip(code="AAAA"), slip(code="BBBB")], "zh", made_at))
    assert ["AAAA" in page for page in pages] == [True, False]


@pytest.mark.parametrize("hostile", ["<b>x</b>", "\u202e\x00夏", "שלום", "{0}%s", "沈" * 500, "x" * 500])
def test_hostile_text_is_printed_harmlessly(slip: Slip, made_at: datetime, hostile: str) -> None:
    sheet = slip(
        name_zh=hostile, name_en=hostile, username=hostile, code=hostile, where=Text(hostile, hostile),
        purpose=Text(hostile, hostile),
    )  # fmt: skip
    assert [one for one in shown_in(code_slips([sheet], "zh", made_at)) if one.is_missing] == []


def test_the_same_slip_is_the_same_bytes(slip: Slip, made_at: datetime) -> None:
    assert code_slips([slip()], "zh", made_at) == code_slips([slip()], "zh", made_at)


def test_no_slip_is_nothing_to_print(made_at: datetime) -> None:
    with pytest.raises(NothingToPrint):
        code_slips([], "zh", made_at)

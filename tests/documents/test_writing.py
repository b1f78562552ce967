"""Text on paper: what is printed of it and where its lines break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_app.documents.writing import NO_GLYPH, NOT_FIRST, Style, fitted, lines_of, printable, runs_of, shortened

TEN = Style(10, 16)
MIXED = st.text(alphabet="认证海关人员，。、；（）《》“”AEO ab12-/%,.", max_size=80)


@given(MIXED, st.integers(min_value=60, max_value=400))
def test_no_line_is_wider_than_its_column(text: str, width: int) -> None:
    assert [line for line in lines_of(text, TEN, width) if TEN.width_of(line) > width + 0.01] == []


@given(MIXED, st.integers(min_value=60, max_value=400))
def test_every_character_is_kept(text: str, width: int) -> None:
    lines = lines_of(text, TEN, width)
    assert "".join("".join(lines).split()) == "".join(printable(text).split())


@given(
    st.lists(st.sampled_from(["认证", "海关，", "标准。", "AEO", "（苏州）", "《办法》、", "98%；", "a"]), max_size=40)
)
def test_no_line_begins_with_a_closing_mark(parts: list[str]) -> None:
    lines = lines_of("".join(parts), TEN, 90)
    assert [line for line in lines if line[0] in NOT_FIRST] == []


@given(st.lists(st.sampled_from(["认证", "海关，", "（苏州）", "《办法》", "“三年”", "AEO"]), max_size=40))
def test_no_line_ends_with_an_opening_mark(parts: list[str]) -> None:
    lines = lines_of("".join(parts), TEN, 90)
    assert [line for line in lines if line[-1] in "（《“"] == []


def test_chinese_breaks_between_any_two_characters() -> None:
    assert lines_of("海关高级认证企业标准", TEN, 52) == ["海关高级认", "证企业标准"]


def test_english_breaks_between_words() -> None:
    assert lines_of("Keep quiet in the examination room", TEN, 90) == ["Keep quiet in the", "examination room"]


def test_a_word_that_is_too_long_is_broken() -> None:
    assert len(lines_of("x" * 200, TEN, 100)) > 5


def test_the_last_line_is_not_a_single_character() -> None:
    assert lines_of("海关高级认证企业标", TEN, 82) == ["海关高级认证企", "业标"]


def test_an_empty_text_has_no_line() -> None:
    assert lines_of(" \n\t", TEN, 100) == []


def test_lines_that_are_too_many_end_with_an_ellipsis() -> None:
    lines = lines_of("海关" * 100, TEN, 100, most=2)
    assert len(lines) == 2 and lines[-1].endswith("…") and TEN.width_of(lines[-1]) <= 100


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("王\u202e芳\u202c\u200f", "王芳"),
        ("王\x00\x07\x1b[31m芳", "王[31m芳"),
        ("王\r\n芳\u2028\u00a0小\u3000妹", "王 芳 小 妹"),
        ("葛\U000e0100城", "葛城"),
        ("שלום", NO_GLYPH * 4),
        ("a\ud800b", f"a{NO_GLYPH}b"),
        ("👮", NO_GLYPH),
        ("e\u0301", "é"),
        ("the firm’s “criteria”", 'the firm\'s "criteria"'),
        ("“三年内”", "“三年内”"),
    ],
)
def test_only_what_the_typeface_shows_is_printed(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_a_gap_is_left_between_chinese_and_latin() -> None:
    assert runs_of("符合AEO标准第8项") == ["符合", "AEO", "标准第", "8", "项"]


def test_the_gap_is_part_of_the_width() -> None:
    assert TEN.width_of("第8项") == pytest.approx(TEN.width_of("第") + TEN.width_of("8") + TEN.width_of("项") + 2.5)


def test_a_shortened_text_fits() -> None:
    cut = shortened("演示国际供应链管理有限公司", TEN, 60)
    assert cut == "演示国际供…"


def test_a_text_that_fits_is_not_shortened() -> None:
    assert shortened("演示", TEN, 60) == "演示"


def test_a_long_number_is_set_smaller() -> None:
    assert TEN.scaled(0.5) == fitted("8" * 1000, TEN, 100, 5)

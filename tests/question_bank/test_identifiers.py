import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.identifiers import (
    MASK,
    aeo_code,
    is_aeo_code,
    is_customs_code,
    is_identity_number,
    is_uscc,
    mask_identity_numbers,
)

PRINTED = ("11010519491231002X", "440524188001010014")  # the standard's own examples
modest = settings(deadline=None, max_examples=200)


@pytest.mark.parametrize(
    "code",
    ["91110108551385082Q", "91990000MA0AEW00KK", "91990000MA0AE00250", "91990000MA0AE0015Y", "91990000ma0aew00kk"],
)
def test_credit_codes_with_their_right_check_are_valid(code: str) -> None:
    assert is_uscc(code)


@pytest.mark.parametrize(
    "code",
    ["91990000MA0AEW00KL", "91310115MA1H8R7C6D", "9199000OMA0AEW00KK", "91990000MA0AEW00K", "", "９1990000MA0AEW00KK"],
)
def test_credit_codes_with_a_wrong_check_or_form_are_not(code: str) -> None:
    assert not is_uscc(code)


@pytest.mark.parametrize("code", ["0123456789", "44039309KX", "44039309kx", " 4403930999 "])
def test_customs_codes_have_five_digits_and_five_digits_or_letters(code: str) -> None:
    assert is_customs_code(code)


@pytest.mark.parametrize(
    "code", ["012345678", "01234567890", "4403A309KX", "440393ß9K", "44039309K-", "４４０３９３０９９９"]
)
def test_other_texts_are_no_customs_codes(code: str) -> None:
    assert not is_customs_code(code)


def test_the_aeo_code_is_derived_from_the_customs_code() -> None:
    assert aeo_code("44039309kx") == "AEOCN44039309KX"
    assert is_aeo_code("AEOCN0123456789")
    assert not is_aeo_code("AEOCN012345678")
    assert not is_aeo_code("SG123456789012")


def test_no_aeo_code_comes_from_a_wrong_customs_code() -> None:
    with pytest.raises(ValueError, match="ten characters"):
        aeo_code("123")


@pytest.mark.parametrize(
    "number", [*PRINTED, "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002X"]
)
def test_the_printed_examples_are_identity_numbers_however_written(number: str) -> None:
    assert is_identity_number(number)


@pytest.mark.parametrize(
    "number", ["110105194912310021", "11010519491331002X", "11010519491231002", "91110108551385082Q", "", "A" * 18]
)
def test_other_texts_are_no_identity_numbers(number: str) -> None:
    assert not is_identity_number(number)


@pytest.mark.parametrize(
    "number",
    [
        *PRINTED,
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
        "110105-19491231-002x",
        "110105 — 19491231 — 002X",
        "110105\u200b19491231\u200b002X",
        "4405 2418 8001 0100 14",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "身份证{}。", "ID{}", "({})", "call 13800001111 {} today", "1 {} 2", "{}，{}"]
)
def test_identity_numbers_in_texts_are_masked(number: str, around: str) -> None:
    text = around.replace("{}", number)
    assert mask_identity_numbers(text) == around.replace("{}", MASK)


@pytest.mark.parametrize(
    "text",
    [
        "91990000MA0AEW00KK",
        "代码 91110108551385082Q 。",
        "110105194912310021",
        "1110105194912310021",
        "1" + PRINTED[0],
        PRINTED[1] + "5",
        "2026-04-01 2026-04-02 2026-04-03",
        "",
    ],
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert mask_identity_numbers(text) == text


@modest
@given(st.text(alphabet="0123456789Xx -１身a", max_size=80), st.sampled_from(PRINTED), st.text(max_size=20))
def test_masking_twice_changes_nothing(before: str, number: str, after: str) -> None:
    once = mask_identity_numbers(f"{before}，{number} {after}")
    assert number not in once
    assert mask_identity_numbers(once) == once


def test_a_long_text_of_digits_is_masked_step_by_step() -> None:
    # were the time to grow with the square, this would take minutes
    assert mask_identity_numbers("1 " * 50_000).startswith("1 1")
    assert mask_identity_numbers("1" * 100_000) == "1" * 100_000

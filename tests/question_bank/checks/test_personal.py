import pytest

from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini

PRINTED_IN_THE_STANDARD = "11010519491231002X"


def said(text):
    return mini.item(rationale=Text(f"留存3年。{text}", f"Held for 3 years. {text}"))


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (PRINTED_IN_THE_STANDARD, "E"),
        (" ".join(PRINTED_IN_THE_STANDARD), "E"),
        ("91110108551385082Q", "E"),
        ("AEOCN4403930912", "W"),
    ],
)
def test_a_number_that_may_be_somebodys_is_found(text, severity):
    assert (severity, "C22", "MINI-1", "rationale.zh") in mini.found(said(text))


@pytest.mark.parametrize("text", ["91990000MA0AEW00KK", "91990000MA0AEW00KL", "110105194912310021", "AEOCN1234567890"])
def test_an_invented_number_is_let_be(text):
    assert {entry for entry in mini.found(said(text)) if entry[1] == "C22"} == set()


def test_a_number_in_a_case_is_found():
    title = Text(f"证件{PRINTED_IN_THE_STANDARD}", f"Number {PRINTED_IN_THE_STANDARD}")
    assert ("E", "C22", "CASE-1", "title.en") in mini.found(cases=[mini.case(title=title)])

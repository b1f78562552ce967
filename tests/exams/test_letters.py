"""Answers told by the letters that the candidate saw."""

import pytest

from question_bank.items import Kind
from training_app.exams.letters import in_letters


@pytest.mark.parametrize(
    ("kind", "payload", "told"),
    [
        (Kind.SINGLE, ["x"], "C"),
        (Kind.MULTIPLE, ["x", "z"], "A, C"),
        (Kind.ORDERING, ["x", "z", "y"], "C, A, B"),
        (Kind.MATCHING, {"2": "z", "1": "y"}, "1 B, 2 A"),
        (Kind.NUMERIC, "37.50", "37.50"),
        (Kind.MULTIPLE, [], ""),
        (Kind.MATCHING, {}, ""),
        (Kind.SINGLE, None, ""),
        (Kind.SINGLE, ["gone"], "?"),
    ],
)
def test_an_answer_is_told_by_the_letters_on_the_paper(kind: Kind, payload: object, told: str) -> None:
    assert in_letters(kind, ("z", "y", "x"), payload) == told

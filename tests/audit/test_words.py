"""Every act that the code records has a name, and details are read as words."""

import ast

import pytest

from tests.support.paths import ROOT
from tests.support.source import python_files
from training_app.audit.words import ACT_NAMES, details_in_words
from training_app.people.names import value_in_words

RECORDERS = {"Act", "act_on_person", "act_on_organisation", "act_on_bookable"}
WHERE_THEY_ARE_DEFINED = {"training_app/people/acts.py", "training_app/bookings/acts.py"}
WITHOUT_RECORDS = "training_app/media/"
"""An `Act` there is what a token allows."""


def acts_recorded() -> set[str]:
    """The first argument of every call that makes an act."""
    found = set()
    for path in python_files(ROOT, "training_app"):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        file = path.relative_to(ROOT).as_posix()
        if file in WHERE_THEY_ARE_DEFINED or file.startswith(WITHOUT_RECORDS):
            continue
        for call in calls:
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in RECORDERS:
                assert isinstance(call.args[0], ast.Constant), (
                    f"{path}:{call.lineno}: an act is named by a plain string"
                )
                found.add(call.args[0].value)
    return found


def test_every_act_that_is_recorded_has_a_name_and_no_other_has() -> None:
    assert acts_recorded() == set(ACT_NAMES)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"role": "trainee", "base": "suzhou"}, "Role: Trainee; Base: Suzhou"),
        ({"name_en": ["A", "B"]}, "English name: A → B"),
        ({"organisation": ["A", ""]}, "Organisation: A → –"),
        ({"known_account": True, "blocked": False}, "Account exists: yes; Account blocked: no"),
        ({"base": "*"}, "Base: All bases"),
        ({"kind": "first"}, "Kind: first sign-in"),
        ({"unheard": {"of": 1}}, "unheard: {'of': 1}"),
        ({}, ""),
        (None, "erased"),
    ],
)
def test_details_are_read_as_words(home, details, words: str) -> None:
    with home.app.test_request_context(headers={"Accept-Language": "en"}):
        assert details_in_words(details, value_in_words) == words
